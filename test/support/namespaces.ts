/**
 * Hosts on one switch, each a network namespace of the real kernel: for tests of what only a kernel can prove. Needs root.
 * A host's programs run in it as processes; sockets of the test itself are opened in it by `enter`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { atExit } from './at-exit.js';
import { ownPrefix, removeNamespaces, sweepNamespaces } from './owned-namespaces.js';
import { PATIENCE_MS } from './patience.js';

export type Host = {
  /** Name of the namespace. */
  readonly namespace: string;
  /** Address of `eth0`: 10.77.0.N, prefix length 24, and fd77::N/64. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** Its end of the cable, on the switch. */
  readonly port: string;
  /** Runs a command line, split at blanks, to its end: its output. Throws when it fails. */
  readonly run: (command: string) => string;
  /** Starts a program that is ended with the network. */
  readonly start: (
    command: string,
    options?: { readonly env?: NodeJS.ProcessEnv; readonly stdio?: 'pipe' },
  ) => ChildProcess;
  /** Runs synchronous code of this process in the namespace: what it opens stays there. */
  readonly enter: <T>(code: () => T) => T;
  /** Pulls the cable, or plugs it in again: carrier and all. */
  readonly unplug: () => void;
  readonly plug: () => void;
  /** After `eth0` was deleted: makes it anew, with the same addresses and another index. */
  readonly plugInAnew: () => void;
};

export type Network = {
  readonly host: (name: string) => Host;
  /** The bridge all hosts are plugged into: `br0` in a namespace of its own. */
  readonly switch: Pick<Host, 'namespace' | 'run' | 'start' | 'enter'>;
};

const CLONE_NEWNET = 0x40000000;
const setns = koffi.load(null).func('int setns(int, int)') as unknown as (fd: number, kind: number) => number;

let networks = 0;

/**
 * Builds hosts of these names, runs the body, and removes everything with what runs there, also when the body fails or the process
 * ends.
 */
export async function withNetwork(
  names: readonly string[],
  body: (network: Network) => Promise<void> | void,
): Promise<void> {
  if (networks === 0) sweepNamespaces();
  networks += 1;
  const prefix = ownPrefix(networks);
  const children: ChildProcess[] = [];
  const namespaces = ['sw', ...names].map((name) => `${prefix}-${name}`);
  const remove = () => {
    for (const child of children) child.kill('SIGKILL');
    removeNamespaces(namespaces);
  };
  const forget = atExit(remove);
  try {
    removeNamespaces(namespaces);
    for (const namespace of namespaces) addNamespace(namespace);
    await body(build(prefix, names, children));
  } finally {
    forget();
    remove();
  }
}

/**
 * Waits until the condition holds, looking every few ms; one that throws does not hold yet. Throws with `what`, and what the
 * condition threw last, when it does not in time.
 */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = PATIENCE_MS,
): Promise<void> {
  const endAt = performance.now() + withinMs;
  for (;;) {
    const late = performance.now() > endAt;
    let thrown: unknown;
    try {
      if (await condition()) return;
    } catch (error) {
      thrown = error;
    }
    if (late) {
      const why = thrown === undefined ? '' : `: ${thrown instanceof Error ? thrown.message : thrown}`;
      throw new Error(`not within ${withinMs} ms: ${what}${why}`, { cause: thrown });
    }
    await sleep(5);
  }
}

function build(prefix: string, names: readonly string[], children: ChildProcess[]): Network {
  const handle = (name: string) => namespaceHandle(`${prefix}-${name}`, children);
  const hub = handle('sw');
  hub.run('ip link add br0 type bridge forward_delay 0 mcast_snooping 0');
  hub.run('ip link set br0 up');
  const hosts = new Map(names.map((name, index) => [name, plugIn(handle(name), hub, index + 1)]));
  return {
    switch: hub,
    host: (name) => {
      const found = hosts.get(name);
      if (found === undefined) throw new Error(`no host ${name}: there are ${names.join(', ')}`);
      return found;
    },
  };
}

function plugIn(base: Network['switch'], hub: Network['switch'], number: number): Host {
  const port = `port${number}`;
  const ipv4 = `10.77.0.${number}`;
  const ipv6 = `fd77::${number}`;
  const connect = () => {
    base.run(`ip link add eth0 type veth peer name ${port} netns ${hub.namespace}`);
    hub.run(`ip link set ${port} master br0 up`);
    base.run('ip link set eth0 up');
    base.run(`ip addr add ${ipv4}/24 dev eth0`);
    base.run(`ip addr add ${ipv6}/64 dev eth0 nodad`);
  };
  connect();
  return {
    ...base,
    ipv4,
    ipv6,
    port,
    unplug: () => void hub.run(`ip link set ${port} down`),
    plug: () => void hub.run(`ip link set ${port} up`),
    plugInAnew: connect,
  };
}

/** As the kernel has them by itself: a new namespace copies those of IPv4 from this machine, which may have others. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['ipv4/ip_forward', '0'],
  ...['all', 'default', 'lo'].flatMap((on) =>
    ['promote_secondaries', 'rp_filter', 'arp_ignore', 'arp_announce', 'arp_filter', 'accept_local'].map(
      (name) => [`ipv4/conf/${on}/${name}`, '0'] as const,
    ),
  ),
  ...['all', 'default', 'lo'].map((on) => [`ipv6/conf/${on}/disable_ipv6`, '0'] as const),
  // But this one: without duplicate address detection a link-local address can be used at once.
  ['ipv6/conf/default/accept_dad', '0'],
];

function addNamespace(namespace: string): void {
  command(`ip netns add ${namespace}`);
  inNamespace(namespace, () => {
    for (const [name, value] of SETTINGS) {
      const file = `/proc/sys/net/${name}`;
      if (existsSync(file)) writeFileSync(file, value);
    }
  });
  command(`ip -n ${namespace} link set lo up`);
}

function namespaceHandle(namespace: string, children: ChildProcess[]): Network['switch'] {
  return {
    namespace,
    run: (line) => command(`ip netns exec ${namespace} ${line}`),
    start: (line, options = {}) => {
      const child = spawn('ip', ['netns', 'exec', namespace, ...line.split(/\s+/)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        ...options,
      });
      children.push(child);
      return child;
    },
    enter: (code) => inNamespace(namespace, code),
  };
}

function inNamespace<T>(namespace: string, code: () => T): T {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  const there = openSync(`/var/run/netns/${namespace}`, 'r');
  try {
    if (setns(there, CLONE_NEWNET) !== 0) throw new Error(`enter namespace ${namespace}: not permitted`);
    return code();
  } finally {
    setns(home, CLONE_NEWNET);
    closeSync(home);
    closeSync(there);
  }
}

function command(line: string): string {
  const [program = '', ...args] = line.split(/\s+/);
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
