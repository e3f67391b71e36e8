/** Keywords of VRRP, tracking and BFD blocks, and of static addresses, routes and rules. */
import { address, groupAddress } from '../types/address.js';
import { addressLine } from '../types/address-line.js';
import { anything, integer, nothing, oneOf, optionally, text } from '../types/basic.js';
import { routeLine } from '../types/route-line.js';
import { ruleLine } from '../types/rule-line.js';
import { commandLine, owner, script, scriptOrNone } from '../types/script.js';
import {
  extraInterfaces,
  initFile,
  interfaceDelayLine,
  ipvlan,
  nameLine,
  trackLine,
  trackPoolLine,
  trackWeight,
  unicastPeer,
  vipLifetime,
  vmac,
} from '../types/vrrp.js';
import {
  count,
  IGNORED,
  ignored,
  keyword,
  lines,
  list,
  on,
  onOff,
  refused,
  section,
  time,
} from './define.js';

const notice = (doc: string) => keyword(script, doc, { repeat: 'first' });

const track = (doc: string, line: ReturnType<typeof trackLine>) =>
  lines(nothing, line, doc, { unit: line.syntax });

export const tracking = {
  track_interface: track('Interfaces to follow.', trackLine(254, 'INTERFACE')),
  track_script: track('Scripts to follow.', trackLine(254)),
  track_file: track('Files to follow.', trackLine(254)),
  track_process: track('Processes to follow.', trackLine(254)),
  track_bfd: lines(nothing, trackLine(253), 'BFD sessions to follow.', {
    unit: trackLine(253).syntax,
    support: refused('a session that is down would be no fault and cost no priority'),
  }),
  track_pool: track('Virtual servers to follow: their quorum.', trackPoolLine),
};

export const notifying = {
  notify_master: notice('Run on becoming MASTER.'),
  notify_backup: notice('Run on becoming BACKUP.'),
  notify_fault: notice('Run on FAULT.'),
  notify_stop: notice('Run at stop.'),
  notify: notice('Run on each change of state, with what, name, state and priority as further arguments.'),
  smtp_alert: onOff('Mail on changes.', 'smtp_alert_vrrp'),
  notify_priority_changes: onOff('Tell FIFOs of changed priorities.', "its group's, else the global's"),
};

/** Instances and sync groups: gratuitous ARP. The same as in global_defs, with vrrp_ before. */
export const garp = {
  garp_master_delay: time(
    'To the second set of gratuitous ARP after becoming master; 0 is none.',
    "the global's",
  ),
  garp_master_repeat: count('Packets of a set.', "the global's"),
  garp_master_refresh: time('Between refreshing sets; 0 is none.', "the global's"),
  garp_master_refresh_repeat: count('Packets of a refreshing set.', "the global's"),
  garp_lower_prio_delay: time('To the second set after an advert of lower priority.', "the global's"),
  garp_lower_prio_repeat: count('Packets of a set then.', "the global's"),
  garp_extra_if: keyword(extraInterfaces, 'Refresh on other interfaces too.', {
    default: "the global's",
    deprecated: ['vmac_garp_intvl'],
  }),
};

export const syncGroup = {
  group: list(nameLine, 'Names of the instances; required.', { unit: 'INSTANCE', repeat: 'first' }),
  ...tracking,
  ...notifying,
  global_tracking: on('Weights of trackers count in the group (old).'),
  sync_group_tracking_weight: on('Weights of trackers count in the group.'),
};

export const garpGroup = {
  garp_interval: time('Between gratuitous ARP packets.', '0'),
  gna_interval: time('Between neighbour advertisements.', '0'),
  interface: keyword(text('INTERFACE', { longest: 15 }), 'An interface of the group.', { repeat: 'each' }),
  interfaces: list(nameLine, 'Interfaces of the group.', { unit: 'INTERFACE' }),
};

export const authentication = {
  auth_type: keyword(oneOf(['PASS', 'AH']), 'Kind.', { default: 'none' }),
  auth_pass: keyword(text('PASSWORD'), 'Password; the first eight bytes of its UTF-8 count.', {
    secret: true,
  }),
};

const authHmac = {
  key: keyword(anything, 'A key with its number.', { secret: true, repeat: 'each' }),
  active_key: keyword(integer({ min: 1, max: 255 }), 'The key to send with.'),
  anti_replay: keyword(oneOf(['time', 'monotonic']), 'How replays are found.'),
  time_window: keyword(integer({ min: 1, max: 300 }), 'Seconds clocks may differ.'),
  mode: keyword(oneOf(['enforce', 'permissive', 'receive-only']), 'What happens to packets without.'),
};

export const instance = {
  state: keyword(oneOf(['MASTER', 'BACKUP']), 'State to start for.', {
    default: 'BACKUP; MASTER with priority 255',
  }),
  interface: keyword(text('INTERFACE', { longest: 15 }), 'Interface of the adverts.', {
    default: 'default_interface',
  }),
  vrf: keyword(text('VRF', { longest: 15 }), 'VRF the interface is in.'),
  virtual_router_id: keyword(integer({ min: 1, max: 255 }), 'Number of the virtual router; required.'),
  priority: keyword(integer({ min: 1, max: 255 }), 'Priority; 255 owns the addresses.', {
    default: '100; 255 with state MASTER',
  }),
  advert_int: time('Between adverts.', '1', { min: 0.01, max: 255 }),
  version: keyword(oneOf(['2', '3']), 'Version of VRRP.', { default: 'vrrp_version' }),
  use_vmac: keyword(vmac, "Answer with the virtual router's MAC address."),
  use_vmac_addr: on('The same for addresses on other interfaces, each with a macvlan there.'),
  vmac_xmit_base: on('Send adverts by the interface below.'),
  use_ipvlan: keyword(ipvlan, 'Put the addresses on an ipvlan.'),
  native_ipv6: on('Treat as IPv6 whatever the addresses.'),
  dont_track_primary: on('Go on while the interface is down.'),
  ...tracking,
  mcast_src_ip: keyword(address, 'Source address of adverts.', { default: "the interface's" }),
  unicast_src_ip: keyword(address, 'The same; with peers this one counts before the other.', {
    default: "the interface's",
  }),
  mcast_dst_ip: keyword(groupAddress(), 'Group of the adverts.', {
    default: 'vrrp_mcast_group4, vrrp_mcast_group6',
  }),
  track_src_ip: on('FAULT while the source address is not there.'),
  unicast_peer: lines(nothing, unicastPeer, 'Who gets unicast adverts.', { unit: unicastPeer.syntax }),
  unicast_fault_no_peer: on('FAULT while there is no peer; without it adverts are multicast then.'),
  unicast_ttl: keyword(integer({ min: 0, max: 255 }), 'TTL of unicast adverts.', { default: '255' }),
  check_unicast_src: onOff('Accept unicast adverts from peers only.', "the global's"),
  old_unicast_checksum: keyword(
    optionally('never'),
    'VRRPv3 checksum as keepalived before 1.3.7 had it, to unicast peers: send it too, or never believe it.',
    { default: 'believed, not sent' },
  ),
  v3_checksum_as_v2: onOff('VRRPv3 over IPv4 without pseudo header in the checksum.', "the global's"),
  owner_ignore_adverts: onOff('The owner of the addresses ignores adverts.', "the global's"),
  skip_check_adv_addr: onOff('Check the addresses in adverts of a new master only.', "the global's"),
  strict_mode: onOff('Hold to the RFC: what it does not have is passed over, or refused.', 'vrrp_strict'),
  accept: on('Accept packets to the addresses; this is the default but in strict mode.'),
  no_accept: on('Accept none that IPVS does not take, unless owner. Needs nftables.'),
  promote_secondaries: on('Keep secondary addresses when the primary goes.'),
  debug: ignored('Level of debugging.', '0'),
  kernel_rx_buf_size: keyword(integer({ min: 1, max: 0x7fff_ffff }), 'Receive buffer, bytes.', {
    default: "the kernel's",
  }),
  ...garp,
  down_timer_adverts: count('Adverts that may be missed.', "the global's", { min: 1, max: 100 }),
  lower_prio_no_advert: onOff('Do not answer adverts of lower priority.', "the global's"),
  higher_prio_send_advert: onOff('Answer an advert of higher priority once.', "the global's"),
  timer_expired_backup: keyword(
    integer({ min: 1, max: 254 }, { bare: 254 }),
    'Give way when the own timer ran so late that a router of this priority may have taken over; with nopreempt.',
    { default: 'off; bare 254', aliases: ['thread_timer_expired'] },
  ),
  authentication: section(nothing, authentication, 'VRRPv2 authentication.'),
  auth_hmac: section(nothing, authHmac, 'Authentication by HMAC.', {
    support: refused('its adverts would go out, and be believed, without it'),
  }),
  virtual_ipaddress: lines(nothing, addressLine, 'Addresses that move, advertised.', {
    unit: addressLine.syntax,
  }),
  virtual_ipaddress_excluded: lines(nothing, addressLine, 'Addresses that move, not advertised.', {
    unit: addressLine.syntax,
  }),
  no_virtual_ipaddress: on('The instance has no addresses.'),
  virtual_routes: lines(nothing, routeLine, 'Routes that move.', { unit: routeLine.syntax }),
  virtual_rules: lines(nothing, ruleLine, 'Rules that move.', { unit: ruleLine.syntax }),
  vip_lifetime: keyword(
    vipLifetime,
    'How long the kernel keeps the addresses of an lvsd that hangs or was killed; auto follows advert_int.',
    { default: 'auto' },
  ),
  preempt: on('Take over from a lower priority; this is the default.'),
  nopreempt: on('Leave a lower priority in place.'),
  preempt_delay: time('To wait before that.', '0', { min: 0, max: 1000 }),
  ...notifying,
  notify_deleted: keyword(
    scriptOrNone,
    'Run when a reload removes the instance, which is told as DELETED then, without a command too, and not as FAULT.',
    { repeat: 'first' },
  ),
  notify_master_rx_lower_pri: notice('Run when a master hears a lower priority.'),
  linkbeat_use_polling: ignored('Poll the link (old).'),
  lvs_sync_daemon_interface: keyword(
    text('INTERFACE', { longest: 15 }),
    'The same as lvs_sync_daemon with this instance (old).',
  ),
};

export const trackFile = {
  file: keyword(text('PATH'), 'The file; required.'),
  weight: keyword(trackWeight(254), "What the file's number is multiplied by.", { default: '1' }),
  init_file: keyword(initFile, 'Make the file at start.', { default: 'off; bare 0' }),
};

export const vrrpScript = {
  script: keyword(script, 'Program to run; exit status 0 is well. Required.'),
  interval: time('Between runs.', '1', { min: 0, max: 1_000_000 }),
  timeout: time('How long it may run.', 'interval'),
  weight: keyword(trackWeight(253), 'Added to the priority; 0: failure is FAULT.', { default: '0' }),
  rise: count('Successes needed.', '1', { min: 1, max: 0x7fff_ffff }),
  fall: count('Failures needed.', '1', { min: 1, max: 0x7fff_ffff }),
  user: keyword(owner, 'User and group it runs as.', { default: 'script_user' }),
  init_fail: on('Counts as failed until it has run.'),
};

export const trackProcess = {
  process: keyword(
    commandLine,
    'Program to look for, by its name; with arguments or `param_match` by its command line. Required.',
  ),
  param_match: keyword(oneOf(['initial', 'partial']), 'How arguments are compared.', { default: 'exact' }),
  weight: keyword(trackWeight(254), 'Added to the priority; 0: absence is FAULT.', { default: '0' }),
  quorum: count('Processes needed.', '1', { min: 1, max: 65_535 }),
  quorum_max: keyword(integer({ min: 0, max: 65_535 }), 'Processes allowed.', { default: 'any number' }),
  fork_delay: time('To wait after one starts.', '0', { min: 0, max: 3600 }),
  terminate_delay: time('To wait after one ends.', '0', { min: 0, max: 3600 }),
  delay: time('Both of them.', '0', { min: 0, max: 3600 }),
  full_command: on('By its command line without either.'),
};

const bfdInstance = {
  neighbor_ip: keyword(anything, 'The other end; required.', { aliases: ['neighbour_ip'] }),
  source_ip: ignored('This end.'),
  min_rx: ignored('Milliseconds between packets wanted.', '10'),
  min_tx: ignored('Milliseconds between packets sent.', '10'),
  idle_tx: ignored('Milliseconds between packets while down.', '1000'),
  multiplier: ignored('Packets that may be missed.', '5'),
  passive: on('Wait for the other end.'),
  ttl: keyword(anything, 'TTL of packets sent.', { default: '255; IPv6: 64', aliases: ['hoplimit'] }),
  max_hops: ignored('Hops a packet may have made.', '0'),
  multihop: onOff('Over several hops.'),
  weight: ignored('Added to the priority; 0: down is FAULT.', '0'),
  vrrp: on('For the VRRP process.'),
  checker: on('For the checker process.'),
};

const name = text('NAME');
const each = { repeat: 'each' } as const;

/** Blocks at the root. */
export const vrrpBlocks = {
  vrrp_instance: section(name, instance, 'A virtual router and its addresses.', each),
  vrrp_sync_group: section(name, syncGroup, 'Instances that change state together.', each),
  garp_group: section(nothing, garpGroup, 'Interfaces that share gaps between announcements.', each),
  vrrp_script: section(name, vrrpScript, 'A program whose result instances follow.', each),
  track_file: section(name, trackFile, 'A file whose number instances follow.', {
    ...each,
    deprecated: ['vrrp_track_file'],
  }),
  vrrp_track_process: section(name, trackProcess, 'Processes whose presence instances follow.', each),
  bfd_instance: section(name, bfdInstance, 'A BFD session.', { ...each, support: IGNORED }),
  track_group: section(
    name,
    { group: list(nameLine, 'Names of the instances.', { unit: 'INSTANCE' }) },
    'Instances static addresses follow.',
    { ...each, support: IGNORED },
  ),
  static_ipaddress: lines(nothing, addressLine, 'Addresses kept while lvsd runs.', {
    ...each,
    unit: addressLine.syntax,
  }),
  static_routes: lines(nothing, routeLine, 'Routes kept while lvsd runs.', {
    ...each,
    unit: routeLine.syntax,
  }),
  static_rules: lines(nothing, ruleLine, 'Rules kept while lvsd runs.', { ...each, unit: ruleLine.syntax }),
  linkbeat_interfaces: lines(nothing, nameLine, 'Interfaces whose link is polled.', {
    ...each,
    support: IGNORED,
    unit: 'INTERFACE [MII | ETHTOOL | IOCTL]',
  }),
  interface_up_down_delays: lines(
    nothing,
    interfaceDelayLine,
    'How long a change of link must last; a loss no longer than backups wait.',
    {
      ...each,
      unit: interfaceDelayLine.syntax,
    },
  ),
};
