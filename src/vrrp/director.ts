/**
 * All virtual routers of this machine: joins their elections with their places in the network, their sync groups, their
 * trackers, and those who want to be told. Knows no sockets and no files, so that whole directors run in simulated time.
 */
import type { Clock } from '../clock.js';
import { createAssessor } from './assessor.js';
import { type Commands, createCommands } from './commands.js';
import type { InstanceConfig, NotifyConfig, VrrpConfig } from './config.js';
import { createStages, type Stage } from './election/stage.js';
import { isSame } from './heirs.js';
import { createHerald } from './herald.js';
import type { VrrpLog } from './log.js';
import { answers, isAsItWas, type Member, memberStatus, nameOf } from './member.js';
import { inTurns } from './moves.js';
import type { Notice } from './notify/notice.js';
import { createRecruit } from './recruit.js';
import type { SavedVrrp } from './saved.js';
import { createStarter } from './starter.js';
import type { GroupStatus, InstanceStatus } from './status.js';
import { createSuccession } from './succession.js';
import { createSync } from './sync.js';
import type { Readings } from './track/fitness.js';
import { createTurns, type Work } from './turns.js';
import type { Underlay } from './underlay.js';
import { createUntil } from './until.js';

export type DirectorOptions = {
  readonly clock: Clock;
  readonly log: VrrpLog;
  readonly underlay: Underlay;
  /** What the trackers say now; `assess` is to be called when that changes. */
  readonly read: Readings;
  readonly notify: (notice: Notice, config: NotifyConfig) => void;
  /** Something that `saved` tells has changed. */
  readonly onChange: () => void;
  /** How far a move of an instance's addresses is, whenever that changes. */
  readonly onStage: (instance: string, stage: Stage) => void;
  /** How late a deadline was noticed, in ms. */
  readonly onLate: (ms: number) => void;
  /** Milliseconds since the machine booted, for what is saved and for vrrp_delay_after_boot. */
  readonly bootNow: () => number;
};

export type Director = Commands & {
  /**
   * Sets what there is, at first and on a reload: whoever stays the same virtual router keeps its state. Many instances take several
   * turns of the event loop, in which those that run go on.
   */
  readonly configure: (config: VrrpConfig, saved?: SavedVrrp) => void;
  /** Resolves when all that the configuration says is so. */
  readonly settled: () => Promise<void>;
  /** The trackers say something else now. */
  readonly assess: () => void;
  /** The health checks cannot run, or can again: masters hand over if a peer is there, and whoever is backup stays it. */
  readonly setUnfit: (unfit: boolean) => void;
  /** Ends with make before break; resolves when nothing is held any more. */
  readonly shutdown: () => Promise<void>;
  /** Ends at once and leaves everything as it is, for a successor to adopt. */
  readonly leave: () => void;
  readonly saved: () => SavedVrrp;
  readonly instances: () => readonly InstanceStatus[];
  readonly groups: () => readonly GroupStatus[];
};

export function createDirector(options: DirectorOptions): Director {
  const { clock, log, underlay, read, onChange, bootNow } = options;
  const members = new Map<string, Member>();
  const until = createUntil();
  const stages = createStages(clock, options.onStage);
  const herald = createHerald(options);
  const turns = createTurns(clock, until.look);
  const sync = createSync({ member: (name) => members.get(name)?.instance, onState: herald.groupMoved });
  const succession = createSuccession({ members, onGone: gone, onEnded: startWhoMay });
  const starter = createStarter({ clock, members, sync, succession, bootNow, onDue: startWhoMay });
  const assessor = createAssessor({
    members,
    sync,
    turns,
    read,
    log,
    onRepriced: herald.repriced,
    afterwards: starter.start,
  });
  const recruit = createRecruit({
    ...options,
    herald,
    isHeir: succession.isHeir,
    count: () => members.size + succession.leaving.size,
    onStep: stepped,
    onTransition: changed,
    onLower: (member) => sync.announceWith(nameOf(member)),
    onLink: assessor.assess,
  });
  const commands = createCommands({
    members,
    sync,
    starter,
    turns,
    until: until.holds,
    hasYielded,
    onChange,
  });
  let config: VrrpConfig | undefined;
  /** While a configuration is being set: what was true before. */
  let before: SavedVrrp | undefined;

  return {
    configure,
    settled: () => until.holds(() => !turns.busy()),
    assess: assessor.assess,
    setUnfit: assessor.setUnfit,
    handover: commands.handover,
    resume: commands.resume,
    shutdown,
    leave,
    saved: () => before ?? present(),
    instances: () => [...members.values()].map(status),
    groups: () =>
      (config?.syncGroups ?? []).map(({ name, instances }) => ({
        name,
        instances,
        state: sync.stateOf(name) ?? 'INIT',
      })),
  };

  function configure(next: VrrpConfig, saved?: SavedVrrp): void {
    turns.run(() => set(next, saved));
  }

  function* set(next: VrrpConfig, saved: SavedVrrp | undefined): Work {
    const begins = config === undefined;
    before = saved ?? present();
    if (begins) starter.begin(next.process, saved);
    yield* apply(next);
    // Whoever goes on as master has not been asked to hand over yet.
    if (begins) yield* assessor.handOverUnfit();
    before = undefined;
    onChange();
  }

  function* apply(next: VrrpConfig): Work {
    config = next;
    assessor.configure(next);
    underlay.configure(next);
    const heirs = succession.plan(next.instances);
    const all = [...members.values()];
    // First: another one may be called so now, and have been handed over.
    for (const member of all.filter((each) => !heirs.has(each))) {
      remove(member);
      yield;
    }
    for (const [member, heir] of heirs) {
      if (members.get(nameOf(member)) === member && !isSame(heir, member.instance.config()))
        replace(member, heir);
      yield;
    }
    sync.configure(next.syncGroups);
    const running = [...members.values()].map(({ instance }) => instance.config());
    for (const together of inTurns(running, next.instances)) {
      putTogether(together);
      yield;
    }
    yield* assessor.assessing();
  }

  /** Nobody is told of what is half done. */
  function changed(): void {
    if (before === undefined) onChange();
  }

  function present(): SavedVrrp {
    return {
      aliveAt: bootNow(),
      masters: [...members.values()].filter(({ instance }) => answers(instance)).map(nameOf),
      yielded: [...members.values()].filter(hasYielded).map(nameOf),
    };
  }

  /** No address that one of them has from another is let go. */
  function putTogether(together: readonly InstanceConfig[]): void {
    if (together.length > 1)
      for (const instance of together) members.get(instance.name)?.place.claim(instance);
    for (const instance of together) put(instance);
  }

  function put(instance: InstanceConfig): void {
    const grouped = sync.groupOf(instance.name) !== undefined;
    const known = members.get(instance.name);
    if (known === undefined) {
      members.set(instance.name, recruit(instance, grouped));
      return;
    }
    if (isAsItWas(known, instance, grouped)) {
      known.place.look();
      known.instance.setPrimaryAddress(known.place.primaryAddress());
      return;
    }
    known.grouped = grouped;
    known.place.reconfigure(instance);
    known.instance.setPrimaryAddress(known.place.primaryAddress());
    known.instance.reconfigure(instance, grouped);
  }

  /** Hands over like a planned stop, and is forgotten when that is done. */
  function remove(member: Member): void {
    const name = nameOf(member);
    const which = config?.instances.some((each) => each.name === name)
      ? `${name} with virtual_router_id ${member.instance.config().virtualRouterId}`
      : name;
    log.info({ instance: name }, `${which} is no longer in the configuration`);
    starter.resume(name);
    members.delete(name);
    succession.end(member);
  }

  function replace(member: Member, heir: InstanceConfig): void {
    const name = nameOf(member);
    // What the operator has handed over stays so, whatever it is called or how it is reached now.
    if (hasYielded(member)) starter.yield(heir.name);
    members.delete(name);
    const now = heir.name === name ? 'another virtual router now' : `called ${heir.name} now`;
    log.info({ instance: name }, `${name} is ${now}`);
    succession.replace(member, heir);
  }

  function gone(member: Member): void {
    if (!members.has(nameOf(member))) herald.deleted(member);
  }

  function startWhoMay(): void {
    turns.request(starter.start);
  }

  function stepped(member: Member): void {
    const name = nameOf(member);
    // Of one that is leaving, as long as no other is so called.
    if ((members.get(name) ?? member) === member) {
      stages.look(name, member.instance.config(), member.instance.state());
    }
    if (succession.leaving.has(member)) succession.stepped(member);
    else if (sync.touch(nameOf(member))) turns.request(sync.ask);
    until.look();
  }

  async function shutdown(): Promise<void> {
    turns.finish();
    starter.stop();
    assessor.stop();
    const all = [...members.values()];
    for (const member of all) member.started = true;
    succession.endAll();
    turns.run(() =>
      sync.together(all.map((member) => ({ instance: nameOf(member), event: { kind: 'shutdown' } }))),
    );
    const over = ({ instance }: Member) => instance.state().name === 'INIT';
    await until.holds(() => all.every(over) && succession.leaving.size === 0);
    for (const { place } of all) {
      place.close();
      place.unmake();
    }
  }

  function leave(): void {
    turns.finish();
    starter.stop();
    assessor.stop();
    for (const { instance, place } of [...members.values(), ...succession.leaving]) {
      instance.abandon();
      place.close();
    }
  }

  function status(member: Member): InstanceStatus {
    const group = sync.groupOf(nameOf(member))?.name;
    const trackersDown = assessor.trackersDown(member);
    return memberStatus(member, { group, trackersDown, handedOver: hasYielded(member) });
  }

  function hasYielded(member: Member): boolean {
    const state = member.instance.state();
    return state.name === 'INIT' ? starter.hasYielded(nameOf(member)) : 'yielded' in state && state.yielded;
  }
}
