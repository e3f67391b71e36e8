/** Variables that are there without being defined: `${_PWD}`, `${_INSTANCE}`, `${_ENV NAME}`, `${_RANDOM}`, `${_HASH}`, `${_BANG}`. */
import type { Reader } from './reader.js';
import type { BuiltIn } from './variables.js';

/** Where and for whom a file is read. */
export type Surroundings = {
  readonly reader: Reader;
  /** What @ID is compared with and ${_INSTANCE} stands for. */
  readonly instance: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** At least 0, below 1. */
  readonly random: () => number;
};

/** `file` is asked for the file being read at each use. */
export function builtIns(
  { reader, instance, environment, random }: Surroundings,
  file: () => string,
): ReadonlyMap<string, BuiltIn> {
  return new Map<string, BuiltIn>([
    ['_PWD', (args) => (args.length === 0 ? reader.directoryOf(file()) : undefined)],
    ['_INSTANCE', (args) => (args.length === 0 ? instance : undefined)],
    ['_HASH', (args) => (args.length === 0 ? '#' : undefined)],
    ['_BANG', (args) => (args.length === 0 ? '!' : undefined)],
    [
      '_ENV',
      ([name, ...rest]) => (name === undefined || rest.length > 0 ? undefined : (environment[name] ?? '')),
    ],
    ['_RANDOM', (args) => randomBetween(args, random)],
  ]);
}

function randomBetween(args: readonly string[], random: () => number): string | undefined {
  if (args.length > 2 || !args.every((word) => /^\d{1,9}$/.test(word))) return undefined;
  const [min = 0, max = 32_767] = args.map(Number);
  return max < min ? undefined : String(min + Math.floor(random() * (max - min + 1)));
}
