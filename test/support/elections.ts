/** Random elections on a simulated LAN: what the routers are, what befalls them and their packets, and how long anything may last. */
import fc from 'fast-check';
import type { Router, State } from '../../src/vrrp/election/state.js';
import { masterDownIntervalMs, vipLifetimeS } from '../../src/vrrp/election/timers.js';
import { FakeLan } from './fake-lan.js';
import { router } from './routers.js';

const NAMES = ['a', 'b', 'c'] as const;

/** What may happen to the routers; the numbers choose who and when. */
const HAPPENINGS = [
  'kill',
  'start',
  'freeze',
  'thaw',
  'stop',
  'handover',
  'resume',
  'cut',
  'mend',
  'fault',
  'tracker',
  'well',
] as const;
export type What = (typeof HAPPENINGS)[number];
export type Happening = {
  readonly what: What;
  readonly who: number;
  readonly whom: number;
  /** In adverts from the start. */
  readonly at: number;
};

/** What all routers of a LAN have in common. */
export type Settings = Pick<
  Router,
  | 'version'
  | 'advertIntMs'
  | 'preempt'
  | 'preemptDelayMs'
  | 'downTimerAdverts'
  | 'lowerPrioNoAdvert'
  | 'higherPrioSendAdvert'
  | 'ownerIgnoreAdverts'
  | 'timerExpiredBackup'
>;

const timing = fc.constantFrom<Pick<Router, 'version' | 'advertIntMs'>>(
  { version: 3, advertIntMs: 10 },
  { version: 3, advertIntMs: 100 },
  { version: 3, advertIntMs: 1000 },
  { version: 2, advertIntMs: 1000 },
  { version: 2, advertIntMs: 3000 },
);

const settings: fc.Arbitrary<Settings> = fc
  .record({
    timing,
    preempt: fc.boolean(),
    preemptDelayMs: fc.constantFrom(0, 0, 700, 5000),
    downTimerAdverts: fc.constantFrom(1, 3, 5),
    lowerPrioNoAdvert: fc.boolean(),
    higherPrioSendAdvert: fc.boolean(),
    ownerIgnoreAdverts: fc.boolean(),
    expired: fc.constantFrom(undefined, 1, 100, 254),
  })
  .map(({ timing: { version, advertIntMs }, expired, ...rest }) => ({
    ...rest,
    version,
    advertIntMs,
    // The file cannot have it with preempt.
    ...(rest.preempt || expired === undefined ? {} : { timerExpiredBackup: expired }),
  }));

/** 255 is the owner of the addresses, of whom there is one. */
const priorities = fc
  .array(fc.integer({ min: 1, max: 254 }), { minLength: 2, maxLength: 3 })
  .chain((all) => fc.boolean().map((owned) => (owned ? [255, ...all.slice(1)] : all)));

/** Each number between 0 and 1 is one packet's fate, used in turn. */
const fates = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 50 });

export function happenings(
  which: readonly What[] = HAPPENINGS,
  maxLength = 25,
): fc.Arbitrary<readonly Happening[]> {
  return fc.array(
    fc.record({
      what: fc.constantFrom(...which),
      who: fc.nat(2),
      whom: fc.nat(2),
      at: fc.double({ min: 0, max: 40, noNaN: true }),
    }),
    { maxLength },
  );
}

export const election = fc.record({ settings, priorities });
export const network = fc.record({ fates, loss: fc.double({ min: 0, max: 0.6, noNaN: true }) });
export type Packets = { readonly fates: readonly number[]; readonly loss: number };
export type Election = { readonly settings: Partial<Settings>; readonly priorities: readonly number[] };

/** The routers a, b and c of these priorities, 10.0.0.1 and so on; the owner is one by its `state MASTER`. */
export function build({ settings: common, priorities: all }: Election): FakeLan {
  const lan = new FakeLan();
  for (const [index, priority] of all.entries()) {
    const primaryAddress = `10.0.0.${index + 1}`;
    lan.add(
      NAMES[index] ?? 'a',
      router({ ...(priority === 255 ? owned(common) : common), priority, primaryAddress }),
    );
  }
  return lan;
}

function owned({ timerExpiredBackup: _, ...rest }: Partial<Settings>): Partial<Router> {
  return { ...rest, initialState: 'MASTER', preempt: true };
}

/** The longest a packet takes: later ones overtake it. */
export function longestDelayMs({ advertIntMs }: Pick<Router, 'advertIntMs'>): number {
  return advertIntMs / 2;
}

/** Loses, delays and reorders. `onLost` hears of each packet that is lost. */
export function disturb(
  lan: FakeLan,
  { fates: all, loss }: Packets,
  timing: Pick<Router, 'advertIntMs'>,
  onLost: (from: string, to: string) => void = () => {},
): void {
  let packet = 0;
  lan.deliverBy((from, to) => {
    packet += 1;
    const fate = all[packet % all.length] ?? 0;
    if (fate >= loss) return ((fate * 7919) % 1) * longestDelayMs(timing);
    onLost(from, to);
    return undefined;
  });
}

export function startAll(lan: FakeLan): void {
  for (const name of lan.nodes.keys()) lan.start(name);
}

export function befall(lan: FakeLan, { what, who, whom }: Happening): void {
  const names = [...lan.nodes.keys()];
  const name = names[who % names.length] ?? 'a';
  const other = names[whom % names.length] ?? 'a';
  const node = lan.nodes.get(name);
  const priority = node?.router.priority ?? 100;
  switch (what) {
    case 'kill':
      lan.kill(name);
      break;
    case 'start':
      if (node?.running === false) lan.start(name);
      break;
    case 'freeze':
      lan.freeze(name);
      break;
    case 'thaw':
      lan.thaw(name);
      break;
    case 'stop':
      lan.feed(name, { kind: 'shutdown' });
      break;
    case 'handover':
    case 'resume':
      lan.feed(name, { kind: what });
      break;
    case 'cut':
      if (other !== name) lan.cut(name, other);
      break;
    case 'mend':
      lan.mend(name, other);
      break;
    case 'fault':
      lan.feed(name, { kind: 'fitness', fitness: { priority, fault: { kind: 'link', reason: 'cable' } } });
      break;
    case 'tracker':
      lan.feed(name, {
        kind: 'fitness',
        fitness: { priority, fault: { kind: 'tracked', reason: 'script' } },
      });
      break;
    case 'well':
      lan.feed(name, { kind: 'fitness', fitness: { priority } });
      break;
  }
}

/** Every router up, well and connected, no packet lost. */
export function calm(lan: FakeLan): void {
  lan.deliverBy(() => 0.1);
  const names = [...lan.nodes.keys()];
  for (const name of names) for (const other of names) lan.mend(name, other);
  for (const name of names) {
    lan.thaw(name);
    const node = lan.nodes.get(name);
    if (node === undefined) continue;
    node.fitness = { priority: node.router.priority };
    if (!node.running) lan.start(name);
    lan.feed(name, { kind: 'fitness', fitness: node.fitness });
    lan.feed(name, { kind: 'resume' });
  }
}

/** Priorities decide between a master and a Backup; addresses only between two masters. */
export function highestPriority(lan: FakeLan): number {
  return Math.max(...[...lan.nodes.values()].map((node) => node.router.priority));
}

/** How long anything the protocol or the kernel waits for can last, for the slowest of them. */
export function longestMs(lan: FakeLan): number {
  const waits = [...lan.nodes.values()].map(({ router: node }) => {
    const downMs = masterDownIntervalMs(node, 1, node.advertIntMs);
    return 1000 * (vipLifetimeS(node) ?? 0) + 3 * downMs + node.preemptDelayMs + 1000;
  });
  return Math.max(...waits);
}

/** Those whose process runs and is no shadow of itself. */
export function awake(lan: FakeLan): readonly { readonly name: string; readonly state: State }[] {
  return [...lan.nodes.values()].filter(({ running, frozen }) => running && !frozen);
}

export function masters(lan: FakeLan): string[] {
  return [...lan.nodes.values()]
    .filter((n) => n.running && n.state.name === 'MASTER')
    .map(({ name }) => name);
}
