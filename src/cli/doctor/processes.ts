/** Who else takes care of this machine's table and addresses. Pure. */
import { type Finding, listed } from './finding.js';

export type RunningProcess = {
  readonly pid: number;
  readonly name: string;
  /** In this network namespace; unknown to a user who may not see. */
  readonly here: boolean | undefined;
};

export type ProcessFacts = {
  /** Those called lvsd, lvsd-lvs, lvsd-vrrp or keepalived, but for those of other network namespaces. */
  readonly processes: readonly RunningProcess[];
  /** Those of them that belong to the state directory asked about. */
  readonly own: ReadonlySet<number>;
};

export function processFindings(facts: ProcessFacts): readonly Finding[] {
  return [...keepalived(facts), ...otherLvsd(facts), ...orphans(facts)];
}

/** Those called keepalived that certainly are in this network namespace. */
export function keepalivedHere({ processes }: ProcessFacts): readonly number[] {
  return processes.filter(({ name, here }) => name === 'keepalived' && here === true).map(({ pid }) => pid);
}

/** Whether the lvsd of the state directory, or keepalived, is at work and may hold addresses. */
export function isHeld({ processes, own }: ProcessFacts): boolean {
  return own.size > 0 || processes.some(({ name }) => name === 'keepalived');
}

function keepalived({ processes }: ProcessFacts): readonly Finding[] {
  const found = processes.filter(({ name }) => name === 'keepalived');
  return rival(found, {
    check: 'keepalived',
    what: 'keepalived runs here',
    meaning:
      'Both would write the same table and claim the same addresses, each undoing what the other does.',
    mend: () => 'systemctl disable --now keepalived',
  });
}

function otherLvsd({ processes, own }: ProcessFacts): readonly Finding[] {
  const found = processes.filter(({ pid, name }) => name === 'lvsd' && !own.has(pid));
  return rival(found, {
    check: 'lvsd',
    what: 'another lvsd, of another state directory, runs here',
    meaning: 'Two that have services in common undo what the other does.',
    mend: (pid) =>
      `lvsd doctor --state-dir DIR, with that of process ${pid}; if it should not run: kill ${pid}`,
  });
}

type Rival = Pick<Finding, 'check' | 'what' | 'meaning'> & { readonly mend: (pid: number) => string };

function rival(found: readonly RunningProcess[], kind: Rival): readonly Finding[] {
  const [first] = found;
  if (first === undefined) return [];
  const { check, what, meaning, mend } = kind;
  const sure = found.some(({ here }) => here === true);
  const pids = listed(found.map(({ pid }) => String(pid)));
  return [
    {
      severity: sure ? 'error' : 'warning',
      check,
      what: `${what} (process ${pids})${sure ? '' : ', unless in a network namespace that this user may not see'}`,
      meaning,
      mend: mend(first.pid),
    },
  ];
}

function orphans({ processes, own }: ProcessFacts): readonly Finding[] {
  const alive = processes.filter(({ pid }) => own.has(pid));
  if (alive.length === 0 || alive.some(({ name }) => name === 'lvsd')) return [];
  return [
    {
      severity: 'warning',
      check: 'supervisor',
      what: `${alive.map(({ name }) => name).join(' and ')} outlived the supervisor`,
      meaning: 'Service goes on, but nothing is reloaded, and nothing comes back when it dies.',
      mend: 'systemctl restart lvsd',
    },
  ];
}
