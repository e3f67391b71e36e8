/** Keywords of virtual_server, real_server and virtual_server_group. */
import { endpoint, virtualServerHead } from '../types/address.js';
import { bool, flag, integer, oneOf, seconds, text } from '../types/basic.js';
import { host } from '../types/http.js';
import { forwarding, granularity, overflow, protocol, scheduler } from '../types/lvs.js';
import { groupMember } from '../types/ranges.js';
import { script } from '../types/script.js';
import { agentCheck, checkers } from './checkers.js';
import { IGNORED, keyword, lines, section } from './define.js';

const POSITIVE = { min: 1, max: 0xffff_ffff } as const;
const COUNT = { min: 0, max: 0xffff_ffff } as const;
const WEIGHT = 0x7fff_ffff;
/** Why an unknown block in a server is an error. */
const NO_CHECK = 'without its check the server would count as always up';
const A_DAY = { min: 0, max: 86_400 } as const;
const anyTime = seconds({ min: 0, max: Infinity });
const someTime = seconds({ min: 0.000001, max: Infinity });

/** What a real server inherits from its virtual server, and a checker from its real server. */
const inherited = {
  retry: keyword(integer(POSITIVE), 'Further tries of a check after a failure.', {
    default: "the checker's own",
  }),
  delay_before_retry: keyword(anyTime, 'Wait before each further try.', { default: "the checker's own" }),
  warmup: keyword(anyTime, 'First checks are at random moments within this time.', { default: 'delay_loop' }),
  connect_timeout: keyword(someTime, 'Time a check may take.', { default: '5' }),
  delay_loop: keyword(someTime, 'Time between checks.', { default: '60' }),
};

/** What stands around checkers, in a real server and in a sorry server. */
export const checked = {
  alpha: keyword(bool, 'Down until its checks have succeeded.', { default: "virtual_server's" }),
  ...inherited,
  virtualhost: keyword(host, 'Host header of HTTP checks.', { default: "virtual_server's" }),
  ...checkers,
};

const smtpAlert = (byDefault: string) => keyword(bool, 'Mail on changes.', { default: byDefault });
const snmpName = keyword(text(), 'Name shown by SNMP.', { support: IGNORED });

export const realServer = {
  weight: keyword(integer({ min: 0, max: WEIGHT }), 'Share of the connections; 0 gets none.', {
    default: "virtual_server's",
  }),
  lvs_method: keyword(forwarding, 'How packets reach the server.', { default: "virtual_server's lb_kind" }),
  uthreshold: keyword(integer(COUNT), 'Connections at which the kernel gives it no more; 0 is never.', {
    default: '0',
  }),
  lthreshold: keyword(
    integer(COUNT),
    'Connections below which it gets some again; 0 is three quarters of uthreshold.',
    {
      default: '0',
    },
  ),
  inhibit_on_failure: keyword(bool, 'While down: weight 0, not removed.', { default: "virtual_server's" }),
  notify_up: keyword(script, 'Run when it comes up.', { repeat: 'first' }),
  notify_down: keyword(script, 'Run when it goes down.', { repeat: 'first' }),
  slow_start: keyword(
    seconds(A_DAY),
    'After it came back its share of the connections grows to the whole within this time; 0 is at once.',
    { default: "virtual_server's" },
  ),
  smtp_alert: smtpAlert('yes, unless a global setting says otherwise'),
  snmp_name: snmpName,
  ...checked,
  AGENT_CHECK: agentCheck,
};

const sorryServer = {
  weight: keyword(integer({ min: 1, max: WEIGHT }), 'Its share among several sorry servers.', {
    default: '1',
  }),
  lvs_method: keyword(forwarding, 'How packets reach it.', { default: "virtual_server's lb_kind" }),
  ...checked,
};

const schedulerFlag = (doc: string) => keyword(flag, doc);

export const virtualServer = {
  ip_family: keyword(oneOf(['inet', 'inet6']), 'Family of a fwmark service.', {
    default: 'that of its servers',
  }),
  ...inherited,
  inhibit_on_failure: keyword(flag, 'Servers that are down: weight 0, not removed.'),
  lb_algo: keyword(scheduler, 'Scheduler.', { default: 'wlc', aliases: ['lvs_sched'] }),
  hashed: schedulerFlag('Service flag hashed.'),
  ops: schedulerFlag('Schedule each packet by itself; UDP and fwmark only.'),
  'flag-1': schedulerFlag('Scheduler flag 1.'),
  'flag-2': schedulerFlag('Scheduler flag 2.'),
  'flag-3': schedulerFlag('Scheduler flag 3.'),
  'sh-port': schedulerFlag('Of sh: hash the source port too.'),
  'sh-fallback': schedulerFlag('Of sh: use another server while the hashed one is down.'),
  'mh-port': schedulerFlag('Of mh: hash the source port too.'),
  'mh-fallback': schedulerFlag('Of mh: use another server while the hashed one is down.'),
  lb_kind: keyword(forwarding, 'How packets reach the servers.', { default: 'NAT', aliases: ['lvs_method'] }),
  persistence_engine: keyword(
    text('NAME', { longest: 15 }),
    'Persistence engine of the kernel, such as sip.',
  ),
  persistence_timeout: keyword(
    integer({ min: 1, max: 2_678_400 }, { bare: 360 }),
    'Seconds a client stays with its server.',
    {
      default: 'off; bare 360',
    },
  ),
  persistence_granularity: keyword(
    granularity,
    'How much of a client address counts; turns persistence on.',
    {
      default: '255.255.255.255; 128',
    },
  ),
  protocol: keyword(protocol, 'Protocol of the service.', { default: 'UDP, with a warning' }),
  ha_suspend: keyword(flag, 'Check only while the address is on this host.', { support: IGNORED }),
  smtp_alert: smtpAlert('no, unless a global setting says otherwise'),
  virtualhost: keyword(host, 'Host header of HTTP checks.'),
  snmp_name: snmpName,
  alpha: keyword(flag, 'Servers are down until their checks have succeeded.'),
  omega: keyword(flag, 'Run notify_down and quorum_down at stop.'),
  quorum: keyword(integer(POSITIVE), 'Sum of the weights of live servers that is needed.', { default: '1' }),
  hysteresis: keyword(integer(COUNT), 'Distance from the quorum at which it is gained and lost.', {
    default: '0',
  }),
  quorum_up: keyword(script, 'Run when the quorum is gained.', { repeat: 'first' }),
  quorum_down: keyword(script, 'Run when the quorum is lost.', { repeat: 'first' }),
  weight: keyword(integer({ min: 1, max: WEIGHT }), 'Weight of servers that have none of their own.', {
    default: '1',
  }),
  sorry_server: section(
    endpoint,
    sorryServer,
    'Answers while the quorum is not there, or the pool is full (overflow). With a block, or with overflow, each one given counts; used only while its checks succeed.',
    { repeat: 'each', blockOptional: true, unknownBlock: NO_CHECK },
  ),
  overflow: keyword(overflow, 'How newcomers are turned to the sorry servers while the pool is full.', {
    default: "off: left to the kernel's thresholds",
  }),
  overflow_interval: keyword(seconds({ min: 0.02, max: 60 }), 'How often overflow quiesce looks.', {
    default: '0.25',
  }),
  slow_start: keyword(seconds(A_DAY), 'slow_start of servers that have none of their own.', { default: '0' }),
  drain_timeout: keyword(
    seconds(A_DAY),
    'How long a server that is drained, or no longer in the file, keeps its connections; 0 is not at all.',
    { default: '60' },
  ),
  sorry_server_inhibit: keyword(
    flag,
    'It stays in the table with weight 0 while not needed; after sorry_server.',
  ),
  sorry_server_lvs_method: keyword(forwarding, 'How packets reach it; after sorry_server.', {
    default: "virtual_server's lb_kind",
  }),
  real_server: section(endpoint, realServer, 'A server of the pool.', {
    repeat: 'each',
    unknownBlock: NO_CHECK,
  }),
};

export const virtualServerBlock = section(virtualServerHead, virtualServer, 'A service and its servers.', {
  repeat: 'each',
  unknownBlock: 'without it servers or checks would be missing',
});

export const virtualServerGroupBlock = lines(
  text('NAME'),
  groupMember,
  'Addresses and marks that share their servers; a virtual_server names it.',
  { repeat: 'each', unit: groupMember.syntax },
);
