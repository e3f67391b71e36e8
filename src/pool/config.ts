/** What the pool manager needs to know of a virtual server. The configuration fills these in. */
import type {
  Destination,
  Forwarding,
  Persistence,
  Scheduler,
  ServiceFlags,
  ServiceKey,
} from '../ipvs/table.js';
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
  readonly sorryServer?: SorryServerConfig;
  readonly realServers: readonly RealServerConfig[];
};

/** Port 0 stands for the port of each service. */
export type SorryServerConfig = Pick<Destination, 'family' | 'address' | 'port'> & {
  readonly forwarding: Forwarding;
  /** Stays in the table with weight 0 while not needed. */
  readonly inhibit: boolean;
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
  readonly notifyUp?: Script;
  readonly notifyDown?: Script;
  /** What speaks for its health; none means always up. */
  readonly checkers: readonly CheckerRef[];
};

/** One checker as the pool sees it. */
export type CheckerRef = {
  /** The checker's id, see CheckerCommon. */
  readonly id: string;
  /** It must have succeeded once before its server counts as up (the checker's own resolved `alpha`). */
  readonly alpha: boolean;
};
