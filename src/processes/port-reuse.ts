/**
 * While a director hands over, a client that takes the port of a connection that is over again is sent to the real server of that one:
 * the other director knows it, and of another choice it may not hear in time.
 */
import type { Clock } from '../clock.js';
import type { Complaints } from '../complaint.js';
import { createBorrowed, type Loans, parseLoans } from '../net/borrowed.js';
import { createStateFile } from './state-file.js';

export type PortReuseOptions = Complaints & {
  readonly directory: string;
  readonly clock: Clock;
  /** The kernel's setting; tests put another in its place. */
  readonly setting?: string;
};

export type PortReuse = {
  /** From now on, until what it returns is called. */
  readonly keepServers: () => () => void;
  /** Resolves when nothing is left to be put back; without `remove` a successor goes on. */
  readonly end: (options: { readonly remove: boolean }) => Promise<void>;
};

/** 0: no special handling of a port that is used again (Documentation/networking/ipvs-sysctl.rst). Linux 4.3. */
const SETTING = '/proc/sys/net/ipv4/vs/conn_reuse_mode';
const NONE: ReadonlyMap<string, string> = new Map();

/** Puts back what a killed predecessor could not. */
export function createPortReuse({ setting = SETTING, ...options }: PortReuseOptions): PortReuse {
  const file = createStateFile<Loans>({ ...options, name: 'lvs-settings', state: () => borrowed.loans() });
  const borrowed = createBorrowed(parseLoans(file.load()), file.touch);
  const same = new Map([[setting, '0']]);
  want(NONE);
  return {
    keepServers: () => {
      want(same);
      return () => want(NONE);
    },
    end: ({ remove }) => {
      if (remove) want(NONE);
      return remove ? file.remove() : file.flush();
    },
  };

  function want(settings: ReadonlyMap<string, string>): void {
    for (const refused of borrowed.want(settings)) {
      options.onError(
        `hand-over: ${refused}: a client that uses a port again in the moment of the move may be reset`,
      );
    }
  }
}
