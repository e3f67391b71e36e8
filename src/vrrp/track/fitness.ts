/** What the trackers leave of an instance: its effective priority, and its faults. */
import type { Fitness } from '../election/state.js';
import type { TrackConfig, TrackedConfig } from './config.js';

export type TrackerKind = 'interface' | 'script' | 'file' | 'process' | 'pool';

/** A tracker's present reading: well or not, or a file's number. Undefined: not known yet. */
export type Reading = boolean | number | undefined;
export type Readings = (kind: TrackerKind, name: string) => Reading;

export type Assessment = {
  readonly fitness: Fitness;
  /** Trackers whose failure would be a fault and that have not spoken yet: an instance starts when there are none. */
  readonly pending: readonly string[];
};

/** A priority between these two is no fault; a file can say one. */
const FILE_FAULT = -254;
const FILE_MOST = 253;

/**
 * @param priority as configured; 255 is the owner's and never changes
 * @param linkFaults why nothing can be sent or answered at all, in words
 */
export function assess(
  priority: number,
  track: TrackConfig,
  read: Readings,
  linkFaults: readonly string[] = [],
): Assessment {
  const trackers = flatten(track).map((tracker) => ({
    ...tracker,
    reading: read(tracker.kind, tracker.name),
  }));
  const faults = trackers.filter(isFault).map(describe);
  const total = trackers.reduce((sum, tracker) => sum + contribution(tracker), priority);
  const reasons = [...linkFaults, ...faults];
  const kind = linkFaults.length > 0 ? 'link' : 'tracked';
  return {
    fitness: {
      priority: priority === 255 ? 255 : Math.min(254, Math.max(1, total)),
      fault: reasons.length === 0 ? undefined : { kind, reason: reasons.join(', ') },
    },
    pending: trackers.filter(({ weight, reading }) => weight === 0 && reading === undefined).map(describe),
  };
}

type Tracker = TrackedConfig & { readonly kind: TrackerKind };
type ReadTracker = Tracker & { readonly reading: Reading };

function flatten(track: TrackConfig): Tracker[] {
  const of = (kind: TrackerKind, list: readonly TrackedConfig[]) => list.map((one) => ({ ...one, kind }));
  return [
    ...of('interface', track.interfaces),
    ...of('script', track.scripts),
    ...of('file', track.files),
    ...of('process', track.processes),
    ...of('pool', track.pools),
  ];
}

/** Weight 0: failing is a fault, or being well with `reverse`. A file fails at any number but 0. */
function isFault({ weight, reverse, reading }: ReadTracker): boolean {
  if (reading === undefined) return false;
  if (weight !== 0) return typeof reading === 'number' && fileShare(reading, weight, reverse) === FILE_FAULT;
  const well = typeof reading === 'number' ? reading === 0 : reading;
  return well === reverse;
}

/** A positive weight is earned by being well, a negative one lost by failing. */
function contribution(tracker: ReadTracker): number {
  const { weight, reverse, reading } = tracker;
  if (reading === undefined || weight === 0 || isFault(tracker)) return 0;
  if (typeof reading === 'number') return fileShare(reading, weight, reverse);
  if (reading !== weight > 0) return 0;
  return reverse ? -weight : weight;
}

function fileShare(value: number, weight: number, reverse: boolean): number {
  const share = value * weight * (reverse ? -1 : 1);
  return Math.min(FILE_MOST, Math.max(FILE_FAULT, share));
}

function describe({ kind, name, reverse, reading }: ReadTracker): string {
  if (reading === undefined) return `${kind} ${name} not known yet`;
  if (typeof reading === 'number') return `${kind} ${name} says ${reading}`;
  return `${kind} ${name} is ${reverse ? 'up' : 'down'}`;
}

/** The trackers that fail now, and what each costs: `interface eth1 is down: fault`, `script web is down: 20 less`. */
export function failing(track: TrackConfig, read: Readings): readonly string[] {
  return flatten(track)
    .map((tracker) => ({ ...tracker, reading: read(tracker.kind, tracker.name) }))
    .filter((tracker) => tracker.reading !== undefined && (isFault(tracker) || loss(tracker) > 0))
    .map((tracker) => `${describe(tracker)}: ${isFault(tracker) ? 'fault' : `${loss(tracker)} less`}`);
}

/** How much more a tracker would give if it were well. */
function loss(tracker: ReadTracker): number {
  const reading = typeof tracker.reading === 'number' ? 0 : true;
  return contribution({ ...tracker, reading }) - contribution(tracker);
}
