/**
 * A reload that makes another virtual router of an instance – another number, link, version or name. While it is master, its heir
 * takes its addresses over before it lets go of them, so that clients notice nothing.
 */
import type { InstanceConfig } from './config.js';
import { answers, type Member, nameOf, sameRouter } from './member.js';
import { clash } from './place/made-link.js';

export type Succession = {
  /** The member ends, and what `heir` says is to follow. */
  readonly replace: (member: Member, heir: InstanceConfig) => void;
  /** Whether the addresses are here already, with a member that this one follows. */
  readonly inherits: (heir: Member) => boolean;
  /** Whether it has to wait: it is unfit to follow, so its predecessor hands over to a peer first. */
  readonly isAwaited: (heir: Member) => boolean;
  /** Around the start of the heir. */
  readonly begin: (heir: Member) => void;
  readonly complete: (heir: Member) => void;
  /** A predecessor has handed over to a peer. */
  readonly ended: (predecessor: Member) => void;
};

export type SuccessionOptions = {
  /** Lets a member resign; `ended` is to be called when it has. */
  readonly handOver: (member: Member) => void;
  /** An instance has ended whose name is no longer used. */
  readonly onRenamed: (member: Member) => void;
};

export function createSuccession({ handOver, onRenamed }: SuccessionOptions): Succession {
  const predecessors = new Map<string, Member>();
  const leaving = new Set<Member>();
  return { replace, inherits, isAwaited, begin, complete, ended };

  function replace(member: Member, heir: InstanceConfig): void {
    const { instance, place } = member;
    if (!answers(instance)) {
      end(member, undefined);
      return;
    }
    predecessors.set(heir.name, member);
    const own = instance.config();
    // One made link of a name, and one listener for a virtual router: the heir could not have its own.
    if (clash(own, heir)) {
      place.release();
      place.close();
      place.unmake();
    } else if (own.virtualRouterId === heir.virtualRouterId) place.close();
  }

  function inherits(heir: Member): boolean {
    return predecessors.has(nameOf(heir));
  }

  function isAwaited(heir: Member): boolean {
    const predecessor = predecessors.get(nameOf(heir));
    if (predecessor === undefined) return false;
    if (!leaving.has(predecessor)) {
      if (heir.assessment.fitness.fault === undefined) return false;
      leaving.add(predecessor);
      handOver(predecessor);
    }
    return predecessors.has(nameOf(heir));
  }

  function begin(heir: Member): void {
    predecessors.get(nameOf(heir))?.place.close();
  }

  function complete(heir: Member): void {
    const predecessor = predecessors.get(nameOf(heir));
    if (predecessor === undefined) return;
    predecessors.delete(nameOf(heir));
    end(predecessor, heir.instance.config());
    if (nameOf(predecessor) !== nameOf(heir)) onRenamed(predecessor);
  }

  function ended(predecessor: Member): void {
    leaving.delete(predecessor);
    for (const [name, each] of predecessors) if (each === predecessor) predecessors.delete(name);
  }

  function end({ instance, place }: Member, heir: InstanceConfig | undefined): void {
    instance.abandon();
    if (heir === undefined) place.release();
    else place.yieldTo(heir);
    place.close();
    place.unmake(heir);
  }
}

/** Which of the next instances follows one: of the same name, or, where that is gone, the same virtual router of a new name. */
export function heirOf(
  own: InstanceConfig,
  next: readonly InstanceConfig[],
  isKnown: (name: string) => boolean,
): InstanceConfig | undefined {
  return (
    next.find(({ name }) => name === own.name) ??
    next.find((each) => !isKnown(each.name) && sameRouter(own, each))
  );
}
