/** Where the addresses of an advert are not those configured here: most likely it is of another pair with our number. Pure. */

/** Those it has and we have not, and the reverse; at least one is there. */
export type OtherAddresses = { readonly has: readonly string[]; readonly lacks: readonly string[] };

/** So many are named; an advert can have 255. */
const MOST_NAMED = 8;

/** Undefined where they are the same, in whatever order and however often. */
export function otherAddresses(own: readonly string[], said: readonly string[]): OtherAddresses | undefined {
  const [ours, theirs] = [new Set(own), new Set(said)];
  const has = [...theirs].filter((each) => !ours.has(each));
  const lacks = [...ours].filter((each) => !theirs.has(each));
  return has.length + lacks.length === 0 ? undefined : { has, lacks };
}

/** `has 192.0.2.50, lacks 192.0.2.100` */
export function describeOtherAddresses({ has, lacks }: OtherAddresses): string {
  const parts = [
    ['has', has],
    ['lacks', lacks],
  ] as const;
  return parts
    .filter(([, list]) => list.length > 0)
    .map(([word, list]) => `${word} ${name(list)}`)
    .join(', ');
}

function name(list: readonly string[]): string {
  const rest = list.length - MOST_NAMED;
  return list.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
