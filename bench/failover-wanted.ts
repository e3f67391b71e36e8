/** What a failover may cost, by what happens to the master and how often it adverts. Pure. */
export const FATES = [
  'stop',
  'restart',
  'vrrp-killed',
  'all-killed',
  'all-frozen',
  'preempted',
  'cable-cut',
] as const;
export type Fate = (typeof FATES)[number];

/** What befalls the master, as tables and pictures say it. */
export const FATE_NAMES: Readonly<Record<Fate, string>> = {
  stop: 'is stopped',
  restart: 'is restarted',
  'vrrp-killed': 'its VRRP process is killed',
  'all-killed': 'all its processes are killed',
  'all-frozen': 'all its processes are stopped (SIGSTOP)',
  preempted: 'the higher priority comes back',
  'cable-cut': 'its cable is cut',
};

export type Outcome = {
  readonly outageMs: number;
  /** From the takeover until the old master's kernel has let the address go; Infinity when it never did. */
  readonly doubleMs?: number | undefined;
  /** Adverts of the backup: it took the addresses, if only for a moment. */
  readonly backupAdverts?: number | undefined;
};

export type Wanted = {
  readonly outageMs?: number;
  /** Of keepalived's outage. */
  readonly ratio?: number;
  readonly doubleMs?: number;
  readonly ownerStays?: boolean;
};

const AT_1_S: Record<Fate, Wanted> = {
  stop: { outageMs: 5 },
  restart: { outageMs: 5 },
  'vrrp-killed': { outageMs: 5, ownerStays: true },
  'all-killed': { outageMs: 10, doubleMs: 1500 },
  'all-frozen': { outageMs: 10, doubleMs: 1500 },
  preempted: { outageMs: 3 },
  'cable-cut': { ratio: 1.02 },
};

const AT_10_MS: Record<Fate, Wanted> = {
  ...AT_1_S,
  'vrrp-killed': { outageMs: 15 },
  'all-killed': { outageMs: 10, doubleMs: 3000 },
  'all-frozen': { outageMs: 10, doubleMs: 3000 },
  'cable-cut': { ratio: 1.1 },
};

/** Undefined for intervals nothing is wanted of. */
export function wantedOf(fate: Fate, advertS: number): Wanted | undefined {
  if (advertS === 1) return AT_1_S[fate];
  return advertS === 0.01 ? AT_10_MS[fate] : undefined;
}

/** Whether the medians are as wanted, and the owner stayed in each run. What could not be measured (NaN) is not. */
export function isMet(wanted: Wanted, ours: readonly Outcome[], theirs: readonly Outcome[]): boolean {
  const outageMs = medianOutageMs(ours);
  const { outageMs: most = Number.POSITIVE_INFINITY, doubleMs, ratio } = wanted;
  const relative = ratio === undefined || theirs.length === 0 || outageMs <= ratio * medianOutageMs(theirs);
  const gone = doubleMs === undefined || (medianDoubleMs(ours) ?? Number.NaN) <= doubleMs;
  const stays = wanted.ownerStays !== true || ours.every(({ backupAdverts }) => backupAdverts === 0);
  return outageMs <= most && relative && gone && stays;
}

export function describeWanted({ outageMs, ratio, doubleMs, ownerStays }: Wanted): string {
  return [
    outageMs === undefined ? '' : `≤ ${outageMs}`,
    ratio === undefined ? '' : `≤ ${ratio} × keepalived`,
    doubleMs === undefined ? '' : `gone ≤ ${doubleMs}`,
    ownerStays === true ? 'owner stays' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

export function medianOutageMs(outcomes: readonly Outcome[]): number {
  return median(outcomes.map(({ outageMs }) => outageMs));
}

/** Undefined where it was not looked for, NaN when it was lost in one of the runs. */
export function medianDoubleMs(outcomes: readonly Outcome[]): number | undefined {
  if (outcomes.every(({ doubleMs }) => doubleMs === undefined)) return undefined;
  return median(outcomes.map(({ doubleMs }) => doubleMs ?? Number.NaN));
}

/** NaN if any is. */
export function median(values: readonly number[]): number {
  if (values.some(Number.isNaN)) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
