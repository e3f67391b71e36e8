/** Variables of a configuration: `$NAME=VALUE`, put in at use, lazily and recursively. */
import type { Report } from './report.js';
import { join, type Place, placeAt, slice, type Text, textAt, through } from './text.js';

/** What a variable stands for: one line, or several that are put in where its use ends a line. */
export type Definition = { readonly lines: readonly Text[]; readonly multiline: boolean };

/** A variable that is worked out at each use; undefined when its arguments are not of its form. */
export type BuiltIn = (args: readonly string[]) => string | undefined;

export type Variables = {
  readonly definitions: Map<string, Definition>;
  readonly builtIns: ReadonlyMap<string, BuiltIn>;
};

export type Substituted = {
  readonly line: Text;
  /** Further lines of a variable of several lines, to be taken after this one. */
  readonly more: readonly Text[];
};

/** Replacements in one line. */
const REPLACEMENTS = 1000;
/** Characters of a line after replacement. */
const LENGTH = 16_384;

const DEFINITION = /^\$([A-Za-z_]\w*)[ \t]*=/;
const USE = /\$(?:\{([A-Za-z_]\w*)((?:[ \t]+\w+)*)\}|([A-Za-z_]\w*)(?=[ \t,)]|$))/y;
/** `${…}` that is no use. */
const BRACED = /\$\{([^{}]*)\}/y;

/** The name and value of a line `$NAME=VALUE`, or undefined when it is no definition. */
export function definitionIn(line: Text): { readonly name: string; readonly value: Text } | undefined {
  const match = DEFINITION.exec(line.text);
  if (match === null) return undefined;
  const from = match[0].length + (/^[ \t]*/.exec(line.text.slice(match[0].length))?.[0].length ?? 0);
  return { name: match[1] ?? '', value: slice(line, from) };
}

/**
 * Replaces every use of a defined variable. Stops early when what stands first became a line to be looked at
 * anew: a condition, a loop or a definition.
 */
export function substitute(line: Text, variables: Variables, report: Report): Substituted | undefined {
  let current = line;
  let more: readonly Text[] = [];
  let count = 0;
  let at = current.text.indexOf('$');
  while (at >= 0) {
    const found = useAt(current, at, variables, report);
    if (found === undefined) {
      current = withoutBraces(current, at, report);
      at = current.text.indexOf('$', at + 1);
      continue;
    }
    count += 1;
    if (count > REPLACEMENTS || current.text.length > LENGTH)
      return endless(current, { at, name: found.name, report });
    more = [...found.more, ...more];
    current = join([slice(current, 0, at), found.value, slice(current, found.end)]);
    if (at === 0 && /^(?:[@~]|\$[A-Za-z_]\w*[ \t]*=)/.test(current.text)) break;
    at = current.text.indexOf('$', at);
  }
  return { line: current, more };
}

type Endless = { readonly at: number; readonly name: string; readonly report: Report };

function endless(line: Text, { at, name, report }: Endless): undefined {
  report.error(placeAt(line, at), `$${name}: the line never stops growing: a variable that uses itself?`);
}

type Found = {
  readonly name: string;
  readonly end: number;
  readonly value: Text;
  readonly more: readonly Text[];
};

function useAt(line: Text, at: number, variables: Variables, report: Report): Found | undefined {
  USE.lastIndex = at;
  const match = USE.exec(line.text);
  if (match === null) return undefined;
  const name = match[1] ?? match[3] ?? '';
  const end = at + match[0].length;
  const place = placeAt(line, at);
  const definition = variables.definitions.get(name);
  if (definition === undefined)
    return builtInAt({ name, end, place, args: match[2] ?? '' }, variables, report);
  const [first = textAt('', place), ...rest] = definition.lines.map((text) =>
    through(text, { variable: name, place }),
  );
  if (definition.multiline && end !== line.text.length) {
    report.error(place, `$${name} holds several lines: nothing may follow it on the line`);
    return { name, end, value: textAt('', place), more: [] };
  }
  return { name, end, value: first, more: rest };
}

type Use = { readonly name: string; readonly end: number; readonly place: Place; readonly args: string };

function builtInAt({ name, end, place, args }: Use, variables: Variables, report: Report): Found | undefined {
  const builtIn = variables.builtIns.get(name);
  if (builtIn === undefined) return undefined;
  const value = builtIn(args.split(/[ \t]+/).filter((word) => word !== ''));
  if (value === undefined) report.error(place, `\${${name}${args}}: its arguments are wrong`);
  return { name, end, value: textAt(value ?? '', place), more: [] };
}

/** An undefined `${NAME}` stays as typed in quotes; outside of them its braces would be taken for a block. */
function withoutBraces(line: Text, at: number, report: Report): Text {
  BRACED.lastIndex = at;
  const match = BRACED.exec(line.text);
  if (match === null || isQuoted(line.text, at)) return line;
  report.error(placeAt(line, at), `${match[0]} is not defined`);
  const [name = ''] = match.slice(1);
  return join([
    slice(line, 0, at + 1),
    slice(line, at + 2, at + 2 + name.length),
    slice(line, at + match[0].length),
  ]);
}

function isQuoted(text: string, at: number): boolean {
  return (text.slice(0, at).match(/"/g)?.length ?? 0) % 2 === 1;
}
