/**
 * When instances start: once the delays of the configuration are over and the trackers that could be their fault have spoken; members
 * of a group together. Whoever goes on where another left off waits for nothing.
 */
import type { Clock, Timer } from '../clock.js';
import type { VrrpProcessConfig } from './config.js';
import type { Event } from './election/state.js';
import { type Member, nameOf } from './member.js';
import { adoptionOf, type SavedVrrp } from './saved.js';
import type { Succession } from './succession.js';
import type { Sync } from './sync.js';

export type StarterOptions = {
  readonly clock: Clock;
  readonly members: ReadonlyMap<string, Member>;
  readonly sync: Sync;
  readonly succession: Succession;
  readonly bootNow: () => number;
};

export type Starter = {
  /** The delays count from here: at the first configuration. `saved` is what a predecessor left. */
  readonly begin: (process: VrrpProcessConfig, saved: SavedVrrp | undefined) => void;
  /** Starts whoever may. */
  readonly look: () => void;
  /** Whether it will start as one that the operator has handed over. */
  readonly hasYielded: (instance: string) => boolean;
  /** It will: what it was before the reload has been handed over. */
  readonly yield: (instance: string) => void;
  /** The operator takes that back. */
  readonly resume: (instance: string) => void;
  readonly stop: () => void;
};

type Startup = { readonly member: Member; readonly event: Extract<Event, { kind: 'startup' }> };

export function createStarter({ clock, members, sync, succession, bootNow }: StarterOptions): Starter {
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
    look,
    hasYielded: (instance) => yielded.has(instance),
    yield: (instance) => void yielded.add(instance),
    resume: (instance) => void yielded.delete(instance),
    stop: () => waiting?.cancel(),
  };

  function earliestStart({ startupDelayMs, delayAfterBootMs }: VrrpProcessConfig): number {
    return clock.now() + Math.max(startupDelayMs, delayAfterBootMs - bootNow());
  }

  function look(): void {
    const idle = [...members.values()].filter(({ started }) => !started);
    const groups = new Map<unknown, Member[]>();
    for (const member of idle) {
      const key = sync.groupOf(nameOf(member)) ?? member;
      groups.set(key, [...(groups.get(key) ?? []), member]);
    }
    for (const together of groups.values()) startTogether(together);
  }

  function startTogether(together: readonly Member[]): void {
    if (together.some((member) => succession.isAwaited(member))) return;
    const startups = together.map((member) => ({ member, event: startup(member) }));
    const adopts = startups.some(({ event }) => event.adopt !== undefined);
    if (!adopts && clock.now() < startAt) later();
    else if (adopts || together.every(({ assessment }) => assessment.pending.length === 0)) start(startups);
  }

  function later(): void {
    waiting ??= clock.wake(startAt, () => {
      waiting = undefined;
      look();
    });
  }

  function start(startups: readonly Startup[]): void {
    for (const { member } of startups) {
      member.started = true;
      spent.add(nameOf(member));
      yielded.delete(nameOf(member));
    }
    for (const { member } of startups) succession.begin(member);
    sync.together(startups.map(({ member, event }) => ({ instance: nameOf(member), event })));
    for (const { member } of startups) succession.complete(member);
  }

  function startup(member: Member): Startup['event'] {
    const { name, advertIntMs } = member.instance.config();
    const before = spent.has(name) ? undefined : saved;
    const started = { kind: 'startup', yielded: yielded.has(name) } as const;
    if (succession.inherits(member)) return { ...started, adopt: { of: 'replaced' } };
    const left = { name, advertIntMs, ...member.place.holding() };
    return { ...started, adopt: adoptionOf(before, left, bootNow()) };
  }
}
