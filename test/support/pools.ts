/** Virtual servers for the tests, as short as the test can say them. */
import type { Destination } from '../../src/ipvs/table.js';
import type {
  CheckerRef,
  RealServerConfig,
  SorryServerConfig,
  VirtualServerConfig,
} from '../../src/pool/config.js';
import type { Pool } from '../../src/pool/pool.js';
import type { ServerState } from '../../src/pool/server.js';
import type { Script } from '../../src/script.js';

const NAT = { method: 'nat' } as const;

/** `realServer(1)` is 10.0.0.1:80 with weight 1 and one checker, `10.0.0.1:80/check`. */
export function realServer(last: number, more: Partial<RealServerConfig> = {}): RealServerConfig {
  const address = `10.0.0.${last}`;
  return {
    id: `${address}:80`,
    family: 'ipv4',
    address,
    port: 80,
    weight: 1,
    forwarding: NAT,
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibitOnFailure: false,
    slowStartMs: 0,
    checkers: [checker(last)],
    ...more,
  };
}

export function checker(last: number, more: Partial<CheckerRef> = {}): CheckerRef {
  return { id: `10.0.0.${last}:80/check`, alpha: false, ...more };
}

/** `10.0.0.100:80 tcp` with three real servers of weight 1, quorum 1, no sorry server and no scripts. */
export function virtualServer(more: Partial<VirtualServerConfig> = {}): VirtualServerConfig {
  return {
    id: '10.0.0.100:80 tcp',
    services: [{ kind: 'address', family: 'ipv4', protocol: 'tcp', address: '10.0.0.100', port: 80 }],
    scheduler: 'wlc',
    flags: { hashed: false, onePacket: false, sched1: false, sched2: false, sched3: false },
    quorum: 1,
    hysteresis: 0,
    omega: false,
    sorryServers: [],
    drainTimeoutMs: 60_000,
    realServers: [realServer(1), realServer(2), realServer(3)],
    ...more,
  };
}

/** 10.0.0.9:80, without checkers. */
export function sorryServer(more: Partial<SorryServerConfig> = {}): SorryServerConfig {
  return {
    id: 'sorry 10.0.0.9:80',
    family: 'ipv4',
    address: '10.0.0.9',
    port: 80,
    weight: 1,
    forwarding: NAT,
    inhibit: false,
    checkers: [],
    ...more,
  };
}

export function script(...argv: string[]): Script {
  return { argv };
}

/** A table as one line: `10.0.0.1 w1, 10.0.0.9 w1`. */
export function tableText(destinations: readonly Destination[]): string {
  return destinations.map(({ address, weight }) => `${address} w${weight}`).join(', ') || '(empty)';
}

export function serverOf(pool: Pool, id: string): ServerState | undefined {
  return pool.servers.find(({ config }) => config.id === id);
}
