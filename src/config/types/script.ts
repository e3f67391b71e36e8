/** Scripts: a command line, then the user and group it runs as. */

import type { Script } from '../../script.js';
import { type Arguments, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import type { Word } from '../lexer.js';
import { type QuotedWord, splitQuoted } from '../quoting.js';

export type Owner = { readonly user: string; readonly group?: string };

/** `"COMMAND ARGUMENTS" [USER[:GROUP]]`, quoted as `quoting.ts` has it. */
export const script: Type<Script> = {
  syntax: 'COMMAND [USER [GROUP]]',
  parse: (args) => {
    const parts = quotedArguments(args, { escapes: false });
    if (parts === undefined) return undefined;
    const [command, ...rest] = parts;
    if (command === undefined) return reject(args, undefined, 'its argument is missing: expected a command');
    const argv = splitQuoted(command.text, { escapes: true });
    if ('fault' in argv) return reject(args, asWord(command), argv.fault);
    const [program] = argv.words;
    if (program === undefined || program.text === '')
      return reject(args, asWord(command), 'expected a command');
    const owner = readOwner(args, rest);
    if (rest.length > 0 && owner === undefined) return undefined;
    return { argv: argv.words.map(({ text }) => text), ...owner };
  },
};

/** A script, or none: the keyword alone means something. */
export const scriptOrNone: Type<{ readonly script?: Script }> = {
  syntax: '[COMMAND [USER [GROUP]]]',
  parse: (args) => {
    if (args.words.length === 0) return {};
    const parsed = script.parse(args);
    return parsed === undefined ? undefined : { script: parsed };
  },
};

/** A program with its arguments, in quotes or not. */
export const commandLine: Type<readonly string[]> = {
  syntax: 'COMMAND [ARGUMENT …]',
  parse: (args) => {
    const parts = quotedArguments(args, { escapes: true });
    if (parts === undefined) return undefined;
    const list = parts.map(({ text }) => text);
    return list.length > 0 ? list : reject(args, undefined, 'its argument is missing: expected a command');
  },
};

/** `USER [GROUP]`, with or without a colon between. */
export const owner: Type<Owner> = {
  syntax: 'USER [GROUP]',
  parse: (args) => {
    if (args.words.length === 0)
      return reject(args, undefined, 'its argument is missing: expected USER [GROUP]');
    return readOwner(args, args.words);
  },
};

/** What follows the keyword, quoted as scripts are. Reports a fault and gives undefined. */
export function quotedArguments(
  args: Arguments,
  options: { readonly escapes: boolean },
): readonly QuotedWord[] | undefined {
  const from = args.keyword.length;
  const { text } = args.text;
  const start = text.startsWith('"') ? from + 2 : from;
  const split = splitQuoted(text.slice(start), options);
  if ('fault' in split) {
    return reject(
      args,
      { text: text.slice(start).trim(), start: start + split.at, end: text.length, quoted: false },
      split.fault,
    );
  }
  return split.words.map((word) => ({ text: word.text, start: word.start + start, end: word.end + start }));
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/;

function readOwner(args: Arguments, parts: readonly QuotedWord[]): Owner | undefined {
  const names = parts.flatMap((part) => {
    return part.text
      .split(':')
      .filter((name) => name !== '')
      .map((name) => ({ ...part, text: name }));
  });
  const wrong = names.find((name) => !NAME.test(name.text)) ?? names[2];
  if (wrong !== undefined) {
    reject(args, asWord(wrong), 'expected USER [GROUP] after the command: arguments belong in its quotes');
    return undefined;
  }
  const [user, group] = names;
  if (user === undefined) return undefined;
  return { user: user.text, ...(group === undefined ? {} : { group: group.text }) };
}

function asWord(word: QuotedWord): Word {
  return { ...word, quoted: false };
}
