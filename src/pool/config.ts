/** What the pool manager needs to know of a virtual server. The configuration fills these in. */
import type {
  Destination,
  Forwarding,
  Persistence,
  Scheduler,
  ServiceFlags,
  ServiceKey,
} from '../ipvs/table.js';
import type { AdmittedService, SessionSpace } from '../nft/admission.js';
import type { Script } from '../script.js';

export type VirtualServerConfig = {
  /** Unique and stable over reloads: `10.0.0.100:80 tcp`, `fwmark 5`, `group NAME`. Shown to operators. */
  readonly id: string;
  /** The kernel services it stands for: one, or one per address of a virtual_server_group. */
  readonly services: readonly ServiceKey[];
  readonly scheduler: Scheduler;
  readonly flags: ServiceFlags;
  readonly persistence?: Persistence;
  readonly persistenceEngine?: string;
  /** Sum of live weights needed. */
  readonly quorum: number;
  readonly hysteresis: number;
  readonly quorumUp?: Script;
  readonly quorumDown?: Script;
  /** Run notify_down and quorum_down at stop. */
  readonly omega: boolean;
  /** Mail when the quorum is gained or lost; absent: none. */
  readonly smtpAlert?: true;
  /** Who answers when the pool can't: those of them that are up, together. */
  readonly sorryServers: readonly SorryServerConfig[];
  /** Absent: a full pool is left to the kernel's thresholds. */
  readonly overflow?: OverflowConfig;
  /** How long a server that is to leave may keep its connections; 0: not at all. */
  readonly drainTimeoutMs: number;
  readonly realServers: readonly RealServerConfig[];
};

/** How newcomers are turned to the sorry servers while the pool is full. See docs/overflow.md. */
export type OverflowConfig =
  /** The kernel turns them, by thresholds on active connections. Scheduler sed or fo. */
  | { readonly mode: 'connections' }
  /** lvsd sets weights to 0 and back, looking every `intervalMs`. */
  | { readonly mode: 'quiesce'; readonly intervalMs: number }
  /**
   * The kernel admits a number of clients at a time, and marks their packets and those of the others: `services` are the two for
   * these marks, the pool's first, then the sorry servers'.
   */
  | {
      readonly mode: 'sessions';
      readonly space: SessionSpace;
      readonly service: Omit<AdmittedService, 'door'>;
    };

/** Port 0 stands for the port of each service. */
export type SorryServerConfig = Pick<Destination, 'family' | 'address' | 'port'> & {
  /** Unique within its virtual server, and no real server's id: `sorry 10.0.0.20:80`. */
  readonly id: string;
  /** Its share among several sorry servers. */
  readonly weight: number;
  readonly forwarding: Forwarding;
  /** Stays in the table with weight 0 while not needed. */
  readonly inhibit: boolean;
  /** It is used only while they let it; none means always. */
  readonly checkers: readonly CheckerRef[];
};

/** Port 0 stands for the port of each service. */
export type RealServerConfig = Pick<
  Destination,
  'family' | 'address' | 'port' | 'weight' | 'upperThreshold' | 'lowerThreshold'
> & {
  /** Unique within its virtual server and stable over reloads: `10.0.0.11:80`. */
  readonly id: string;
  readonly forwarding: Forwarding;
  /** Weight 0 rather than removal while down. */
  readonly inhibitOnFailure: boolean;
  /** Over how long its share grows to the whole after it came back; 0: at once. */
  readonly slowStartMs: number;
  readonly notifyUp?: Script;
  readonly notifyDown?: Script;
  /** Mail when it comes up or goes down; absent: none. */
  readonly smtpAlert?: true;
  /** What speaks for its health; none means always up. */
  readonly checkers: readonly CheckerRef[];
};

/** One checker as the pool sees it. */
export type CheckerRef = {
  /** The checker's id, see CheckerCommon. */
  readonly id: string;
  /** It must have succeeded once before its server counts as up (the checker's own resolved `alpha`). */
  readonly alpha: boolean;
  /** An AGENT_CHECK: it moves the weight, and assumes nothing before it has spoken. */
  readonly agent?: true;
};
