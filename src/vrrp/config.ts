/**
 * What the VRRP process needs to know. The configuration fills these in with every default resolved, so that nothing
 * here depends on global_defs. Lengths of time are milliseconds; keepalived's keyword stands beside each field whose name differs.
 */
import type { FifoConfig } from '../fifo/config.js';
import type { Family } from '../net/address.js';
import type { Script } from '../script.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './place/network-config.js';
import type {
  InterfaceDelayConfig,
  ScriptConfig,
  TrackConfig,
  TrackFileConfig,
  TrackProcessConfig,
} from './track/config.js';

export type VrrpConfig = {
  readonly instances: readonly InstanceConfig[];
  readonly syncGroups: readonly SyncGroupConfig[];
  readonly scripts: readonly ScriptConfig[];
  readonly trackFiles: readonly TrackFileConfig[];
  readonly trackProcesses: readonly TrackProcessConfig[];
  readonly interfaceDelays: readonly InterfaceDelayConfig[];
  readonly garpGroups: readonly GarpGroupConfig[];
  readonly staticAddresses: readonly AddressConfig[];
  readonly staticRoutes: readonly RouteConfig[];
  readonly staticRules: readonly RuleConfig[];
  readonly process: VrrpProcessConfig;
};

/** Settings of the process as a whole. */
export type VrrpProcessConfig = {
  /** Wait before the first election: vrrp_startup_delay. */
  readonly startupDelayMs: number;
  /** Earliest start, counted from the machine's boot: vrrp_delay_after_boot. */
  readonly delayAfterBootMs: number;
  /** SCHED_RR priority 1–99: vrrp_rt_priority. Absent: 50 is tried and its refusal is only a warning. */
  readonly rtPriority?: number;
  /** CPU time in µs a real-time process may use without sleeping: vrrp_rlimit_rttime. */
  readonly rlimitRttimeUs?: number;
  /** Nice value -20–19: vrrp_priority. */
  readonly nice?: number;
  /** Lock memory: vrrp_no_swap. */
  readonly noSwap: boolean;
  readonly cpuAffinity?: readonly number[];
  /** FIFOs that are told every transition, in order: notify_fifo and vrrp_notify_fifo. */
  readonly notifyFifos: readonly FifoConfig[];
  /** Repeat every state on the FIFOs after a reload: fifo_write_vrrp_states_on_reload. */
  readonly fifoWriteStatesOnReload: boolean;
  readonly lvsSyncDaemon?: LvsSyncDaemonConfig;
  readonly logUnknownVrids: boolean;
  /** No IGMP reports of groups of the local network, for all of the network namespace: disable_local_igmp. */
  readonly disableLocalIgmp: boolean;
};

/** lvs_sync_daemon: the kernel copies connections to the other director. */
export type LvsSyncDaemonConfig = {
  readonly interface: string;
  /** The master daemon runs while this instance is MASTER, the backup daemon otherwise; absent: both always. */
  readonly instance?: string;
  /** 0–255; the instance's VRID unless given. */
  readonly syncId: number;
  readonly maxLength?: number;
  readonly port?: number;
  readonly ttl?: number;
  readonly group?: string;
};

export type InstanceConfig = {
  readonly name: string;
  /** The family of the advertised addresses. */
  readonly family: Family;
  readonly version: 2 | 3;
  /** Absent only with unicast peers, where the kernel routes. */
  readonly interface?: string;
  /** The VRF the interface is in, or by whose table the kernel routes where there is no interface. */
  readonly vrf?: string;
  /** 1–255 */
  readonly virtualRouterId: number;
  /** `state`: MASTER waits one advert, BACKUP the whole Master_Down_Interval, before taking over at start. */
  readonly initialState: 'MASTER' | 'BACKUP';
  /** 1–255, where 255 is the owner of the addresses and is changed by no tracker. */
  readonly priority: number;
  readonly advertIntMs: number;
  /** Adverts that may be missed before a takeover: 1–100. */
  readonly downTimerAdverts: number;
  /** `nopreempt` is false. */
  readonly preempt: boolean;
  readonly preemptDelayMs: number;
  /** Do not answer an advert of lower priority with one's own. */
  readonly lowerPrioNoAdvert: boolean;
  /** Answer an advert of higher priority once before giving way. */
  readonly higherPrioSendAdvert: boolean;
  readonly ownerIgnoreAdverts: boolean;
  /** timer_expired_backup: highest priority among the others, 1–254; a master whose advert is so late that one of them may have taken over gives way. */
  readonly timerExpiredBackup?: number;
  readonly authentication?: AuthenticationConfig;
  readonly transport: TransportConfig;
  /** IPv4 VRRPv3 without pseudo header, as RFC 9568 has it. */
  readonly v3ChecksumAsV2: boolean;
  /** Compare the addresses of each advert only while its sender is new: skip_check_adv_addr. */
  readonly skipCheckAdvAddr: boolean;
  /** Receive packets to the addresses; false with `no_accept`, but for an owner. What IPVS serves is not received. */
  readonly accept: boolean;
  /** Advertised. May be empty only with no_virtual_ipaddress. */
  readonly virtualAddresses: readonly AddressConfig[];
  /** Held but not advertised: virtual_ipaddress_excluded. */
  readonly excludedAddresses: readonly AddressConfig[];
  readonly virtualRoutes: readonly RouteConfig[];
  readonly virtualRules: readonly RuleConfig[];
  readonly promoteSecondaries: boolean;
  /** vip_lifetime: how long the kernel keeps the addresses of a daemon that hangs. `auto` follows the protocol. */
  readonly vipLifetime: VipLifetime;
  readonly garp: GarpConfig;
  readonly vmac?: VmacConfig;
  readonly ipvlan?: IpvlanConfig;
  /** Macvlans for addresses on other interfaces: use_vmac of their lines, or use_vmac_addr. The addresses are on them already. */
  readonly addressVmacs: readonly AddressVmacConfig[];
  /** Go on although the interface is down: dont_track_primary. */
  readonly dontTrackPrimary: boolean;
  /** Fault while the configured source address is not on the interface: track_src_ip. */
  readonly trackSrcIp: boolean;
  readonly track: TrackConfig;
  readonly notify: NotifyConfig;
  /** Socket receive buffer in bytes of its own: kernel_rx_buf_size. */
  readonly receiveBufferBytes?: number;
};

export type VipLifetime = 'off' | 'auto' | { readonly seconds: number };

/** VRRPv2 only. On the wire are the first 8 bytes of the password's UTF-8, which may end within a character, padded with zeros. */
export type AuthenticationConfig = { readonly type: 'PASS'; readonly password: string };

export type TransportConfig = MulticastConfig | UnicastConfig;

export type MulticastConfig = {
  readonly kind: 'multicast';
  /** 224.0.0.18 or ff02::12 unless mcast_dst_ip or vrrp_mcast_group says otherwise. */
  readonly group: string;
  /** mcast_src_ip; absent: the interface's primary (IPv4) or link-local (IPv6) address. */
  readonly sourceAddress?: string;
};

export type UnicastConfig = {
  readonly kind: 'unicast';
  readonly peers: readonly UnicastPeerConfig[];
  /** unicast_src_ip */
  readonly sourceAddress?: string;
  /** TTL of what is sent: unicast_ttl. */
  readonly ttl: number;
  /** Drop adverts whose source is no peer. Set as well where any peer has a bound. */
  readonly checkSource: boolean;
  /** Fault, not multicast, where the list of peers is empty: unicast_fault_no_peer. */
  readonly faultNoPeer: boolean;
  /** Pseudo header with the multicast group, as keepalived before 1.3.7 had it: heard only, always sent too, or never. */
  readonly oldChecksum: 'auto' | 'always' | 'never';
};

export type UnicastPeerConfig = {
  readonly address: string;
  /** 0–255, inclusive. */
  readonly minTtl?: number;
  readonly maxTtl?: number;
};

/** Gratuitous ARP and unsolicited neighbour advertisements of an instance; vrrp_min_garp is worked in. */
export type GarpConfig = {
  /** Second set after becoming master; 0 is none. */
  readonly masterDelayMs: number;
  /** Packets an address in each set, at least 1. */
  readonly masterRepeat: number;
  /** Periodic refresh while master; 0 is none. */
  readonly masterRefreshMs: number;
  readonly masterRefreshRepeat: number;
  /** Second set after an advert of lower priority; 0 is none. */
  readonly lowerPrioDelayMs: number;
  /** Packets an address at once after an advert of lower priority; 0 is none. */
  readonly lowerPrioRepeat: number;
  /** garp_extra_if: refresh on interfaces that send no adverts; `all` includes those not made by lvsd. */
  readonly extraIf?: { readonly intervalMs: number; readonly all: boolean };
};

/** Least gaps between announcements over the interfaces together; one group for each interface with global gaps is filled in. */
export type GarpGroupConfig = {
  readonly interfaces: readonly string[];
  readonly garpIntervalMs: number;
  readonly gnaIntervalMs: number;
};

/** use_vmac: a macvlan that answers with the virtual router's MAC address. */
export type VmacConfig = {
  readonly interface: string;
  /** Six octets, `00:00:5e:00:01:VRID` (IPv6: 02) unless given. */
  readonly macAddress: string;
  /** Link group. */
  readonly group?: number;
  /** Adverts leave and arrive by the base interface: vmac_xmit_base. */
  readonly xmitBase: boolean;
};

export type AddressVmacConfig = {
  readonly interface: string;
  /** The interface it is made upon. */
  readonly base: string;
  readonly macAddress: string;
  readonly group?: number;
};

/** use_ipvlan */
export type IpvlanConfig = {
  readonly interface: string;
  /** Its own, beside the virtual router's: the source of adverts where none is given. */
  readonly address?: { readonly address: string; readonly prefixLength: number };
  readonly mode: 'bridge' | 'private' | 'vepa';
  readonly group?: number;
};

/** Who is told of transitions. */
export type NotifyConfig = {
  readonly master?: Script;
  readonly backup?: Script;
  readonly fault?: Script;
  readonly stop?: Script;
  /** Run after the one of the state, with INSTANCE|GROUP, name, state and priority as further arguments: `notify`. */
  readonly any?: Script;
  /** notify_deleted is there: an instance removed by reload says DELETED, otherwise FAULT. Instances only. */
  readonly sendDeleted: boolean;
  readonly deleted?: Script;
  /** Instances only. */
  readonly masterRxLowerPri?: Script;
  /** Tell the FIFOs of priority changes: notify_priority_changes. */
  readonly priorityChanges: boolean;
  readonly smtpAlert: boolean;
  /** No mail on FAULT: no_email_faults. */
  readonly noEmailFaults: boolean;
};

/** vrrp_sync_group: its instances are MASTER all together or not at all. */
export type SyncGroupConfig = {
  readonly name: string;
  /** Names of instances, at least one. */
  readonly instances: readonly string[];
  readonly track: TrackConfig;
  /** sync_group_tracking_weight: the members' own weighted trackers count; those of the group always do. */
  readonly trackingWeight: boolean;
  readonly notify: NotifyConfig;
};
