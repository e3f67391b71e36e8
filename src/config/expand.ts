/**
 * From files to the lines that count: comments, conditions (@ID), includes, variables and loops are worked out here.
 * Every line comes out with the places its characters are written at. Bounded in lines, files and nesting.
 */
import { builtIns, type Surroundings } from './built-ins.js';
import { type IncludeChecks, includedFiles, includeIn, NO_CHECKS, withIncludeCheck } from './include.js';
import { tokens, words } from './lexer.js';
import { isLoop, readLoop } from './loops.js';
import { type PhysicalLine, physicalLine } from './physical-line.js';
import type { Report } from './report.js';
import { type Place, placeAt, slice, type Text, textAt, trim } from './text.js';
import { definitionIn, substitute, type Variables } from './variables.js';

export type Expansion = Surroundings & {
  readonly report: Report;
  /** Takes the lines, none of them blank. */
  readonly emit: (line: Text) => void;
};

const LINES = 2_000_000;
const FILES = 10_000;
const DEPTH = 64;

type State = Expansion & {
  readonly variables: Variables;
  readonly open: string[];
  checks: IncludeChecks;
  lines: number;
  files: number;
  stopped: boolean;
};

/** Gives every effective line of a file and what it includes to `emit`. */
export function expandFile(file: string, expansion: Expansion): void {
  const open: string[] = [];
  const state: State = {
    ...expansion,
    variables: { definitions: new Map(), builtIns: builtIns(expansion, () => open.at(-1) ?? file) },
    open,
    checks: NO_CHECKS,
    lines: 0,
    files: 0,
    stopped: false,
  };
  runFile(state, file, { file, line: 1, column: 1 });
}

function runFile(state: State, file: string, place: Place): void {
  if (state.open.includes(file)) {
    state.report.error(place, `include "${file}": it is being read already`);
    return;
  }
  state.files += 1;
  if (state.files > FILES || state.open.length >= DEPTH) {
    stop(
      state,
      place,
      `more than ${state.files > FILES ? `${FILES} files` : `${DEPTH} files within each other`}`,
    );
    return;
  }
  const content = state.reader.read(file);
  if ('error' in content) {
    state.report.error(place, `cannot read ${file}: ${content.error}`);
    return;
  }
  state.open.push(file);
  runLines(state, file, content.text);
  state.open.pop();
}

/** A definition whose lines end in backslashes, while it is being read. */
type Unfinished = { readonly head: Text; readonly more: Text[] };

function runLines(state: State, file: string, content: string): void {
  let unfinished: Unfinished | undefined;
  let number = 0;
  for (let start = 0; start <= content.length; ) {
    if (state.stopped) return;
    const newline = content.indexOf('\n', start);
    const end = newline < 0 ? content.length : newline;
    const raw = content.slice(start, end);
    start = end + 1;
    number += 1;
    const line = physicalLine(
      textAt(raw.replace(/\r+$/, ''), { file, line: number, column: 1 }),
      state.report,
    );
    unfinished = takeLine(state, line, unfinished);
  }
  if (unfinished !== undefined) runLine(state, unfinished.head, 0, unfinished.more);
}

/** Runs a line, or puts it to the definition it belongs to; gives the definition that is not complete yet. */
function takeLine(
  state: State,
  physical: PhysicalLine,
  unfinished: Unfinished | undefined,
): Unfinished | undefined {
  if (physical === 'passed over') return unfinished;
  if (physical === 'empty') {
    if (unfinished === undefined || isInBlock(unfinished)) return unfinished;
    runLine(state, unfinished.head, 0, unfinished.more);
    return undefined;
  }
  const { line, continued } = physical;
  if (unfinished === undefined && continued && definitionIn(unconditional(line)) !== undefined) {
    return { head: line, more: [] };
  }
  if (unfinished === undefined) {
    runLine(state, line, 0);
    return undefined;
  }
  if (line.text !== '') unfinished.more.push(line);
  if (continued) return unfinished;
  runLine(state, unfinished.head, 0, unfinished.more);
  return undefined;
}

/** An empty line ends a definition, unless a block in it is still open. */
function isInBlock({ head, more }: Unfinished): boolean {
  let depth = 0;
  for (const { kind } of [head, ...more].flatMap(tokens))
    depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0;
  return depth > 0;
}

/** `more` are the further lines of a definition. */
function runLine(state: State, line: Text, depth: number, more: readonly Text[] = []): void {
  if (!admit(state, line, depth)) return;
  const { text } = line;
  if (text === '') return;
  if (text.startsWith('@')) {
    runConditional(state, line, depth, more);
    return;
  }
  const definition = text.startsWith('$') ? definitionIn(line) : undefined;
  if (definition !== undefined) {
    define(state, definition.name, definition.value, more);
    return;
  }
  if (isLoop(line)) runLoop(state, line, depth);
  else if (text.includes('$')) runSubstituted(state, line, depth);
  else runPlain(state, line);
}

function runSubstituted(state: State, line: Text, depth: number): void {
  const result = substitute(line, state.variables, state.report);
  if (result === undefined) return;
  const first = trim(result.line);
  if (first !== line && /^[@~$]/.test(first.text) && first.text !== line.text)
    runLine(state, first, depth + 1);
  else if (first.text !== '') runPlain(state, first);
  for (const next of result.more) runLine(state, next, depth + 1);
}

function runPlain(state: State, line: Text): void {
  const include = line.text.startsWith('include') ? includeIn(line, state.checks) : undefined;
  if (include === undefined) {
    if (line.text.startsWith('include_check')) {
      state.checks = withIncludeCheck(
        words(line)
          .slice(1)
          .map(({ text }) => text),
        state.checks,
      );
    }
    state.emit(line);
    return;
  }
  const files = includedFiles(include, state.open.at(-1) ?? '', state);
  for (const file of files) if (!state.stopped) runFile(state, file, placeAt(line, 0));
}

function runConditional(state: State, line: Text, depth: number, more: readonly Text[]): void {
  const [, not, id] = /^@(\^?)(\S*)/.exec(line.text) ?? [];
  if ((id === state.instance) === (not === '')) runLine(state, unconditionalOnce(line), depth + 1, more);
}

function unconditionalOnce(line: Text): Text {
  return trim(slice(line, /^@\S*/.exec(line.text)?.[0].length ?? 0));
}

function unconditional(line: Text): Text {
  return /^(?:@\S*[ \t]+)+/.test(line.text)
    ? slice(line, /^(?:@\S*[ \t]+)+/.exec(line.text)?.[0].length ?? 0)
    : line;
}

function define(state: State, name: string, first: Text, more: readonly Text[]): void {
  const multiline = more.length > 0;
  const lines = multiline && first.text === '' ? more : [first, ...more];
  state.variables.definitions.set(name, { lines, multiline });
}

function runLoop(state: State, line: Text, depth: number): void {
  const expand = (text: Text) => substitute(text, state.variables, state.report)?.line ?? text;
  const loop = readLoop(line, expand, state.report);
  if (loop === undefined) return;
  const { definitions } = state.variables;
  const before = loop.names.map((name) => [name, definitions.get(name)] as const);
  for (const values of loop.rounds()) {
    if (state.stopped) return;
    for (const [index, name] of loop.names.entries()) {
      const value = values[index];
      if (value !== undefined) definitions.set(name, { lines: [value], multiline: false });
    }
    runLine(state, loop.body, depth + 1);
  }
  for (const [name, definition] of before) {
    if (definition === undefined) definitions.delete(name);
    else definitions.set(name, definition);
  }
}

function admit(state: State, line: Text, depth: number): boolean {
  if (state.stopped) return false;
  state.lines += 1;
  if (state.lines > LINES) stop(state, placeAt(line, 0), `more than ${LINES} lines after expansion`);
  else if (depth > DEPTH) stop(state, placeAt(line, 0), `variables and loops more than ${DEPTH} deep`);
  return !state.stopped;
}

function stop(state: State, place: Place, why: string): void {
  if (!state.stopped) state.report.error(place, `${why}: reading stops here`);
  state.stopped = true;
}
