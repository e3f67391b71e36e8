/** Collects what is to be said about a configuration: each thing once, and no more than a person can read. */
import type { Diagnostic } from './config.js';
import type { Place, Use } from './text.js';

export type Report = {
  readonly error: (place: Place, text: string) => void;
  readonly warn: (place: Place, text: string) => void;
  /** In the order of the text, file by file. */
  readonly diagnostics: () => readonly Diagnostic[];
};

/** More than this many are counted, not kept. */
const KEPT = 1000;

export function createReport(): Report {
  const kept = new Map<string, Diagnostic>();
  let dropped: Diagnostic | undefined;
  let droppedCount = 0;
  function add(severity: Diagnostic['severity'], place: Place, said: string): void {
    const { file, line, column } = place;
    const text = said + origin(place.through);
    const key = `${severity} ${file}:${line}:${column} ${text}`;
    if (kept.has(key)) return;
    if (kept.size < KEPT) {
      kept.set(key, { severity, file, line, column, text });
      return;
    }
    droppedCount += 1;
    if (dropped === undefined || (dropped.severity === 'warning' && severity === 'error')) {
      dropped = { severity, file, line, column, text };
    }
  }
  return {
    error: (place, text) => add('error', place, text),
    warn: (place, text) => add('warning', place, text),
    diagnostics: () => {
      const list = inOrder([...kept.values()]);
      if (dropped === undefined) return list;
      const last = { ...dropped, text: `${dropped.text} (and ${droppedCount - 1} more of such messages)` };
      return [...list, last];
    },
  };
}

/** `FILE:LINE:COL: error: text`, as compilers write it and editors jump to it. */
export function formatDiagnostic({ severity, file, line, column, text }: Diagnostic): string {
  return `${file}:${line}:${column}: ${severity}: ${text}`;
}

function origin(use: Use | undefined): string {
  if (use === undefined) return '';
  const { file, line, column, through } = use.place;
  return ` (from $${use.variable} at ${file}:${line}:${column}${through === undefined ? '' : ` in $${through.variable}`})`;
}

function inOrder(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Map<string, number>();
  for (const { file } of list) if (!files.has(file)) files.set(file, files.size);
  const rank = ({ file }: Diagnostic) => files.get(file) ?? 0;
  return list.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
