/** Kernel settings that a configuration needs to be otherwise. Pure. */
import type { Config } from '../../config/config.js';
import type { Finding } from './finding.js';
import { admits, forwards, hasMarks, speaks, syncDaemonOf } from './needs.js';

/** The value of `net.ipv4.ip_forward` and its like; undefined where the kernel has no such setting. */
export type Settings = (name: string) => string | undefined;

type Rule = {
  readonly setting: string;
  readonly applies: (config: Config) => boolean;
  readonly good: (value: string) => boolean;
  /** What to set it to. */
  readonly to: string;
  readonly severity: Finding['severity'];
  readonly meaning: string;
};

const is = (wanted: string) => (value: string) => value === wanted;
const isNot = (unwanted: string) => (value: string) => value !== unwanted;
const hasServices = ({ virtualServers }: Config) => virtualServers.length > 0;
const synchronises = (config: Config) => syncDaemonOf(config) !== undefined;
const persists = ({ virtualServers }: Config) =>
  virtualServers.some(({ persistence }) => persistence !== undefined);
const servesUdp = ({ virtualServers }: Config) =>
  virtualServers.some(({ services }) =>
    services.some((key) => key.kind === 'address' && key.protocol === 'udp'),
  );
/** Without an instance the kernel's backup daemon runs always. */
const alwaysListens = (config: Config) =>
  synchronises(config) && syncDaemonOf(config)?.instance === undefined;

const RULES: readonly Rule[] = [
  {
    setting: 'net.ipv4.ip_forward',
    applies: (config) => forwards(config, 'nat', 'ipv4'),
    good: is('1'),
    to: '1',
    severity: 'error',
    meaning: 'With lb_kind NAT the real servers answer through this machine, and it drops their answers.',
  },
  {
    setting: 'net.ipv6.conf.all.forwarding',
    applies: (config) => forwards(config, 'nat', 'ipv6'),
    good: is('1'),
    to: '1',
    severity: 'error',
    meaning: 'With lb_kind NAT the real servers answer through this machine, and it drops their answers.',
  },
  {
    setting: 'net.ipv6.conf.all.disable_ipv6',
    applies: (config) => speaks(config, 'ipv6'),
    good: is('0'),
    to: '0',
    severity: 'error',
    meaning: 'The file has IPv6 addresses, and this machine takes none.',
  },
  {
    setting: 'net.ipv4.vs.expire_quiescent_template',
    applies: persists,
    good: is('1'),
    to: '1',
    severity: 'warning',
    meaning:
      'Clients of a persistent service stay with a server of weight 0, be it drained, full (overflow quiesce) or dead (inhibit_on_failure).',
  },
  {
    setting: 'net.ipv4.vs.expire_nodest_conn',
    applies: servesUdp,
    good: is('1'),
    to: '1',
    severity: 'warning',
    meaning:
      'A UDP client that goes on sending from one port stays with a server that was taken out, and hears nothing.',
  },
  {
    setting: 'net.ipv4.vs.expire_nodest_conn',
    applies: (config) => admits(config) && !servesUdp(config),
    good: is('1'),
    to: '1',
    severity: 'warning',
    meaning:
      'With overflow sessions a client that takes the same port again within two minutes goes where it was, and nowhere when that server is gone.',
  },
  {
    setting: 'net.ipv4.vs.backup_only',
    applies: alwaysListens,
    good: is('0'),
    to: '0',
    severity: 'error',
    meaning:
      'lvs_sync_daemon without an instance always listens, and a director that listens balances nothing with this.',
  },
  {
    setting: 'net.ipv4.vs.backup_only',
    applies: (config) => synchronises(config) && !alwaysListens(config),
    good: is('0'),
    to: '0',
    severity: 'warning',
    meaning:
      'A director that takes over does not listen on for the last connections of its predecessor: those may be reset.',
  },
  {
    setting: 'net.ipv4.vs.sync_threshold',
    applies: synchronises,
    good: (value) => Number.parseInt(value, 10) <= 3,
    to: '"3 50"',
    severity: 'warning',
    meaning:
      'The other director is told of a connection after so many packets: shorter ones are lost when this one dies.',
  },
  {
    setting: 'net.ipv4.vs.drop_entry',
    applies: hasServices,
    good: isNot('3'),
    to: '0',
    severity: 'warning',
    meaning: 'The kernel throws connections away all the time, not only when memory is short.',
  },
  {
    setting: 'net.ipv4.vs.drop_packet',
    applies: hasServices,
    good: isNot('3'),
    to: '0',
    severity: 'warning',
    meaning: 'The kernel throws newcomers away all the time, not only when memory is short.',
  },
];

export function settingFindings(config: Config, settings: Settings): readonly Finding[] {
  return RULES.filter(({ applies }) => applies(config)).flatMap(
    ({ setting, good, to, severity, meaning }) => {
      const value = settings(setting);
      if (value === undefined || good(value)) return [];
      return [
        {
          severity,
          check: setting,
          what: `${setting} is ${value}`,
          meaning,
          mend: `sysctl -w ${setting}=${to}`,
        },
      ];
    },
  );
}

/** A connection is tracked by netfilter only with net.ipv4.vs.conntrack, and then needs room in its table. */
export function conntrackFindings(config: Config, settings: Settings): readonly Finding[] {
  const [count, most] = ['nf_conntrack_count', 'nf_conntrack_max'].map((name) =>
    Number(settings(`net.netfilter.${name}`)),
  );
  if (!hasServices(config) || settings('net.ipv4.vs.conntrack') !== '1') return [];
  if (count === undefined || most === undefined || !(count > most * FULL)) return [];
  return [
    {
      severity: 'warning',
      check: 'conntrack',
      what: `the table of tracked connections has ${count} of ${most}, and net.ipv4.vs.conntrack is 1`,
      meaning: 'When it is full the kernel drops newcomers, whatever room the real servers have.',
      mend: `sysctl -w net.netfilter.nf_conntrack_max=${most * 4}`,
    },
  ];
}

const FULL = 0.8;

/** `strict`: interfaces where a packet is dropped unless its answer would leave by the same one. */
export function reversePathFindings(
  config: Config,
  { strict, interfaces }: { readonly strict: readonly string[]; readonly interfaces: number },
): readonly Finding[] {
  const how = hasMarks(config)
    ? 'services by firewall mark'
    : forwards(config, 'tun')
      ? 'lb_kind TUN'
      : undefined;
  // With one way in there is no other way out.
  if (how === undefined || strict.length === 0 || interfaces < 2) return [];
  return [
    {
      severity: 'warning',
      check: 'rp_filter',
      what: `rp_filter is strict on ${strict.join(', ')}`,
      meaning: `With ${how} a client's packets may come by another interface than its route leads to: the kernel drops them without a word.`,
      mend: 'sysctl -w net.ipv4.conf.all.rp_filter=2',
    },
  ];
}
