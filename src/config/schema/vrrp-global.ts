/** Keywords of global_defs that concern VRRP: defaults of instances, and the process. */
import { groupAddress } from '../types/address.js';
import { flag, integer, oneOf, optionally, text } from '../types/basic.js';
import { script } from '../types/script.js';
import { cpus, extraInterfaces, fifo, syncDaemon } from '../types/vrrp.js';
import { count, ignored, keyword, onOff, time } from './define.js';

/** Defaults of instances. */
const instances = {
  default_interface: keyword(text('INTERFACE', { longest: 15 }), 'Interface of instances that name none.', {
    default: 'eth0',
  }),
  vrrp_version: keyword(oneOf(['2', '3']), 'Version of VRRP.', { default: '2; IPv6: 3' }),
  vrrp_mcast_group4: keyword(groupAddress('ipv4'), 'IPv4 group of adverts.', { default: '224.0.0.18' }),
  vrrp_mcast_group6: keyword(groupAddress('ipv6'), 'IPv6 group of adverts.', { default: 'ff02::12' }),
  vrrp_garp_master_delay: time('To the second set of gratuitous ARP after becoming master; 0 is none.', '5'),
  vrrp_garp_master_repeat: count('Packets of a set.', '5'),
  vrrp_garp_master_refresh: time('Between refreshing sets; 0 is none.', '0'),
  vrrp_garp_master_refresh_repeat: count('Packets of a refreshing set.', '1'),
  vrrp_garp_lower_prio_delay: time(
    'To the second set after an advert of lower priority.',
    'vrrp_garp_master_delay',
  ),
  vrrp_garp_lower_prio_repeat: count('Packets of a set then.', 'vrrp_garp_master_repeat'),
  vrrp_garp_interval: time('Between gratuitous ARP packets on an interface.', '0'),
  vrrp_gna_interval: time('Between neighbour advertisements on an interface.', '0'),
  vrrp_min_garp: onOff('One packet a set, and no second set.'),
  vrrp_garp_extra_if: keyword(extraInterfaces, 'Refresh on other interfaces too.', {
    default: 'off',
    deprecated: ['vrrp_vmac_garp_intvl'],
  }),
  vrrp_down_timer_adverts: count('Adverts that may be missed.', '3', { min: 1, max: 100 }),
  vrrp_lower_prio_no_advert: onOff('Do not answer adverts of lower priority.'),
  vrrp_higher_prio_send_advert: onOff('Answer an advert of higher priority once.'),
  vrrp_owner_ignore_adverts: onOff('The owner of the addresses ignores adverts.'),
  v3_checksum_as_v2: onOff('VRRPv3 over IPv4 without pseudo header in the checksum.'),
  vrrp_check_unicast_src: keyword(flag, 'Accept unicast adverts from peers only.'),
  vrrp_skip_check_adv_addr: onOff('Check the addresses in adverts of a new master only.'),
  vrrp_notify_priority_changes: onOff('Tell FIFOs of changed priorities.'),
  vrrp_strict: onOff('Default of strict_mode.'),
  vmac_addr_prefix: keyword(
    text('PREFIX', { longest: 8 }),
    'Prefix of names of VMAC interfaces for addresses.',
    {
      default: 'vrrp',
    },
  ),
  vmac_prefix: keyword(text('PREFIX', { longest: 11 }), 'Prefix of names of VMAC interfaces.', {
    default: 'vrrp',
  }),
};

const process = {
  vrrp_startup_delay: time('To wait before VRRP starts.', '0'),
  vrrp_delay_after_boot: time('After boot before VRRP starts.', '0'),
  vrrp_priority: keyword(integer({ min: -20, max: 19 }), 'Nice value of the VRRP process.', { default: '0' }),
  vrrp_no_swap: keyword(flag, 'Lock its memory.'),
  vrrp_rt_priority: keyword(integer({ min: 1, max: 99 }), 'Its real-time priority.', {
    default: '50 where the system allows it',
  }),
  vrrp_cpu_affinity: keyword(cpus, 'CPUs it may use.', { default: 'all' }),
  vrrp_rlimit_rttime: keyword(
    integer({ min: 1, max: 0x7fff_ffff }),
    'Microseconds it may run without sleeping while real-time.',
    { default: "the system's", deprecated: ['vrrp_rlimit_rtime'] },
  ),
  dynamic_interfaces: keyword(
    optionally('allow_if_changes'),
    'Interfaces may appear later, and change; with lvsd they always may.',
    { default: 'so' },
  ),
  disable_local_igmp: keyword(
    flag,
    'No IGMP reports of link-local groups from this network namespace while lvsd runs.',
  ),
  log_unknown_vrids: keyword(flag, 'Log adverts of virtual routers not configured here.'),
  lvs_sync_daemon: keyword(syncDaemon, 'Copy connections to the other director.'),
  vrrp_notify_fifo: keyword(fifo, 'FIFO that is told of VRRP changes.'),
  vrrp_notify_fifo_script: keyword(script, 'Run with its path.'),
  fifo_write_vrrp_states_on_reload: keyword(flag, 'Repeat all states on FIFOs after a reload.'),
};

/** Known, and without effect. */
const others = {
  vrrp_iptables: ignored('Chains for no_accept.'),
  vrrp_ipsets: ignored('Sets for no_accept.'),
  nftables: ignored('Table for no_accept.'),
  nftables_priority: ignored('Priority of its chains.', '-1'),
  nftables_counters: ignored('Count in its rules.'),
  nftables_ifindex: ignored('Match interfaces by index.'),
  nftables_ipvs: ignored('Mark the addresses of groups by nftables.'),
  nftables_ipvs_priority: ignored('Priority of its chains.', '-1'),
  nftables_ipvs_start_fwmark: keyword(
    integer({ min: 1, max: 0xffff_ffff - 65_536 }),
    'First of the 65536 marks that overflow sessions takes its own from.',
    { default: '1000' },
  ),
  vrrp_netlink_cmd_rcv_bufs: ignored('Receive buffer of its netlink commands, bytes.'),
  vrrp_netlink_cmd_rcv_bufs_force: ignored('Set it beyond the limit.'),
  vrrp_netlink_monitor_rcv_bufs: ignored('Receive buffer of its netlink events, bytes.'),
  vrrp_netlink_monitor_rcv_bufs_force: ignored('Set it beyond the limit.'),
  vrrp_rx_bufs_policy: ignored('How the receive buffer of adverts is sized: see kernel_rx_buf_size.'),
  vrrp_rx_bufs_multiplier: ignored('Adverts it holds.', '3'),
};

export const vrrpGlobals = { ...instances, ...process, ...others };
