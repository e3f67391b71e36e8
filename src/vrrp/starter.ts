/**
 * When instances start: once the delays of the configuration are over and the trackers that could be their fault have spoken; members
 * of a group together. Whoever goes on where another left off waits for nothing.
 */
import type { Clock, Timer } from '../clock.js';
import type { VrrpProcessConfig } from './config.js';
import type { Order } from './election/group.js';
import type { Adoption, Event } from './election/state.js';
import { type Member, nameOf } from './member.js';
import { adoptionOf, type SavedVrrp } from './saved.js';
import type { Succession } from './succession.js';
import type { Sync } from './sync.js';
import type { Work } from './turns.js';
import type { Holding } from './underlay.js';

export type StarterOptions = {
  readonly clock: Clock;
  readonly members: ReadonlyMap<string, Member>;
  readonly sync: Sync;
  readonly succession: Succession;
  readonly bootNow: () => number;
  /** `start` is to be run: the delays are over. */
  readonly onDue: () => void;
};

export type Starter = {
  /** The delays count from here: at the first configuration. `saved` is what a predecessor left. */
  readonly begin: (process: VrrpProcessConfig, saved: SavedVrrp | undefined) => void;
  /** Starts whoever may. */
  readonly start: () => Work;
  /** Whether it will start as one that the operator has handed over. */
  readonly hasYielded: (instance: string) => boolean;
  /** It will: the operator says so, or handed over what it was before a reload. */
  readonly yield: (instance: string) => void;
  /** The operator takes that back. */
  readonly resume: (instance: string) => void;
  readonly stop: () => void;
};

/** What is there of the addresses of those that were master. */
type Left = ReadonlyMap<Member, Holding>;
type Startup = { readonly member: Member; readonly event: Extract<Event, { kind: 'startup' }> };

export function createStarter({ clock, members, sync, succession, bootNow, onDue }: StarterOptions): Starter {
  let startAt = Number.NEGATIVE_INFINITY;
  let saved: SavedVrrp | undefined;
  let waiting: Timer | undefined;
  const yielded = new Set<string>();
  /** Of these what was saved is no longer true. */
  const spent = new Set<string>();
  return {
    begin: (process, before) => {
      saved = before;
      for (const name of before?.yielded ?? []) yielded.add(name);
      startAt = earliestStart(process);
    },
    start,
    hasYielded: (instance) => yielded.has(instance),
    yield: (instance) => void yielded.add(instance),
    resume: (instance) => void yielded.delete(instance),
    stop: () => waiting?.cancel(),
  };

  function earliestStart({ startupDelayMs, delayAfterBootMs }: VrrpProcessConfig): number {
    return clock.now() + Math.max(startupDelayMs, delayAfterBootMs - bootNow());
  }

  function* start(): Work {
    const idle = [...members.values()].filter(({ started }) => !started);
    // All of them at one time: each turn would read the addresses anew.
    const left = new Map(idle.filter(wasMaster).map((member) => [member, member.place.holding()]));
    const groups = new Map<unknown, Member[]>();
    for (const member of idle) {
      const key = sync.groupOf(nameOf(member)) ?? member;
      groups.set(key, [...(groups.get(key) ?? []), member]);
    }
    for (const together of groups.values()) {
      yield* startTogether(together, left);
      yield;
    }
    // When all have begun: what one lets go of may be another one's now.
    for (const member of idle.filter(({ started }) => started)) {
      succession.complete(member);
      yield;
    }
  }

  function* startTogether(together: readonly Member[], left: Left): Work {
    // All are asked: predecessors that hand over do so together.
    const awaited = together.filter((member) => succession.isAwaited(member));
    if (awaited.length > 0) return;
    const startups = together.map((member) => ({ member, event: startup(member, left.get(member)) }));
    const adopts = startups.some(({ event }) => event.adopt !== undefined);
    if (!adopts && clock.now() < startAt) later();
    else if (adopts || together.every(({ assessment }) => assessment.pending.length === 0))
      yield* begin(startups);
  }

  function later(): void {
    waiting ??= clock.wake(startAt, () => {
      waiting = undefined;
      onDue();
    });
  }

  function* begin(startups: readonly Startup[]): Work {
    for (const { member } of startups) {
      member.started = true;
      spent.add(nameOf(member));
      yielded.delete(nameOf(member));
    }
    for (const { member } of startups) succession.begin(member);
    yield* sync.together(orders(startups));
  }

  /** Given one after another: what was an advert's age at first is more by then. */
  function* orders(startups: readonly Startup[]): Generator<Order> {
    const begunAt = clock.now();
    for (const { member, event } of startups) {
      const adopt = event.adopt && older(event.adopt, clock.now() - begunAt);
      yield { instance: nameOf(member), event: { ...event, adopt } };
    }
  }

  function wasMaster(member: Member): boolean {
    const name = nameOf(member);
    return saved?.masters.includes(name) === true && !spent.has(name);
  }

  function startup(member: Member, left: Holding | undefined): Startup['event'] {
    const { name, advertIntMs } = member.instance.config();
    const started = { kind: 'startup', yielded: yielded.has(name) } as const;
    const legacy = succession.legacy(member);
    if (legacy !== undefined) return { ...started, adopt: legacy };
    return { ...started, adopt: left && adoptionOf(saved, { name, advertIntMs, ...left }, bootNow()) };
  }
}

function older(adopt: Adoption, byMs: number): Adoption {
  return adopt.of === 'last-run' ? { ...adopt, lastAdvertAgoMs: adopt.lastAdvertAgoMs + byMs } : adopt;
}
