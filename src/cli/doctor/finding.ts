/** What doctor says of a machine. Pure. */

/** Something that keeps lvsd or the load balancing from working (`error`), or may one day (`warning`). */
export type Finding = {
  readonly severity: 'error' | 'warning';
  /** What was looked at, in a word that stays the same when the text changes. */
  readonly check: string;
  readonly what: string;
  /** What follows from it for the clients. */
  readonly meaning: string;
  /** The one command, or the one line of a file, that mends it. */
  readonly mend?: string;
};

/** What was asked over the network: of `of` there were, `asked`, and `good` answered as they ought to. */
export type Tally = { readonly of: number; readonly asked: number; readonly good: number };

export type DoctorReport = {
  readonly file: string;
  readonly host: string;
  readonly findings: readonly Finding[];
  /** By what was asked: `ping`, `arp`, `http`. */
  readonly asked: Readonly<Record<string, Tally>>;
  readonly tookMs: number;
};

/** Warnings alone are no reason to stop a script. */
export function exitCode(findings: readonly Finding[]): number {
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}

const MOST_NAMES = 5;

/** `a, b, c, d, e and 7 more`: a page has room for no more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
