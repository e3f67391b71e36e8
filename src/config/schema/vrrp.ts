/** Keywords of VRRP, tracking and BFD blocks, and of static addresses, routes and rules. */
import { anything, bool, flag, integer, nothing, oneOf, text } from '../types/basic.js';
import { addressLine, anyLine, routeLine, ruleLine } from '../types/network-lines.js';
import { script } from '../types/script.js';
import { IGNORED, keyword, lines, section } from './define.js';

const any = (doc: string, byDefault?: string) =>
  keyword(anything, doc, byDefault === undefined ? {} : { default: byDefault });
const on = (doc: string) => keyword(flag, doc);
const onOff = (doc: string, byDefault = 'off') => keyword(bool, doc, { default: byDefault });
const run = (doc: string) => keyword(script, doc);
const list = (doc: string, unit: string) => lines(nothing, anyLine, doc, { unit });

const tracking = {
  track_interface: list('Interfaces to follow.', 'INTERFACE [weight N [reverse | noreverse]]'),
  track_script: list('Scripts to follow.', 'NAME [weight N [reverse | noreverse]]'),
  track_file: list('Files to follow.', 'NAME [weight N [reverse | noreverse]]'),
  track_process: list('Processes to follow.', 'NAME [weight N [reverse | noreverse]]'),
  track_bfd: list('BFD sessions to follow.', 'NAME [weight N [reverse | noreverse]]'),
};

const notifying = {
  notify_master: run('Run on becoming MASTER.'),
  notify_backup: run('Run on becoming BACKUP.'),
  notify_fault: run('Run on FAULT.'),
  notify_stop: run('Run at stop.'),
  notify: run('Run on each change, with what, name, state and priority as further arguments.'),
  smtp_alert: onOff('Mail on changes.'),
  notify_priority_changes: onOff('Tell FIFOs of changed priorities.'),
};

const syncGroup = {
  group: list('Names of the instances; required.', 'INSTANCE'),
  ...tracking,
  ...notifying,
  global_tracking: on('Weights of trackers count in the group (old).'),
  sync_group_tracking_weight: on('Weights of trackers count in the group.'),
};

const garpGroup = {
  garp_interval: any('Seconds between gratuitous ARP packets.', '0'),
  gna_interval: any('Seconds between neighbour advertisements.', '0'),
  interface: keyword(text('INTERFACE', { longest: 15 }), 'An interface of the group.'),
  interfaces: list('Interfaces of the group.', 'INTERFACE'),
};

const authentication = {
  auth_type: keyword(oneOf(['PASS', 'AH']), 'Kind.', { default: 'none' }),
  auth_pass: keyword(text('PASSWORD'), 'Password; eight characters count.', { secret: true }),
};

const authHmac = {
  key: keyword(anything, 'A key with its number.', { secret: true, repeat: 'each' }),
  active_key: keyword(integer({ min: 1, max: 255 }), 'The key to send with.'),
  anti_replay: keyword(oneOf(['time', 'monotonic']), 'How replays are found.'),
  time_window: keyword(integer({ min: 1, max: 300 }), 'Seconds clocks may differ.'),
  mode: keyword(oneOf(['enforce', 'permissive', 'receive-only']), 'What happens to packets without.'),
};

const instance = {
  state: keyword(oneOf(['MASTER', 'BACKUP']), 'State to start for.', { default: 'BACKUP' }),
  interface: keyword(text('INTERFACE', { longest: 15 }), 'Interface of the adverts.', {
    default: 'default_interface',
  }),
  vrf: any('VRF the interface is in.'),
  virtual_router_id: keyword(integer({ min: 1, max: 255 }), 'Number of the virtual router; required.'),
  priority: keyword(integer({ min: 1, max: 255 }), 'Priority; 255 owns the addresses.', { default: '100' }),
  advert_int: any('Seconds between adverts.', '1'),
  version: keyword(oneOf(['2', '3']), 'Version of VRRP.', { default: 'vrrp_version' }),
  use_vmac: any("Answer with the virtual router's MAC address."),
  use_vmac_addr: on('The same for addresses on other interfaces.'),
  vmac_xmit_base: on('Send adverts by the interface below.'),
  use_ipvlan: any('Put the addresses on an ipvlan.'),
  native_ipv6: on('Treat as IPv6 whatever the addresses.'),
  dont_track_primary: on('Go on while the interface is down.'),
  ...tracking,
  mcast_src_ip: any('Source address of multicast adverts.'),
  unicast_src_ip: any('Source address of unicast adverts.'),
  mcast_dst_ip: any('Group of the adverts.'),
  track_src_ip: on('FAULT while the source address is not there.'),
  unicast_peer: list('Who gets unicast adverts.', 'ADDRESS [min_ttl N] [max_ttl N]'),
  unicast_fault_no_peer: on('FAULT while there is no peer.'),
  unicast_ttl: keyword(integer({ min: 0, max: 255 }), 'TTL of unicast adverts.', { default: '255' }),
  check_unicast_src: onOff('Accept unicast adverts from peers only.'),
  old_unicast_checksum: any('Checksum as before version 1.3.7.'),
  v3_checksum_as_v2: onOff('VRRPv3 over IPv4 without pseudo header in the checksum.'),
  owner_ignore_adverts: onOff('The owner of the addresses ignores adverts.'),
  skip_check_adv_addr: onOff('Check the addresses in adverts of a new master only.'),
  strict_mode: onOff('Hold to the RFC.'),
  accept: on('Accept packets to the addresses.'),
  no_accept: on('Accept none unless owner.'),
  promote_secondaries: on('Keep secondary addresses when the primary goes.'),
  debug: any('Level of debugging.', '0'),
  kernel_rx_buf_size: any('Receive buffer, bytes.'),
  garp_master_delay: any('Seconds to the second set of gratuitous ARP.', "the global's"),
  garp_master_repeat: any('Packets of a set.', "the global's"),
  garp_master_refresh: any('Seconds between refreshing sets.', "the global's"),
  garp_master_refresh_repeat: any('Packets of a refreshing set.', "the global's"),
  garp_lower_prio_delay: any('Seconds to the second set after an advert of lower priority.', "the global's"),
  garp_lower_prio_repeat: any('Packets of a set then.', "the global's"),
  garp_extra_if: keyword(anything, 'Refresh on other interfaces too.', { deprecated: ['vmac_garp_intvl'] }),
  down_timer_adverts: any('Adverts that may be missed.', "the global's"),
  lower_prio_no_advert: onOff('Do not answer adverts of lower priority.', "the global's"),
  higher_prio_send_advert: onOff('Answer an advert of higher priority once.', "the global's"),
  timer_expired_backup: keyword(anything, 'Give way when the own timer ran late.', {
    aliases: ['thread_timer_expired'],
  }),
  authentication: section(nothing, authentication, 'VRRPv2 authentication.'),
  auth_hmac: section(nothing, authHmac, 'Authentication by HMAC.'),
  virtual_ipaddress: lines(nothing, addressLine, 'Addresses that move, advertised.', {
    unit: addressLine.syntax,
  }),
  virtual_ipaddress_excluded: lines(nothing, addressLine, 'Addresses that move, not advertised.', {
    unit: addressLine.syntax,
  }),
  no_virtual_ipaddress: on('The instance has no addresses.'),
  virtual_routes: lines(nothing, routeLine, 'Routes that move.', { unit: routeLine.syntax }),
  virtual_rules: lines(nothing, ruleLine, 'Rules that move.', { unit: ruleLine.syntax }),
  preempt: on('Take over from a lower priority.'),
  nopreempt: on('Leave a lower priority in place.'),
  preempt_delay: any('Seconds to wait before that.', '0'),
  ...notifying,
  notify_deleted: run('Run when a reload removes the instance.'),
  notify_master_rx_lower_pri: run('Run when a master hears a lower priority.'),
  linkbeat_use_polling: on('Poll the link (old).'),
  lvs_sync_daemon_interface: any('Interface of the sync daemon (old).'),
};

const trackFile = {
  file: any('The file; required.'),
  weight: any("What the file's number is multiplied by.", '1'),
  init_file: any('Make the file at start.'),
};

const vrrpScript = {
  script: run('Program to run; exit status 0 is well. Required.'),
  interval: any('Seconds between runs.', '1'),
  timeout: any('Seconds it may run.', 'interval'),
  weight: any('Added to the priority; 0: failure is FAULT.', '0'),
  rise: any('Successes needed.', '1'),
  fall: any('Failures needed.', '1'),
  user: any('User and group it runs as.', 'script_user'),
  init_fail: on('Counts as failed until it has run.'),
};

const trackProcess = {
  process: any('Program and arguments to look for; required.'),
  param_match: any('How arguments are compared.', 'exact'),
  weight: any('Added to the priority; 0: absence is FAULT.', '0'),
  quorum: any('Processes needed.', '1'),
  quorum_max: any('Processes allowed.'),
  fork_delay: any('Seconds to wait after one starts.', '0'),
  terminate_delay: any('Seconds to wait after one ends.', '0'),
  delay: any('Both of them.', '0'),
  full_command: on('Compare the whole command line.'),
};

const bfdInstance = {
  neighbor_ip: keyword(anything, 'The other end; required.', { aliases: ['neighbour_ip'] }),
  source_ip: any('This end.'),
  min_rx: any('Milliseconds between packets wanted.', '10'),
  min_tx: any('Milliseconds between packets sent.', '10'),
  idle_tx: any('Milliseconds between packets while down.', '1000'),
  multiplier: any('Packets that may be missed.', '5'),
  passive: on('Wait for the other end.'),
  ttl: keyword(anything, 'TTL of packets sent.', { default: '255; IPv6: 64', aliases: ['hoplimit'] }),
  max_hops: any('Hops a packet may have made.', '0'),
  multihop: onOff('Over several hops.'),
  weight: any('Added to the priority; 0: down is FAULT.', '0'),
  vrrp: on('For the VRRP process.'),
  checker: on('For the checker process.'),
};

const name = text('NAME');
const block = { support: IGNORED, repeat: 'each' } as const;

/** Blocks at the root. None does anything yet. */
export const vrrpBlocks = {
  vrrp_instance: section(name, instance, 'A virtual router and its addresses.', block),
  vrrp_sync_group: section(name, syncGroup, 'Instances that change state together.', block),
  garp_group: section(nothing, garpGroup, 'Interfaces that share gaps between announcements.', block),
  vrrp_script: section(name, vrrpScript, 'A program whose result instances follow.', block),
  track_file: section(name, trackFile, 'A file whose number instances follow.', {
    ...block,
    deprecated: ['vrrp_track_file'],
  }),
  vrrp_track_process: section(name, trackProcess, 'Processes whose presence instances follow.', block),
  bfd_instance: section(name, bfdInstance, 'A BFD session.', block),
  track_group: section(
    name,
    { group: list('Names of the instances.', 'INSTANCE') },
    'Instances static addresses follow.',
    block,
  ),
  static_ipaddress: lines(nothing, addressLine, 'Addresses kept while lvsd runs.', {
    ...block,
    unit: addressLine.syntax,
  }),
  static_routes: lines(nothing, routeLine, 'Routes kept while lvsd runs.', {
    ...block,
    unit: routeLine.syntax,
  }),
  static_rules: lines(nothing, ruleLine, 'Rules kept while lvsd runs.', { ...block, unit: ruleLine.syntax }),
  linkbeat_interfaces: lines(nothing, anyLine, 'Interfaces whose link is polled.', {
    ...block,
    unit: 'INTERFACE [MII | ETHTOOL | IOCTL]',
  }),
  interface_up_down_delays: lines(nothing, anyLine, 'How long a change of link must last.', {
    ...block,
    unit: 'INTERFACE DOWN [UP]',
  }),
};
