/** The directory of the socket and the state. Pure. */
import type { Finding } from './finding.js';

export type StateDirFacts = {
  readonly path: string;
  readonly kind: 'absent' | 'folder' | 'other';
  /** It, or where it would be made, can be written. */
  readonly writable: boolean;
  /** Permission bits; 0 where it is absent. */
  readonly mode: number;
  readonly socket: boolean;
  /** Somebody answers at the socket. */
  readonly answers: boolean;
};

export function stateDirFindings(facts: StateDirFacts): readonly Finding[] {
  if (facts.kind === 'other') return [noFolder(facts)];
  return [notWritable(facts), openToOthers(facts), staleSocket(facts)].filter((found) => found !== undefined);
}

const CHECK = 'state directory';

function noFolder({ path }: StateDirFacts): Finding {
  return {
    severity: 'error',
    check: CHECK,
    what: `${path} is no directory`,
    meaning: 'lvsd does not start.',
    mend: `rm ${path}`,
  };
}

function notWritable({ path, kind, writable }: StateDirFacts): Finding | undefined {
  if (writable) return undefined;
  return {
    severity: 'warning',
    check: CHECK,
    what: `${path} cannot be ${kind === 'absent' ? 'made' : 'written'} by this user`,
    meaning: 'lvsd run by this user does not start.',
    mend: 'sudo lvsd doctor, or --state-dir DIR',
  };
}

const GROUP_OR_OTHERS_WRITE = 0o022;

function openToOthers({ path, mode }: StateDirFacts): Finding | undefined {
  if ((mode & GROUP_OR_OTHERS_WRITE) === 0) return undefined;
  return {
    severity: 'error',
    check: CHECK,
    what: `others may write to ${path}`,
    meaning: 'Whoever can may put a socket or a state of their own in place of lvsd’s.',
    mend: `chmod go-w ${path}`,
  };
}

function staleSocket({ path, socket, answers }: StateDirFacts): Finding | undefined {
  if (!socket || answers) return undefined;
  return {
    severity: 'warning',
    check: 'socket',
    what: `nobody answers at ${path}/lvsd.sock`,
    meaning:
      'An lvsd that was killed left it, or lvsd-lvs is just starting; lvsd run puts its own in its place.',
    mend: 'systemctl restart lvsd',
  };
}
