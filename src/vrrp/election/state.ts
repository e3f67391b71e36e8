/** The words of the election: what a virtual router is, what happens to it, and what is to be done. Types alone. */
import type { InstanceConfig } from '../config.js';
import type { Announcement, GarpSchedule } from './garp.js';
import type { Renewal } from './timers.js';

/** A virtual router as its election sees it: an instance's configuration and what the machine it runs on adds. */
export type Router = Pick<
  InstanceConfig,
  | 'version'
  | 'priority'
  | 'initialState'
  | 'advertIntMs'
  | 'downTimerAdverts'
  | 'preempt'
  | 'preemptDelayMs'
  | 'lowerPrioNoAdvert'
  | 'higherPrioSendAdvert'
  | 'ownerIgnoreAdverts'
  | 'timerExpiredBackup'
  | 'vipLifetime'
  | 'garp'
> & {
  /** Source of our adverts now, for the tie-break; absent while the interface has no address. */
  readonly primaryAddress?: string | undefined;
  /** In a sync group: becomes master only by `promote`. */
  readonly grouped: boolean;
};

/** What the trackers leave of a router. */
export type Fitness = {
  /** Effective priority, 1–255. */
  readonly priority: number;
  readonly fault?: Fault | undefined;
};

export type Fault = {
  /** `link`: nothing can be sent or answered. `tracked`: something else is wrong, and the addresses still answer. */
  readonly kind: 'link' | 'tracked';
  /** For people: `interface eth0 is down`. */
  readonly reason: string;
  /** The link of another member of the sync group is dead: that one cannot resign, and its peer waits for its silence. */
  readonly deadLink?: boolean | undefined;
};

/** The router whose advert was heard last. */
export type Peer = { readonly address: string; readonly priority: number };

/** A peer with the time of its last advert, and how long after it the next is due. */
export type Heard = Peer & { readonly heardAt: number; readonly advertIntMs: number };

export type State = InitState | FaultState | BackupState | MasterState | HandoverState;

/** Before startup and after shutdown. */
export type InitState = { readonly name: 'INIT'; readonly fitness: Fitness };

export type FaultState = {
  readonly name: 'FAULT';
  readonly fitness: Fitness;
  /** As in Backup: a fault does not take a hand-over back. */
  readonly yielded: boolean;
};

export type BackupState = {
  readonly name: 'BACKUP';
  readonly fitness: Fitness;
  /** Master_Down_Timer */
  readonly masterDownAt: number;
  /** Shortly before that: a look whether this machine is on time. Infinity when it was taken, or would tell nothing. */
  readonly lookAt: number;
  /** Master_Adver_Interval: learned from the master in VRRPv3. */
  readonly masterAdverIntMs: number;
  /** Who was heard last, and when. */
  readonly master?: Heard | undefined;
  /** The master's last advert had priority 0. */
  readonly resigned: boolean;
  /** preempt_delay: masters of lower priority are put up with until then. */
  readonly preemptAt?: number | undefined;
  /** The operator wants another to be master: puts up with those of lower priority until it is master again, or told to resume. */
  readonly yielded: boolean;
  /** A deadline was noticed late, and the timer got a last wait for that. */
  readonly doubted: boolean;
  /** The timer has run out, and the sync group holds it back. */
  readonly ready: boolean;
  /** Just started: it has neither waited for its timer nor heard a master it puts up with. */
  readonly fresh?: boolean | undefined;
};

export type MasterState = {
  readonly name: 'MASTER';
  readonly fitness: Fitness;
  /** Adver_Timer */
  readonly advertAt: number;
  readonly lastAdvertAt: number;
  /** When a foreign advert was last answered. */
  readonly assertedAt: number;
  readonly renewal: Renewal;
  readonly garp: GarpSchedule;
};

/** Has resigned, and keeps answering until a peer has taken over. */
export type HandoverState = {
  readonly name: 'HANDOVER';
  readonly fitness: Fitness;
  readonly purpose: HandoverPurpose;
  /** By the operator, whatever has come on top since: what it is afterwards puts up with masters of lower priority. */
  readonly yielded: boolean;
  /** The advert of priority 0 is sent a second time then, as the first may be lost. */
  readonly repeatAt: number;
  readonly releaseAt: number;
  readonly renewal: Renewal;
};

/**
 * Why a master hands over, and so what it is afterwards: `stop` INIT, `fault` FAULT, `group` BACKUP,
 * `operator` and `unfit` BACKUP if a peer took over and MASTER as before if none did.
 */
export type HandoverPurpose = 'stop' | 'operator' | 'unfit' | 'fault' | 'group';

export type Event =
  | { readonly kind: 'startup'; readonly adopt?: Adoption | undefined; readonly yielded?: boolean }
  | { readonly kind: 'shutdown' }
  /** The operator wants another router to be master, or takes that wish back. */
  | { readonly kind: 'handover' }
  /** Another router would serve better, if there is one: the priority has fallen already. */
  | { readonly kind: 'unfit' }
  | { readonly kind: 'resume' }
  /** The time of `wakeAt` has come. */
  | { readonly kind: 'timeout' }
  | Advert
  | { readonly kind: 'fitness'; readonly fitness: Fitness }
  /** The sync group lets it be master, or wants it to be none. */
  | { readonly kind: 'promote' }
  | { readonly kind: 'demote' }
  /** A member of its sync group met a lower master: announce as well. */
  | { readonly kind: 'announce' }
  /** Someone took addresses away. */
  | { readonly kind: 'repair' }
  /** A reload: the router is what the configuration says now, and was `before`. */
  | { readonly kind: 'reconfigured'; readonly before: Router; readonly newAddresses?: boolean };

/**
 * The addresses are on the interface already. `last-run`: found there with time left, and it was master when last heard.
 * `replaced`: of a virtual router that this one replaces while it is master.
 */
export type Adoption =
  | {
      readonly of: 'last-run';
      readonly lastAdvertAgoMs: number;
      /** Only some of them are. */
      readonly partly?: boolean;
    }
  | {
      readonly of: 'replaced';
      /** It was handing over since another router would serve better. */
      readonly unfit: boolean;
    };

/** A valid advert of another router. */
export type Advert = {
  readonly kind: 'advert';
  readonly source: string;
  /** 0–255 */
  readonly priority: number;
  readonly maxAdverIntMs: number;
};

export type Action =
  /** Add addresses, routes and rules, or give them a new lifetime; what is there already stays. */
  | { readonly kind: 'acquire' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'release' }
  | { readonly kind: 'advertise'; readonly priority: number }
  | ({ readonly kind: 'announce' } & Announcement)
  | { readonly kind: 'transition'; readonly from: StateName; readonly to: StateName; readonly cause: Cause }
  /** A master heard a lower one: MASTER_RX_LOWER_PRI. */
  | { readonly kind: 'rx-lower-pri'; readonly peer: Peer };

export type StateName = State['name'];

/** Why a state changed. */
export type Cause = {
  readonly why:
    | 'startup'
    | 'owner'
    | 'adopted'
    | 'adopted-late'
    | 'adopted-partly'
    | 'replaced'
    | 'master-silent'
    | 'master-resigned'
    | 'preempting'
    | 'group'
    | 'nobody-took-over'
    | 'peer-took-over'
    | 'higher-priority'
    | 'higher-address'
    | 'late'
    | 'fault'
    | 'fault-cleared'
    | 'handover'
    | 'unfit'
    | 'resumed'
    | 'shutdown';
  readonly peer?: Peer | undefined;
  readonly reason?: string | undefined;
};

export type Step = { readonly state: State; readonly actions: readonly Action[] };
