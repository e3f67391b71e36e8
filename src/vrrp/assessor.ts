/** How fit the instances are for their elections: what the trackers, the links and the health checks say, told where it is news. */
import type { InstanceConfig, VrrpConfig } from './config.js';
import type { Order } from './election/group.js';
import type { Event } from './election/state.js';
import type { VrrpLog } from './log.js';
import { type Member, nameOf } from './member.js';
import type { Sync } from './sync.js';
import { type Assessment, failing, type Readings } from './track/fitness.js';
import { judge, trackersIn } from './track/judge.js';
import type { Turns, Work } from './turns.js';

export type AssessorOptions = {
  readonly members: ReadonlyMap<string, Member>;
  readonly sync: Pick<Sync, 'together' | 'groupOf'>;
  readonly read: Readings;
  readonly log: VrrpLog;
  readonly turns: Pick<Turns, 'run' | 'request'>;
  readonly onRepriced: (member: Member, from: number, to: number) => void;
  /** Follows when all members have been assessed: trackers may have spoken that some waited for. */
  readonly afterwards: () => Work;
};

export type Assessor = {
  readonly configure: (config: VrrpConfig) => void;
  /** Asks all anew. */
  readonly assess: () => void;
  /** The same, within other work. */
  readonly assessing: () => Work;
  /** The health checks cannot run, or can again: masters hand over if a peer is there, and whoever is backup stays it. */
  readonly setUnfit: (unfit: boolean) => void;
  /** Asks for that again, of members that were not there yet. Nothing while the checks run. */
  readonly handOverUnfit: () => Work;
  /** What costs a member fitness now, in words. */
  readonly trackersDown: (member: Member) => readonly string[];
  /** Nobody's fitness changes any more. */
  readonly stop: () => void;
};

export function createAssessor(options: AssessorOptions): Assessor {
  const { members, sync, turns, read, log, onRepriced, afterwards } = options;
  let config: VrrpConfig | undefined;
  let stopped = false;
  let unfit = false;
  return {
    configure: (next) => {
      config = next;
    },
    assess,
    assessing,
    setUnfit,
    handOverUnfit,
    trackersDown,
    stop: () => {
      stopped = true;
    },
  };

  function assess(): void {
    turns.request(assessing);
  }

  function* assessing(): Work {
    if (config === undefined || stopped) return;
    const found = judge(config.instances, config.syncGroups, { read, linkFaults, unfit });
    yield;
    yield* sync.together(refits(found));
    yield* afterwards();
  }

  function* refits(found: ReadonlyMap<string, Assessment>): Generator<Order> {
    for (const [name, assessment] of found) {
      const member = members.get(name);
      const event = member && refit(member, assessment);
      if (event !== undefined) yield { instance: name, event };
    }
  }

  function linkFaults({ name }: InstanceConfig): readonly string[] {
    const member = members.get(name);
    if (member === undefined) return [];
    member.linkFaults = member.place.faults();
    return member.linkFaults;
  }

  function refit(member: Member, assessment: Assessment): Event | undefined {
    member.assessment = assessment;
    const { fitness } = assessment;
    const before = member.instance.state().fitness;
    if (before.priority === fitness.priority && before.fault?.reason === fitness.fault?.reason) {
      return undefined;
    }
    if (before.priority !== fitness.priority) onRepriced(member, before.priority, fitness.priority);
    return { kind: 'fitness', fitness };
  }

  function setUnfit(next: boolean): void {
    if (next === unfit) return;
    unfit = next;
    const text = next
      ? 'the health checks cannot run: handing over if a peer is there'
      : 'the health checks run again';
    log[next ? 'warn' : 'info']({}, text);
    assess();
    turns.run(handOverUnfit);
  }

  function* handOverUnfit(): Work {
    if (!unfit) return;
    const lowered = [...members.values()].filter(({ instance }) => instance.config().priority !== 255);
    yield* sync.together(lowered.map((member) => ({ instance: nameOf(member), event: { kind: 'unfit' } })));
  }

  function trackersDown(member: Member): readonly string[] {
    const group = sync.groupOf(nameOf(member));
    const track = trackersIn(member.instance.config(), group, config?.instances ?? []);
    return [...failing(track, read), ...(unfit ? ['health checks cannot run: priority 1'] : [])];
  }
}
