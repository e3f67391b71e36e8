/**
 * Runs the election of one virtual router: keeps its wake-up armed, believes or drops what arrives, and does what each step
 * says in the order it says. What it does it with is handed in.
 */
import type { Clock, Timer } from '../clock.js';
import type { InstanceConfig } from './config.js';
import type { Announcement } from './election/garp.js';
import { initialState, step, wakeAt } from './election/machine.js';
import type { Action, Cause, Event, Peer, Router, State, StateName } from './election/state.js';
import { createTraffic, type Traffic } from './packets/counters.js';
import type { Envelope, Receiver } from './packets/receive.js';
import { createRepeats } from './packets/repeats.js';
import { allAddresses } from './place/all-addresses.js';

/** How an instance acts upon the world. None of these waits, and none throws. */
export type Hands = {
  /** Puts addresses, routes and rules there: they answer when it returns. What is there already stays. */
  readonly acquire: () => void;
  /** Gives addresses that are there a new lifetime. */
  readonly renew: () => void;
  readonly release: () => void;
  /** False when nothing could be sent. */
  readonly advertise: (priority: number) => boolean;
  readonly announce: (announcement: Announcement) => void;
  /** Hands over packets that wait in the socket: a deadline must not overtake them. */
  readonly drain: () => void;
};

/** Whom an instance tells what happened, after it was done. */
export type Witness = {
  readonly transition: (change: Transition) => void;
  readonly rxLowerPri: (peer: Peer) => void;
  /** After every step: its sync group may have orders. */
  readonly stepped: () => void;
  /** How late a deadline was noticed. */
  readonly late: (ms: number) => void;
  readonly warn: (fields: object, text: string) => void;
};

export type Transition = { readonly from: StateName; readonly to: StateName; readonly cause: Cause };

export type InstanceOptions = {
  readonly config: InstanceConfig;
  readonly grouped: boolean;
  /** May wake up to `slackMs()` later than it is asked to. */
  readonly clock: Clock;
  readonly slackMs?: () => number;
  readonly hands: Hands;
  readonly witness: Witness;
};

export type Instance = {
  readonly config: () => InstanceConfig;
  readonly state: () => State;
  readonly traffic: Traffic;
  /** When this state began, and why, in milliseconds since 1970. */
  readonly since: () => { readonly at: number; readonly cause: Cause | undefined };
  readonly feed: (event: Event) => void;
  readonly receive: (payload: Uint8Array, envelope: Envelope) => void;
  /** The source of our own adverts has changed. */
  readonly setPrimaryAddress: (address: string | undefined) => void;
  /** A reload: the state goes on under the new configuration, and a master adverts at once. */
  readonly reconfigure: (config: InstanceConfig, grouped: boolean) => void;
  /** Does nothing any more, and undoes nothing. */
  readonly abandon: () => void;
};

/** A master this late reads its socket before it believes it still is one. */
const LATE_MS = 5;

export function createInstance(options: InstanceOptions): Instance {
  const { clock, hands, witness, slackMs = () => 0 } = options;
  let { config } = options;
  let router: Router = { ...config, grouped: options.grouped };
  let state: State = initialState(router);
  let since: ReturnType<Instance['since']> = { at: clock.wallNow(), cause: undefined };
  let timer: Timer | undefined;
  let armedAt = Number.POSITIVE_INFINITY;
  let receiver: Receiver = config;
  const believe = createRepeats();
  const traffic = createTraffic(clock, (fields, text) => witness.warn(fields, `${config.name}: ${text}`));

  return {
    config: () => config,
    state: () => state,
    traffic,
    since: () => since,
    feed,
    receive,
    setPrimaryAddress: (primaryAddress) => {
      router = { ...router, primaryAddress };
      receiver = { ...receiver, primaryAddress };
    },
    reconfigure,
    abandon: () => {
      timer?.cancel();
      timer = undefined;
      armedAt = Number.POSITIVE_INFINITY;
      state = initialState(router, state.fitness);
    },
  };

  function feed(event: Event): void {
    take(event);
    witness.stepped();
  }

  function take(event: Event): void {
    const next = step(router, state, event, clock.now());
    state = next.state;
    arm();
    for (const action of next.actions) act(action);
  }

  function arm(): void {
    const at = wakeAt(state);
    if (at === armedAt) return;
    timer?.cancel();
    armedAt = at;
    timer = at === Number.POSITIVE_INFINITY ? undefined : clock.wake(at, due);
  }

  function due(): void {
    const lateMs = Math.max(0, clock.now() - armedAt - slackMs());
    armedAt = Number.POSITIVE_INFINITY;
    witness.late(lateMs);
    if (state.name !== 'MASTER' || lateMs > LATE_MS) hands.drain();
    // What was drained may have armed another wake-up; then this one is void, and a timeout too early changes nothing.
    feed({ kind: 'timeout' });
  }

  function receive(payload: Uint8Array, envelope: Envelope): void {
    const received = believe(receiver, payload, envelope);
    if (received.kind === 'drop') {
      traffic.dropped(received.reason, received.detail, envelope.source);
      return;
    }
    const { advert } = received;
    if (receiver.knownSource !== advert.source) receiver = { ...receiver, knownSource: advert.source };
    traffic.received(received);
    feed(advert);
  }

  function act(action: Action): void {
    switch (action.kind) {
      case 'acquire':
        hands.acquire();
        return;
      case 'renew':
        hands.renew();
        return;
      case 'release':
        hands.release();
        return;
      case 'advertise':
        if (hands.advertise(action.priority)) traffic.sent(action.priority);
        return;
      case 'announce':
        hands.announce(action);
        return;
      case 'transition':
        move(action);
        return;
      case 'rx-lower-pri':
        witness.rxLowerPri(action.peer);
    }
  }

  function move({ from, to, cause }: Transition): void {
    traffic.moved(from, to);
    since = { at: clock.wallNow(), cause };
    witness.transition({ from, to, cause });
  }

  function reconfigure(next: InstanceConfig, grouped: boolean): void {
    const known = new Set(allAddresses(config).map(({ address }) => address));
    const newAddresses = allAddresses(next).some(({ address }) => !known.has(address));
    config = next;
    const before = router;
    const { primaryAddress } = before;
    router = { ...next, grouped, primaryAddress };
    receiver = { ...next, primaryAddress };
    // Its sync group is asked when all of its members are what the reload makes of them.
    take({ kind: 'reconfigured', before, newAddresses });
  }
}
