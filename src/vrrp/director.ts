/**
 * All virtual routers of this machine: joins their elections with their places in the network, their sync groups, their
 * trackers, and those who want to be told. Knows no sockets and no files, so that whole directors run in simulated time.
 */
import type { Clock, Timer } from '../clock.js';
import { describeCause } from './causes.js';
import type { InstanceConfig, NotifyConfig, SyncGroupConfig, VrrpConfig } from './config.js';
import type { GroupState, Order } from './group.js';
import { createInstance, type Transition, type Witness } from './instance.js';
import { answers, type MemberState, memberStatus, sameRouter } from './member.js';
import { type Notice, type NoticeState, noticeState } from './notify/notice.js';
import { adoptionOf, type SavedVrrp } from './saved.js';
import type { Event, Peer, StateName } from './state.js';
import type { GroupStatus, InstanceStatus } from './status.js';
import { createSync } from './sync.js';
import { type Assessment, failing, type Readings } from './track/fitness.js';
import { judge } from './track/judge.js';
import { trackersOf } from './track/members.js';
import type { Underlay } from './underlay.js';

export type DirectorLog = Readonly<Record<'info' | 'warn', (fields: object, text: string) => void>>;

export type DirectorOptions = {
  readonly clock: Clock;
  readonly log: DirectorLog;
  readonly underlay: Underlay;
  /** What the trackers say now; `assess` is to be called when that changes. */
  readonly read: Readings;
  readonly notify: (notice: Notice, config: NotifyConfig) => void;
  /** Something that `saved` tells has changed. */
  readonly onChange: () => void;
  /** How late a deadline was noticed, in ms. */
  readonly onLate: (ms: number) => void;
  /** Milliseconds since the machine booted, for what is saved and for vrrp_delay_after_boot. */
  readonly bootNow: () => number;
};

/** What became of a hand-over that was asked for. */
export type HandoverResult = { readonly instance: string; readonly state: StateName; readonly text: string };

export type Director = {
  /** Sets what there is, at first and on a reload: whoever stays the same virtual router keeps its state. */
  readonly configure: (config: VrrpConfig, saved?: SavedVrrp) => void;
  /** The trackers say something else now. */
  readonly assess: () => void;
  /** Resigns with one instance and its group, or with all; resolves when it is known who is master. */
  readonly handover: (instance?: string) => Promise<readonly HandoverResult[]>;
  /** Takes hand-overs back: priorities count again. */
  readonly resume: (instance?: string) => readonly HandoverResult[];
  /** Ends with make before break; resolves when nothing is held any more. */
  readonly shutdown: () => Promise<void>;
  /** Ends at once and leaves everything as it is, for a successor to adopt. */
  readonly leave: () => void;
  readonly saved: () => SavedVrrp;
  readonly instances: () => readonly InstanceStatus[];
  readonly groups: () => readonly GroupStatus[];
};

type Member = { -readonly [K in keyof MemberState]: MemberState[K] };

export function createDirector(options: DirectorOptions): Director {
  const { clock, log, underlay, read, notify, onChange, onLate, bootNow } = options;
  const members = new Map<string, Member>();
  /** Removed instances that hand over still, beside new ones of the same name. */
  const leaving = new Set<Member>();
  let config: VrrpConfig | undefined;
  let saved: SavedVrrp | undefined;
  let startAt = Number.NEGATIVE_INFINITY;
  let starting: Timer | undefined;
  let ending = false;
  const waiters = new Set<() => void>();
  const sync = createSync({
    member: (name) => members.get(name)?.instance,
    onState: groupMoved,
  });

  return {
    configure,
    assess,
    handover,
    resume,
    shutdown,
    leave,
    saved: () => ({
      aliveAt: bootNow(),
      masters: [...members.values()].filter(({ instance }) => answers(instance)).map(nameOf),
    }),
    instances: () => [...members.values()].map(status),
    groups: () => (config?.syncGroups ?? []).map(groupStatus),
  };

  function configure(next: VrrpConfig, before?: SavedVrrp): void {
    if (config === undefined) startAt = earliestStart(next);
    saved = before;
    config = next;
    underlay.configure(next);
    for (const member of [...members.values()]) {
      const same = next.instances.find(({ name }) => name === nameOf(member));
      if (same === undefined) remove(member);
      else if (!sameRouter(member.instance.config(), same)) replace(member);
    }
    sync.configure(next.syncGroups);
    for (const instance of next.instances) put(instance);
    assess();
    saved = undefined;
  }

  function earliestStart({ process }: VrrpConfig): number {
    const sinceBootMs = process.delayAfterBootMs - bootNow();
    return clock.now() + Math.max(process.startupDelayMs, sinceBootMs);
  }

  function put(instance: InstanceConfig): void {
    const grouped = sync.groupOf(instance.name) !== undefined;
    const known = members.get(instance.name);
    if (known === undefined) {
      members.set(instance.name, create(instance, grouped));
      return;
    }
    known.place.reconfigure(instance);
    known.instance.setPrimaryAddress(known.place.primaryAddress());
    known.instance.reconfigure(instance, grouped);
  }

  function create(instanceConfig: InstanceConfig, grouped: boolean): Member {
    const place = underlay.attach(instanceConfig, {
      receive: (payload, envelope) => member.instance.receive(payload, envelope),
      changed: () => {
        member.instance.setPrimaryAddress(member.place.primaryAddress());
        assess();
      },
      lost: (what) => {
        log.warn(
          { instance: instanceConfig.name, what },
          `${instanceConfig.name}: ${what.join(', ')} was taken away by another hand, put back`,
        );
        member.instance.feed({ kind: 'repair' });
      },
    });
    const witness: Witness = {
      transition: (change) => moved(member, change),
      rxLowerPri: (peer) => metLower(member, peer),
      stepped: () => stepped(member),
      late: onLate,
      warn: (fields, text) => log.warn({ instance: instanceConfig.name, ...fields }, text),
    };
    const instance = createInstance({ config: instanceConfig, grouped, clock, hands: place, witness });
    const assessment: Assessment = { fitness: { priority: instanceConfig.priority }, pending: [] };
    const member: Member = {
      instance,
      place,
      started: false,
      removed: false,
      told: undefined,
      assessment,
    };
    instance.setPrimaryAddress(place.primaryAddress());
    return member;
  }

  /** Hands over like a planned stop, and is forgotten when that is done. */
  function remove(member: Member): void {
    member.removed = true;
    members.delete(nameOf(member));
    leaving.add(member);
    log.info({ instance: nameOf(member) }, `${nameOf(member)} is no longer in the configuration`);
    member.instance.feed({ kind: 'shutdown' });
  }

  /** Another virtual router of the same name: the old one ends at once, as the two would want the same addresses. */
  function replace(member: Member): void {
    const { instance, place } = member;
    if (answers(instance)) place.advertise(0);
    place.release();
    members.delete(nameOf(member));
    instance.abandon();
    place.close();
    place.unmake();
    log.info({ instance: nameOf(member) }, `${nameOf(member)} is another virtual router now`);
  }

  function forget(member: Member): void {
    if (!leaving.delete(member)) return;
    const { sendDeleted } = member.instance.config().notify;
    tell(member, sendDeleted ? 'DELETED' : 'FAULT');
    member.place.close();
    member.place.unmake();
  }

  function assess(): void {
    if (config === undefined || ending) return;
    const found = judge(config.instances, config.syncGroups, {
      read,
      linkFaults: ({ name }) => members.get(name)?.place.faults() ?? [],
    });
    const orders: Order[] = [];
    for (const [name, assessment] of found) {
      const member = members.get(name);
      if (member === undefined) continue;
      const event = refit(member, assessment);
      if (event !== undefined) orders.push({ instance: name, event });
    }
    sync.together(orders);
    start();
  }

  function refit(member: Member, assessment: Assessment): Event | undefined {
    member.assessment = assessment;
    const { fitness } = assessment;
    const before = member.instance.state().fitness;
    if (before.priority === fitness.priority && before.fault?.reason === fitness.fault?.reason) {
      return undefined;
    }
    if (before.priority !== fitness.priority) repriced(member, before.priority, fitness.priority);
    return { kind: 'fitness', fitness };
  }

  function repriced(member: Member, from: number, to: number): void {
    const name = nameOf(member);
    log.info({ instance: name, from, to }, `${name}: priority ${from} → ${to}`);
    if (!member.instance.config().notify.priorityChanges) return;
    if (member.told === 'MASTER') say(member, 'MASTER_PRIORITY', to);
    if (member.told === 'BACKUP') say(member, 'BACKUP_PRIORITY', to);
  }

  /** Starts whoever has heard of its trackers; members of a group together. Whoever adopts does not wait. */
  function start(): void {
    const idle = [...members.values()].filter(({ started }) => !started);
    const groups = new Map<SyncGroupConfig | Member, Member[]>();
    for (const member of idle) {
      const key = sync.groupOf(nameOf(member)) ?? member;
      groups.set(key, [...(groups.get(key) ?? []), member]);
    }
    for (const together of groups.values()) startTogether(together);
  }

  function startTogether(together: readonly Member[]): void {
    const events = together.map((member) => ({
      member,
      event: { kind: 'startup', adopt: adoption(member) } as const,
    }));
    const adopts = events.some(({ event }) => event.adopt !== undefined);
    if (!adopts && clock.now() < startAt) {
      startLater();
      return;
    }
    if (!adopts && together.some(({ assessment }) => assessment.pending.length > 0)) return;
    for (const { member } of events) member.started = true;
    sync.together(events.map(({ member, event }) => ({ instance: nameOf(member), event })));
  }

  function startLater(): void {
    starting ??= clock.wake(startAt, () => {
      starting = undefined;
      start();
    });
  }

  function adoption({ instance, place }: Member) {
    const { name, advertIntMs } = instance.config();
    return adoptionOf(saved, { name, advertIntMs, holds: place.holding().held.length > 0 }, bootNow());
  }

  function stepped(member: Member): void {
    if (member.removed) {
      if (member.instance.state().name === 'INIT') forget(member);
    } else sync.stepped(nameOf(member));
    for (const look of waiters) look();
  }

  function moved(member: Member, { from, to, cause }: Transition): void {
    const { name } = member.instance.config();
    const why = describeCause(cause);
    const text = `${name}: ${from} → ${to}: ${why}`;
    if (to === 'FAULT') log.warn({ instance: name, from, to, cause: why }, text);
    else log.info({ instance: name, from, to, cause: why }, text);
    onChange();
    const state = noticeState(to);
    if (state !== undefined && !member.removed) tell(member, state);
  }

  /** Tells of a new state once: a hand-over that nobody followed was no news. */
  function tell(member: Member, state: NoticeState): void {
    if (member.told === state) return;
    member.told = state;
    say(member, state, member.instance.state().fitness.priority);
  }

  function say(member: Member, state: NoticeState, priority: number): void {
    notify({ of: 'INSTANCE', name: nameOf(member), state, priority }, member.instance.config().notify);
  }

  function metLower(member: Member, peer: Peer): void {
    const name = nameOf(member);
    log.warn(
      { instance: name, peer },
      `${name}: heard a master of lower priority: ${peer.address} (${peer.priority})`,
    );
    say(member, 'MASTER_RX_LOWER_PRI', member.instance.state().fitness.priority);
    sync.announceWith(name);
  }

  function groupMoved(group: SyncGroupConfig, from: GroupState, to: GroupState): void {
    log.info({ group: group.name, from, to }, `sync group ${group.name}: ${from} → ${to}`);
    const state = noticeState(to);
    if (state !== undefined) notify({ of: 'GROUP', name: group.name, state, priority: 0 }, group.notify);
  }

  function chosen(name: string | undefined): readonly Member[] {
    if (name === undefined) return [...members.values()];
    if (!members.has(name)) {
      throw new Error(`no vrrp_instance "${name}": there are ${[...members.keys()].join(', ') || 'none'}`);
    }
    const names = sync.groupOf(name)?.instances ?? [name];
    return names.flatMap((each) => members.get(each) ?? []);
  }

  async function handover(name?: string): Promise<readonly HandoverResult[]> {
    const resigning = chosen(name).filter(({ instance }) => instance.state().name === 'MASTER');
    sync.together(resigning.map((member) => ({ instance: nameOf(member), event: { kind: 'handover' } })));
    await until(() => resigning.every(({ instance }) => instance.state().name !== 'HANDOVER'));
    return chosen(name).map((member) => result(member, resigning.includes(member)));
  }

  function resume(name?: string): readonly HandoverResult[] {
    const all = chosen(name);
    sync.together(all.map((member) => ({ instance: nameOf(member), event: { kind: 'resume' } })));
    return all.map((member) => result(member, true));
  }

  function result({ instance }: Member, concerned: boolean): HandoverResult {
    const state = instance.state();
    const { cause } = instance.since();
    const text = cause === undefined ? 'not started yet' : describeCause(cause);
    return {
      instance: instance.config().name,
      state: state.name,
      text: concerned ? text : `was not master: ${text}`,
    };
  }

  function until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    });
  }

  async function shutdown(): Promise<void> {
    starting?.cancel();
    ending = true;
    const all = [...members.values()];
    for (const member of all) member.started = true;
    sync.together(all.map((member) => ({ instance: nameOf(member), event: { kind: 'shutdown' } })));
    const over = ({ instance }: Member) => instance.state().name === 'INIT';
    await until(() => all.every(over) && [...leaving].every(over));
    for (const { place } of all) {
      place.close();
      place.unmake();
    }
  }

  function leave(): void {
    starting?.cancel();
    ending = true;
    for (const { instance, place } of [...members.values(), ...leaving]) {
      instance.abandon();
      place.close();
    }
  }

  function status(member: Member): InstanceStatus {
    const group = sync.groupOf(nameOf(member));
    const track = trackersOf(member.instance.config(), group && { ...group, hasOwner: false });
    return memberStatus(member, { group: group?.name, trackersDown: failing(track, read) });
  }

  function groupStatus({ name, instances }: SyncGroupConfig): GroupStatus {
    return { name, instances, state: sync.stateOf(name) ?? 'INIT' };
  }
}

function nameOf({ instance }: Pick<MemberState, 'instance'>): string {
  return instance.config().name;
}
