/** Kernel settings that are changed for as long as somebody needs them, and are then what they were. */
import { readSetting, writeSetting } from '../../net/sysctl.js';
import { SystemError } from '../../net/system-error.js';

/** What a setting was before, and what it was set to. */
export type Loan = { readonly before: string; readonly now: string };
/** By path below /proc/sys. */
export type Loans = Readonly<Record<string, Loan>>;

export type Borrowed = {
  /**
   * Sets these and puts back all others. One that is not there – its interface is not – is no error. What another hand has set since
   * is not put back. Anything else that is refused is returned.
   */
  readonly want: (settings: ReadonlyMap<string, string>) => readonly SystemError[];
  /** What is to be put back, for a successor. */
  readonly loans: () => Loans;
};

/** @param first what a predecessor has not put back */
export function createBorrowed(first: Loans, onChange: () => void): Borrowed {
  const loans = new Map(Object.entries(first));
  return { want, loans: () => Object.fromEntries(loans) };

  function want(settings: ReadonlyMap<string, string>): readonly SystemError[] {
    const unwanted = [...loans].filter(([path]) => !settings.has(path));
    const outcomes = [
      ...unwanted.map(([path, loan]) => giveBack(path, loan)),
      ...[...settings].map(([path, value]) => borrow(path, value)),
    ];
    return outcomes.filter((refused) => refused !== undefined && refused.code !== 'ENOENT') as SystemError[];
  }

  function borrow(path: string, value: string): SystemError | undefined {
    const before = readSetting(path);
    if (before instanceof SystemError) return before;
    if (before === value) return undefined;
    if (!loans.has(path)) {
      loans.set(path, { before, now: value });
      onChange();
    }
    return writeSetting(path, value);
  }

  function giveBack(path: string, { before, now }: Loan): SystemError | undefined {
    loans.delete(path);
    onChange();
    return readSetting(path) === now ? writeSetting(path, before) : undefined;
  }
}

/** What a predecessor saved; what cannot be read is left out. */
export function parseLoans(data: unknown): Loans {
  const entries = Object.entries(typeof data === 'object' && data !== null ? data : {});
  return Object.fromEntries(
    entries.filter(([path, loan]) => path.startsWith('/proc/sys/net/') && isLoan(loan)),
  );
}

function isLoan(data: unknown): data is Loan {
  const { before, now } = (typeof data === 'object' && data !== null ? data : {}) as Partial<Loan>;
  return typeof before === 'string' && typeof now === 'string';
}
