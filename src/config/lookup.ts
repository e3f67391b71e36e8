/** A record's own value of a key that comes from outside: `constructor` is no key of `{}`. */
export function lookup<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
