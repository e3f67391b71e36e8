/** What an HTTP check is told: status codes, digests, expressions. */
import { reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { PCRE_OPTIONS, type PcreOption } from '../pcre-option.js';
import { one } from './basic.js';
import { quotedArguments } from './script.js';

export type StatusRange = { readonly from: number; readonly to: number };

export const STATUS = { min: 100, max: 599 } as const;

/** Codes and ranges of them, any number. */
export const statusCodes: Type<readonly StatusRange[]> = {
  syntax: 'N | N-M …, each 100–599',
  parse: (args) => {
    const ranges: StatusRange[] = [];
    if (args.words.length === 0)
      return reject(args, undefined, 'its argument is missing: expected codes or ranges of codes');
    for (const word of args.words) {
      const [, first = '', last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(word.text) ?? [];
      const range = { from: Number(first), to: Number(last) };
      if (first === '' || range.from < STATUS.min || range.to > STATUS.max || range.to < range.from) {
        return reject(
          args,
          word,
          `expected a code or a range of codes between ${STATUS.min} and ${STATUS.max}`,
        );
      }
      ranges.push(range);
    }
    return ranges;
  },
};

/** MD5 in hex, given in lower case. */
export const digest: Type<string> = {
  syntax: 'MD5 in 32 hexadecimal digits',
  parse: (args) =>
    one(args, digest.syntax, (word) => {
      return /^[0-9a-fA-F]{32}$/.test(word.text)
        ? word.text.toLowerCase()
        : reject(args, word, 'expected 32 hexadecimal digits');
    }),
};

/** A Perl-compatible expression: quoted, and with one layer of backslashes taken off, as scripts are. */
export const pattern: Type<string> = {
  syntax: 'EXPRESSION',
  parse: (args) => {
    const words = quotedArguments(args, { escapes: true });
    if (words === undefined) return undefined;
    const [word, extra] = words;
    if (word === undefined || word.text === '')
      return reject(args, undefined, 'its argument is missing: expected an expression');
    if (extra !== undefined)
      return reject(args, { ...extra, quoted: false }, 'expected one expression: put blanks in quotes');
    return word.text;
  },
};

export const patternOptions: Type<readonly PcreOption[]> = {
  syntax: 'WORD …',
  parse: (args) => {
    if (args.words.length === 0)
      return reject(args, undefined, 'its argument is missing: expected options of pcre2');
    const options: PcreOption[] = [];
    for (const word of args.words) {
      const option = PCRE_OPTIONS.find((name) => name === word.text);
      if (option === undefined) return reject(args, word, `expected one of ${PCRE_OPTIONS.join(', ')}`);
      options.push(option);
    }
    return options;
  },
};

/** As a request line has it: no blanks. */
export const path = printable('PATH');

/** A host name, with a port if need be, as a Host header has it. */
export const host = printable('NAME');

function printable(syntax: string): Type<string> {
  return {
    syntax,
    parse: (args) =>
      one(args, syntax, (word) => {
        const fits = /^[^\s\p{Cc}]+$/u.test(word.text);
        return fits
          ? word.text
          : reject(args, word, `expected a ${syntax.toLowerCase()} without blanks and control characters`);
      }),
  };
}
