/**
 * Those that a reload ends: who is no longer in the configuration hands over, and who is another virtual router now – of another number,
 * link, version or name – has an heir. That takes the addresses of a master over before it lets go of them, so that clients notice nothing.
 */
import type { InstanceConfig } from './config.js';
import type { Adoption } from './election/state.js';
import { heirsOf } from './heirs.js';
import { answers, type Member, nameOf } from './member.js';
import { clash } from './place/made-link.js';

export type Succession = {
  /** Those that have not ended. */
  readonly leaving: ReadonlySet<Member>;
  /** What becomes of whoever is here, for the next instances: to be asked before anything is done. Who is left out is to end. */
  readonly plan: (next: readonly InstanceConfig[]) => ReadonlyMap<Member, InstanceConfig>;
  /** The member hands over, and is forgotten when that is done. */
  readonly end: (member: Member) => void;
  /** The member ends as soon as the heir has begun. */
  readonly replace: (member: Member, heir: InstanceConfig) => void;
  /** Whether an instance of this name is to take over from another: its place has to wait for that. */
  readonly isHeir: (name: string) => boolean;
  /** Whether it has to wait longer: it is unfit to follow, so its predecessor hands over to a peer first. */
  readonly isAwaited: (heir: Member) => boolean;
  /** What it takes over. */
  readonly legacy: (heir: Member) => Adoption | undefined;
  /** Around the start of the heir. */
  readonly begin: (heir: Member) => void;
  readonly complete: (heir: Member) => void;
  /** To be called after each step of a member that is leaving. */
  readonly stepped: (member: Member) => void;
  /** Nobody is heir any more: all hand over. */
  readonly endAll: () => void;
};

export type SuccessionOptions = {
  readonly members: ReadonlyMap<string, Member>;
  /** It has ended, and its name may be that of another one now. */
  readonly onGone: (member: Member) => void;
  /** Its heir may begin. */
  readonly onEnded: () => void;
};

export function createSuccession({ members, onGone, onEnded }: SuccessionOptions): Succession {
  const leaving = new Set<Member>();
  /** By the name of the heir, while that waits. */
  const predecessors = new Map<string, Member>();
  /** Heirs that waited and are not wanted any more: they have nothing to hand over. */
  let unwanted = new Set<Member>();
  return {
    leaving,
    plan,
    end,
    replace,
    isHeir: (name) => predecessors.has(name),
    isAwaited,
    legacy,
    begin,
    complete,
    stepped,
    endAll,
  };

  function plan(next: readonly InstanceConfig[]): ReadonlyMap<Member, InstanceConfig> {
    const waiting = new Map(
      [...predecessors].flatMap(([name, member]) => {
        const heir = members.get(name);
        return heir === undefined ? [] : [[heir, member] as const];
      }),
    );
    const heirs = heirsOfAll(waiting, next);
    for (const [heir, predecessor] of waiting) {
      const wanted = heirs.get(predecessor);
      if (wanted !== undefined) heirs.set(heir, wanted);
    }
    unwanted = new Set([...waiting.keys()].filter((heir) => !heirs.has(heir)));
    predecessors.clear();
    for (const member of leaving) {
      const heir = heirs.get(member);
      if (heir === undefined) end(member);
      else predecessors.set(heir.name, member);
    }
    return heirs;
  }

  function heirsOfAll(
    waiting: ReadonlyMap<Member, Member>,
    next: readonly InstanceConfig[],
  ): Map<Member, InstanceConfig> {
    const awaitedBy = new Map([...waiting].map(([heir, member]) => [member, heir.instance.config()]));
    const running = [...members.values()].filter((member) => !waiting.has(member));
    const formers = [...running, ...leaving].map((member) => ({
      member,
      config: member.instance.config(),
      awaitedBy: awaitedBy.get(member),
    }));
    return new Map([...heirsOf(formers, next)].map(([{ member }, heir]) => [member, heir]));
  }

  function end(member: Member): void {
    if (member.removed) return;
    if (unwanted.delete(member)) {
      member.place.close();
      return;
    }
    member.removed = true;
    leaving.add(member);
    member.instance.feed({ kind: 'shutdown' });
  }

  function replace(member: Member, heir: InstanceConfig): void {
    if (!answers(member.instance)) {
      member.place.release();
      finish(member);
      return;
    }
    leaving.add(member);
    predecessors.set(heir.name, member);
  }

  function isAwaited(heir: Member): boolean {
    const predecessor = predecessors.get(nameOf(heir));
    if (predecessor === undefined) return false;
    if (!answers(predecessor.instance)) {
      // A better master came meanwhile: nothing is left to take over.
      finish(predecessor);
      release(predecessor);
      return false;
    }
    if (heir.assessment.fitness.fault === undefined) return false;
    end(predecessor);
    return predecessors.has(nameOf(heir));
  }

  function legacy(heir: Member): Adoption | undefined {
    const state = predecessors.get(nameOf(heir))?.instance.state();
    if (state === undefined) return undefined;
    return { of: 'replaced', unfit: state.name === 'HANDOVER' && state.purpose === 'unfit' };
  }

  function begin(heir: Member): void {
    const predecessor = predecessors.get(nameOf(heir));
    if (predecessor === undefined) return;
    const { instance, place } = predecessor;
    // One listener for a virtual router, and one made link of a name: the heir could not have its own.
    place.close();
    if (clash(instance.config(), heir.instance.config())) {
      place.release();
      place.unmake();
    }
    heir.place.enter();
  }

  function complete(heir: Member): void {
    const predecessor = predecessors.get(nameOf(heir));
    if (predecessor === undefined) return;
    predecessors.delete(nameOf(heir));
    predecessor.place.release();
    finish(predecessor, heir.instance.config());
    onGone(predecessor);
  }

  function stepped(member: Member): void {
    if (!member.removed || member.instance.state().name !== 'INIT') return;
    finish(member);
    onGone(member);
    release(member);
    onEnded();
  }

  /** The heir of one that has ended need not wait any more, nor has it anything to take over. */
  function release(predecessor: Member): void {
    for (const [name, member] of predecessors) {
      if (member !== predecessor) continue;
      predecessors.delete(name);
      members.get(name)?.place.enter();
    }
  }

  function finish(member: Member, heir?: InstanceConfig): void {
    const { instance, place } = member;
    leaving.delete(member);
    instance.abandon();
    place.close();
    place.unmake(heir);
  }

  function endAll(): void {
    for (const member of predecessors.values()) end(member);
  }
}
