/** Types of arguments: flags, words, numbers, times. */
import { type Arguments, ignoreFrom, reject, remark } from '../arguments.js';
import type { Type } from '../keyword.js';
import type { Word } from '../lexer.js';
import { lookup } from '../lookup.js';

/** Present or not. */
export const flag: Type<true> = {
  syntax: '',
  parse: (args) => {
    const [word] = args.words;
    if (word !== undefined)
      remark(args, word, 'ignored: the keyword takes no argument and is in force by being there');
    return true;
  },
};

/** Takes no argument, and warns of one: blocks without a name. */
export const nothing: Type<true> = {
  syntax: '',
  parse: (args) => {
    ignoreFrom(args, 0);
    return true;
  },
};

/** on, off and their like; bare means on. */
export const bool: Type<boolean> = {
  syntax: '[on | off | true | false | yes | no]',
  parse: (args) => {
    if (args.words.length === 0) return true;
    return one(
      args,
      bool.syntax,
      (word) => lookup(BOOLS, word.text) ?? reject(args, word, 'expected on, off, true, false, yes or no'),
    );
  },
};

const BOOLS: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  off: false,
  false: false,
  no: false,
};

/** Any single word, or a text in double quotes. */
export function text(syntax = 'TEXT', options: { readonly longest?: number } = {}): Type<string> {
  const { longest = Infinity } = options;
  return {
    syntax,
    parse: (args) =>
      one(args, syntax, (word) => {
        if (word.text === '') return reject(args, word, `expected ${syntax}, not an empty text`);
        if (word.text.length > longest) return reject(args, word, `expected at most ${longest} characters`);
        return word.text;
      }),
  };
}

/** One of several words. */
export function oneOf<const T extends string>(list: readonly T[]): Type<T> {
  const syntax = list.join(' | ');
  return {
    syntax,
    parse: (args) =>
      one(args, syntax, (word) => {
        return (
          list.find((name) => name === word.text) ?? reject(args, word, `expected one of ${list.join(', ')}`)
        );
      }),
  };
}

/** A word that may be left out, or nothing. */
export function optionally<const T extends string>(name: T): Type<T | 'bare'> {
  const inner = oneOf([name]);
  return {
    syntax: `[${name}]`,
    parse: (args) => (args.words.length === 0 ? 'bare' : inner.parse(args)),
  };
}

export type Range = { readonly min: number; readonly max: number };

/** A whole number. */
export function integer(range: Range, options: { readonly bare?: number } = {}): Type<number> {
  const { bare } = options;
  const inner = syntaxOf('N', range);
  const syntax = bare === undefined ? inner : `[${inner}]`;
  return {
    syntax,
    parse: (args) => {
      if (args.words.length === 0 && bare !== undefined) return bare;
      return one(args, syntax, (word) => readInteger(args, word, range));
    },
  };
}

/** Reads one word as a whole number; reports and gives undefined otherwise. */
export function readInteger(args: Arguments, word: Word, range: Range): number | undefined {
  if (!/^[+-]?\d{1,20}$/.test(word.text))
    return reject(args, word, `expected a whole number ${between(range)}`);
  const value = Number(word.text);
  if (value < range.min || value > range.max)
    return reject(args, word, `expected a number ${between(range)}`);
  return value === 0 ? 0 : value;
}

/** A time in seconds with decimals, given in milliseconds rounded to microseconds. */
export function seconds(range: Range, options: { readonly unit?: string } = {}): Type<number> {
  const syntax = syntaxOf(options.unit ?? 'SECONDS', range);
  return { syntax, parse: (args) => one(args, syntax, (word) => readSeconds(args, word, range)) };
}

/** Reads one word as seconds and gives milliseconds. */
export function readSeconds(args: Arguments, word: Word, range: Range): number | undefined {
  if (!/^(?:\d{1,15}(?:\.\d*)?|\.\d+)$/.test(word.text)) {
    return reject(args, word, `expected seconds ${between(range)}, with decimals if need be`);
  }
  const value = Math.round(Number(word.text) * 1e6) / 1e6;
  if (value < range.min || value > range.max) return reject(args, word, `expected seconds ${between(range)}`);
  return Math.round(value * 1e6) / 1e3;
}

/** Anything at all, for what is known by name only. */
export const anything: Type<true> = { syntax: '…', parse: () => true };

/** Reads exactly one argument; says what is missing or too much. */
export function one<T>(args: Arguments, syntax: string, read: (word: Word) => T | undefined): T | undefined {
  const [word] = args.words;
  if (word === undefined) return reject(args, undefined, `its argument is missing: expected ${syntax}`);
  ignoreFrom(args, 1);
  return read(word);
}

export function between({ min, max }: Range): string {
  if (max === Infinity) return `of ${min} or more`;
  return `between ${min} and ${max}`;
}

function syntaxOf(unit: string, { min, max }: Range): string {
  if (max === Infinity) return min === 0 ? unit : `${unit} ≥ ${min}`;
  return `${unit} ${min}–${max}`;
}
