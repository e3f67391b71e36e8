/**
 * What has to change so that the kernel holds a wanted service. Pure.
 *
 * Order is the point: destinations are added first, then edited, those that are opened (weights that rise from 0, upper
 * thresholds that rise or go) before all others, and removed last, so that at no moment fewer servers can be chosen than
 * before or after (a sorry server is in before the last real server goes). Everything is done by SET: the kernel changes
 * scheduler, flags, persistence, persistence engine, forwarding method and tunnel in place (ip_vs_edit_service,
 * __ip_vs_update_dest), and connections live on. Only what identifies a service or destination makes another one of it.
 */
import {
  type Destination,
  destinationId,
  type Forwarding,
  type Service,
  type ServiceKey,
  type ServiceSettings,
  sameForwarding,
} from './table.js';

export type Change =
  | { readonly kind: 'add-service'; readonly service: ServiceSettings }
  | {
      readonly kind: 'edit-service';
      readonly service: ServiceSettings;
      readonly differences: readonly Difference[];
    }
  | { readonly kind: 'delete-service'; readonly key: ServiceKey }
  | { readonly kind: 'add-destination'; readonly key: ServiceKey; readonly destination: Destination }
  | {
      readonly kind: 'edit-destination';
      readonly key: ServiceKey;
      readonly destination: Destination;
      readonly differences: readonly Difference[];
    }
  | { readonly kind: 'delete-destination'; readonly key: ServiceKey; readonly destination: Destination };

/** One setting that is not as wanted, in words. */
export type Difference = { readonly setting: string; readonly have: string; readonly want: string };

/**
 * The changes, in the order to make them in, that turn what the kernel has into what is wanted; undefined is no service.
 * What is wanted in its one form: see canonicalService.
 */
export function diffService(have: Service | undefined, want: Service | undefined): readonly Change[] {
  if (want === undefined) return have === undefined ? [] : [{ kind: 'delete-service', key: have.key }];
  const settings: ServiceSettings = want;
  if (have === undefined) {
    const adds = want.destinations.map((destination): Change => addition(want.key, destination));
    return [{ kind: 'add-service', service: settings }, ...adds];
  }
  const differences = compareSettings(have, want);
  const edit: Change[] =
    differences.length === 0 ? [] : [{ kind: 'edit-service', service: settings, differences }];
  return [...edit, ...diffDestinations(want.key, ...unlike(have.destinations, want.destinations))];
}

/** Both lists without what they begin and end with alike, by identity: what is stated again and again differs in little. */
function unlike<T>(have: readonly T[], want: readonly T[]): [readonly T[], readonly T[]] {
  const most = Math.min(have.length, want.length);
  let before = 0;
  while (before < most && have[before] === want[before]) before++;
  let after = 0;
  while (after < most - before && have.at(-1 - after) === want.at(-1 - after)) after++;
  return [have.slice(before, have.length - after), want.slice(before, want.length - after)];
}

function diffDestinations(
  key: ServiceKey,
  have: readonly Destination[],
  want: readonly Destination[],
): Change[] {
  const gone = new Map(have.map((destination) => [destinationId(destination), destination]));
  const adds: Change[] = [];
  const openings: Change[] = [];
  const edits: Change[] = [];
  for (const destination of want) {
    const id = destinationId(destination);
    const present = gone.get(id);
    gone.delete(id);
    if (present === undefined) adds.push(addition(key, destination));
    else if (!sameDestination(present, destination)) {
      const differences = compareDestinations(present, destination);
      (opens(present, destination) ? openings : edits).push({
        kind: 'edit-destination',
        key,
        destination,
        differences,
      });
    }
  }
  const removals = Array.from(
    gone.values(),
    (destination): Change => ({ kind: 'delete-destination', key, destination }),
  );
  return [...adds, ...openings, ...edits, ...removals];
}

/** Connections may be given to it that could not before. */
function opens(have: Destination, want: Destination): boolean {
  return want.weight > 0 && (have.weight === 0 || roomOf(want) > roomOf(have));
}

function roomOf({ upperThreshold }: Destination): number {
  return upperThreshold === 0 ? Infinity : upperThreshold;
}

function addition(key: ServiceKey, destination: Destination): Change {
  return { kind: 'add-destination', key, destination };
}

function sameDestination(have: Destination, want: Destination): boolean {
  return (
    have.weight === want.weight &&
    have.upperThreshold === want.upperThreshold &&
    have.lowerThreshold === want.lowerThreshold &&
    sameForwarding(have.forwarding, want.forwarding)
  );
}

function compareDestinations(have: Destination, want: Destination): Difference[] {
  return different([
    ['weight', `${have.weight}`, `${want.weight}`],
    ['upper threshold', `${have.upperThreshold}`, `${want.upperThreshold}`],
    ['lower threshold', `${have.lowerThreshold}`, `${want.lowerThreshold}`],
    ['method', describeForwarding(have), describeForwarding(want)],
  ]);
}

/** The flag `hashed` is the kernel's own, and without persistence its timeout and mask mean nothing. */
function compareSettings(have: ServiceSettings, want: ServiceSettings): Difference[] {
  return different([
    ['scheduler', have.scheduler, want.scheduler],
    ['flags', describeFlags(have), describeFlags(want)],
    ['persistence', describePersistence(have), describePersistence(want)],
    ['persistence engine', have.persistenceEngine || 'none', want.persistenceEngine || 'none'],
  ]);
}

function different(settings: readonly (readonly [string, string, string])[]): Difference[] {
  return settings
    .filter(([, have, want]) => have !== want)
    .map(([setting, have, want]) => ({ setting, have, want }));
}

function describeForwarding({ forwarding }: { readonly forwarding: Forwarding }): string {
  if (forwarding.method !== 'tun') return forwarding.method;
  const { type, port, checksum } = forwarding.tunnel;
  return `tun ${type}${port === 0 ? '' : ` port ${port}`}${checksum === 'none' ? '' : ` ${checksum}`}`;
}

function describeFlags({ flags }: ServiceSettings): string {
  const names = [
    flags.onePacket && 'ops',
    flags.sched1 && 'flag-1',
    flags.sched2 && 'flag-2',
    flags.sched3 && 'flag-3',
  ];
  return names.filter(Boolean).join(' ') || 'none';
}

function describePersistence({ key, persistence }: ServiceSettings): string {
  if (persistence === undefined) return 'off';
  const { timeoutS, prefixLength } = persistence;
  const whole = prefixLength === (key.family === 'ipv6' ? 128 : 32);
  return `${timeoutS} s${whole ? '' : ` per /${prefixLength}`}`;
}
