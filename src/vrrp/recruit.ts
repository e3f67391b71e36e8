/** Makes a member of a configured instance: its election, its place in the network, and who hears what of either. */
import type { Clock } from '../clock.js';
import { CoarseClocks } from '../net/coarse-clock.js';
import type { InstanceConfig } from './config.js';
import { wakeGrainMs } from './election/timers.js';
import type { Herald } from './herald.js';
import { createInstance, type Instance, type Witness } from './instance.js';
import type { VrrpLog } from './log.js';
import { type Member, nameOf, newMember, noteDrift } from './member.js';
import { TURN_MS } from './turns.js';
import type { Underlay, Upcalls } from './underlay.js';

export type RecruitOptions = {
  readonly clock: Clock;
  readonly log: VrrpLog;
  readonly underlay: Pick<Underlay, 'attach'>;
  readonly herald: Pick<Herald, 'moved' | 'metLower' | 'lost' | 'remade'>;
  /** Whether another one has the interfaces and addresses of that instance still. */
  readonly isHeir: (name: string) => boolean;
  /** How many there are, those that are leaving among them. */
  readonly count: () => number;
  /** An election has taken a step. */
  readonly onStep: (member: Member) => void;
  /** An election has another state now, after that has been told. */
  readonly onTransition: () => void;
  /** A master of lower priority was heard. */
  readonly onLower: (member: Member) => void;
  /** A link is up or down now that was not. */
  readonly onLink: () => void;
  /** How late a deadline was noticed, in ms. */
  readonly onLate: (ms: number) => void;
};

export type Recruit = (config: InstanceConfig, grouped: boolean) => Member;

export function createRecruit(options: RecruitOptions): Recruit {
  const { clock, log, underlay, herald, isHeir, count } = options;
  const coarse = new CoarseClocks(clock, TURN_MS);
  return recruit;

  function recruit(config: InstanceConfig, grouped: boolean): Member {
    const place = underlay.attach(
      config,
      upcallsOf(() => member),
      isHeir(config.name),
    );
    const slackMs = () => wakeGrainMs(instance.config(), count());
    const instance: Instance = createInstance({
      config,
      grouped,
      clock: beatOf(slackMs),
      slackMs,
      hands: place,
      witness: witnessOf(() => member),
    });
    const member = newMember(instance, place, grouped);
    instance.setPrimaryAddress(place.primaryAddress());
    return member;
  }

  /** What its place tells a member. */
  function upcallsOf(member: () => Member): Upcalls {
    const repair = (what: readonly string[]) => {
      noteDrift(member(), what, clock.wallNow());
      member().instance.feed({ kind: 'repair' });
    };
    return {
      receive: (payload, envelope) => member().instance.receive(payload, envelope),
      changed: () => {
        const { instance, place, linkFaults } = member();
        instance.setPrimaryAddress(place.primaryAddress());
        // Many places tell at one time, and all are judged with the first of them.
        if (place.faults().join() !== linkFaults?.join()) options.onLink();
      },
      lost: (what, why) => {
        if (what.length > 0) herald.lost(member(), what, why);
        repair(why === 'taken' ? what.map((one) => `${one} was taken away`) : []);
      },
      remade: (what) => {
        herald.remade(member(), what);
        repair(what);
      },
    };
  }

  /** What its election tells of a member. */
  function witnessOf(member: () => Member): Witness {
    return {
      transition: (change) => {
        herald.moved(member(), change);
        options.onTransition();
      },
      rxLowerPri: (peer) => {
        herald.metLower(member(), peer);
        options.onLower(member());
      },
      stepped: () => options.onStep(member()),
      late: options.onLate,
      warn: (fields, text) => log.warn({ instance: nameOf(member()), ...fields }, text),
    };
  }

  /** What an instance waits by: many share their wake-ups, and give way to those that may not wait for so long. */
  function beatOf(grainMs: () => number): Clock {
    const waiting = () => (grainMs() === 0 ? clock : coarse.withGrain(grainMs()));
    return { ...clock, wake: (at, callback) => waiting().wake(at, callback) };
  }
}
