/** What the machine lets a process of this user do: rights, limits, priority, clock. Pure. */
import type { Config } from '../../config/config.js';
import type { Finding } from './finding.js';
import { serversOf } from './needs.js';

export type HostFacts = {
  /** CapEff of /proc/self/status. */
  readonly capabilities: bigint;
  /** Most files lvsd may open; of the lvsd that runs, where one does. */
  readonly openFiles: number;
  readonly availableBytes: number;
  /** Why real-time priority was refused when tried; undefined when it was given. */
  readonly realTime: string | undefined;
  /** What the kernel reads the time from. */
  readonly clockSource: string | undefined;
  readonly year: number;
};

export function hostFindings(config: Config, facts: HostFacts): readonly Finding[] {
  return [
    ...rightsFindings(config, facts),
    ...fileFindings(config, facts),
    ...memoryFindings(config, facts),
    ...(config.vrrp === undefined ? [] : realTimeFindings(facts)),
    ...clockFindings(facts),
  ];
}

// linux/capability.h
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n } as const;

/** Whether a set of capabilities has that one. */
export function may(capabilities: bigint, name: keyof typeof CAPABILITIES): boolean {
  return (capabilities & (1n << CAPABILITIES[name])) !== 0n;
}

function rightsFindings({ virtualServers, vrrp }: Config, { capabilities }: HostFacts): readonly Finding[] {
  const wanted: (keyof typeof CAPABILITIES)[] = [];
  if (virtualServers.length > 0 || vrrp !== undefined) wanted.push('CAP_NET_ADMIN');
  if (vrrp !== undefined) wanted.push('CAP_NET_RAW');
  const lacking = wanted.filter((name) => !may(capabilities, name));
  if (lacking.length === 0) return [];
  return [
    {
      severity: 'warning',
      check: 'rights',
      what: `this user has no ${lacking.join(' and no ')}`,
      meaning: 'lvsd run by this user cannot work, and doctor sees less than root does.',
      mend: 'sudo lvsd doctor',
    },
  ];
}

/** What is no check: logs, sockets of VRRP, the admin interface. */
const OTHER_FILES = 256;

function fileFindings({ checkers }: Config, { openFiles }: HostFacts): readonly Finding[] {
  const wanted = checkers.length + OTHER_FILES;
  if (openFiles >= wanted) return [];
  return [
    {
      severity: 'warning',
      check: 'open files',
      what: `${checkers.length} checks, and at most ${openFiles} open files`,
      meaning: 'Where many servers are slow to answer, other checks wait for a socket and are late.',
      mend: `LimitNOFILE=1048576 in the unit of systemd, or ulimit -Hn ${wanted}`,
    },
  ];
}

/** As measured (docs/performance.md): the tree of processes, and what 10,000 servers add at the most. */
const [BASE_BYTES, SERVER_BYTES] = [90 << 20, 15 << 10];

function memoryFindings(config: Config, { availableBytes }: HostFacts): readonly Finding[] {
  const wanted = BASE_BYTES + SERVER_BYTES * serversOf(config).length;
  if (availableBytes >= wanted) return [];
  const [has, needs] = [availableBytes, wanted].map((bytes) => `${bytes >> 20} MB`);
  return [
    {
      severity: 'warning',
      check: 'memory',
      what: `${has} of memory are free, and lvsd takes up to ${needs}`,
      meaning: 'Whoever needs memory next may be killed, lvsd too.',
      mend: 'free -m; ps -eo rss,comm --sort=-rss | head',
    },
  ];
}

function realTimeFindings({ realTime }: HostFacts): readonly Finding[] {
  if (realTime === undefined) return [];
  return [
    {
      severity: 'warning',
      check: 'real-time priority',
      what: realTime,
      meaning: 'On a busy machine adverts are late, and the other director takes over for nothing.',
      mend: 'LimitRTPRIO=50 in the unit of systemd, or run as root',
    },
  ];
}

/** Reading these takes microseconds, and every check reads the time. */
const SLOW_CLOCKS = ['hpet', 'acpi_pm', 'jiffies', 'refined-jiffies'];
const FIRST_YEAR = 2025;

function clockFindings({ clockSource, year }: HostFacts): readonly Finding[] {
  const slow: readonly Finding[] =
    clockSource === undefined || !SLOW_CLOCKS.includes(clockSource)
      ? []
      : [
          {
            severity: 'warning',
            check: 'clock source',
            what: `the kernel reads the time from ${clockSource}`,
            meaning: 'That is slow, and checks and adverts read it often.',
            mend: 'cat /sys/devices/system/clocksource/clocksource0/available_clocksource',
          },
        ];
  const wrong: readonly Finding[] =
    year >= FIRST_YEAR
      ? []
      : [
          {
            severity: 'warning',
            check: 'clock',
            what: `the clock says it is ${year}`,
            meaning:
              'Times in log and status are wrong, and tls_verify finds certificates that are not valid yet.',
            mend: 'timedatectl set-ntp true',
          },
        ];
  return [...slow, ...wrong];
}
