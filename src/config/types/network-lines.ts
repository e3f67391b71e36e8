/** Lines of address, route and rule blocks: the addresses in them are checked. */
import type { Arguments } from '../arguments.js';
import type { Type } from '../keyword.js';
import { words } from '../lexer.js';
import { readPrefix } from './address.js';

export const anyLine: Type<true> = { syntax: '…', parse: () => true };

export const addressLine: Type<true> = {
  syntax: 'ADDRESS[/LENGTH] [dev INTERFACE] [scope S] [label L] [brd ADDRESS] [peer ADDRESS] …',
  parse: (args) => {
    const [first] = words(args.text);
    return first === undefined ? undefined : readPrefix(inLine(args, 'address'), first) && true;
  },
};

export const routeLine: Type<true> = {
  syntax: '[TYPE] [to] DESTINATION[/LENGTH] [via ADDRESS] [dev INTERFACE] [src ADDRESS] [table N] …',
  parse: (args) => checkAfter(args, ['to', 'dst', 'src', 'via', 'gw', 'or']),
};

export const ruleLine: Type<true> = {
  syntax: '[from ADDRESS[/LENGTH]] [to ADDRESS[/LENGTH]] [table N] [priority N] …',
  parse: (args) => checkAfter(args, ['from', 'to']),
};

/** Words that stand for an address, or for its family before one. */
const NAMED = ['default', 'any', 'all', 'inet', 'inet6'];

function checkAfter(args: Arguments, before: readonly string[]): true | undefined {
  const list = words(args.text);
  const faulty = list.filter((word, index) => {
    const previous = list[index - 1];
    if (previous === undefined || !before.includes(previous.text) || NAMED.includes(word.text)) return false;
    return readPrefix(inLine(args, previous.text), word) === undefined;
  });
  return faulty.length === 0 ? true : undefined;
}

function inLine(args: Arguments, keyword: string): Arguments {
  return { ...args, keyword };
}
