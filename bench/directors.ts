/** Directors on hosts of a test network: lvsd or keepalived, on the same configuration. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, type Host } from '../test/support/namespaces.js';
import { preload } from './contenders.js';

export const VIP = '10.77.0.100';
export type Maker = 'lvsd' | 'keepalived';

const lvsd = fileURLToPath(new URL('../../bin/lvsd', import.meta.url));

export type Director = {
  readonly host: Host;
  readonly start: () => void;
  /** Of the process that was started last. */
  readonly pid: () => number;
  readonly has: () => boolean;
  readonly signal: (signal: NodeJS.Signals, to: 'parent' | 'vrrp' | 'all') => void;
  readonly ended: () => Promise<void>;
  readonly end: () => void;
};

function startedLvsd(host: Host, file: string, folder: string): Director {
  const pid = (name: string) => readPid(join(folder, `${name}.pid`));
  const command = `${process.execPath} ${lvsd} run -P -f ${file} --state-dir ${folder}`;
  return made(host, command, () => ({
    vrrp: pid('lvsd-vrrp'),
    all: [pid('lvsd'), pid('lvsd-vrrp'), pid('lvsd-lvs')],
  }));
}

function startedKeepalived(host: Host, file: string, folder: string): Director {
  const [parent, vrrp] = [`${folder}.pid`, `${folder}.vrrp.pid`];
  const command = `keepalived -P -n -l -G -f ${file} -p ${parent} -r ${vrrp}`;
  return made(host, command, () => ({ vrrp: readPid(vrrp), all: [readPid(parent), readPid(vrrp)] }));
}

/** A director that is not started yet; its files are in `folder`. */
export function director(
  maker: Maker,
  host: Host,
  {
    folder,
    priority,
    advert,
    realTime = false,
  }: {
    readonly folder: string;
    readonly priority: number;
    readonly advert: string;
    /** With real-time priority, which lvsd takes by itself. */
    readonly realTime?: boolean;
  },
): Director {
  const file = join(folder, `${priority}.conf`);
  writeFileSync(file, configuration(priority, advert, realTime));
  return started(maker, host, { file, folder: join(folder, `${priority}`) });
}

/** A director of a configuration file, not started yet. */
export function started(
  maker: Maker,
  host: Host,
  { file, folder }: { readonly file: string; readonly folder: string },
): Director {
  return maker === 'lvsd' ? startedLvsd(host, file, folder) : startedKeepalived(host, file, folder);
}

/**
 * The health checks alone, not started yet, in a process tree of their own; nothing is written into the kernel's table.
 * `before`: the command that runs them.
 */
export function checking(
  maker: Maker,
  host: Host,
  { file, folder, before }: { readonly file: string; readonly folder: string; readonly before: string },
): Director {
  if (maker === 'lvsd') {
    const pid = (name: string) => readPid(join(folder, `${name}.pid`));
    const command = `${before} ${process.execPath} ${lvsd} run -C --dry-run -f ${file} --state-dir ${folder}`;
    return made(host, command, () => ({ vrrp: undefined, all: [pid('lvsd'), pid('lvsd-lvs')] }));
  }
  const [parent, checker] = [`${folder}.pid`, `${folder}.checkers.pid`];
  const command = `${before} keepalived -C -n -l -G -f ${file} -p ${parent} -c ${checker}`;
  const pids = () => ({ vrrp: undefined, all: [readPid(parent), readPid(checker)] });
  return made(host, command, pids, preload(dirname(folder), maker));
}

type Pids = () => { readonly vrrp: number | undefined; readonly all: readonly (number | undefined)[] };

function made(host: Host, command: string, pids: Pids, env: NodeJS.ProcessEnv = {}): Director {
  let child: ChildProcess | undefined;
  const kill = (pid: number | undefined, signal: NodeJS.Signals) => {
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    host,
    start: () => {
      child = host.start(command, { env: { ...process.env, ...env } });
      for (const stream of [child.stdout, child.stderr]) stream?.resume();
    },
    pid: () => child?.pid ?? 0,
    has: () => host.run('ip -br addr show dev eth0').includes(`${VIP}/`),
    signal: (signal, to) => {
      const { vrrp, all } = pids();
      if (to === 'all') for (const pid of all) kill(pid, signal);
      else kill(to === 'vrrp' ? vrrp : child?.pid, signal);
    },
    ended: () => eventually('the end', () => child?.exitCode !== null || child.signalCode !== null, 15_000),
    end: () => {
      for (const pid of pids().all) kill(pid, 'SIGKILL');
    },
  };
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function configuration(priority: number, advert: string, realTime: boolean): string {
  return `${realTime ? 'global_defs {\n  vrrp_rt_priority 50\n}\n' : ''}vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  priority ${priority}
  advert_int ${advert}
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;
}
