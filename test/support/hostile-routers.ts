/** Virtual routers that have reasons to drop packets, of both versions and every way to be reached: each on a network of its own. */
import type { InstanceConfig, UnicastConfig } from '../../src/vrrp/config.js';
import { instance } from './instances.js';

export type HostileRouter = {
  readonly config: InstanceConfig;
  readonly primaryAddress: string;
  readonly peer: string;
  /** Neither of the two. */
  readonly stranger: string;
};

/** What addresses begin with. */
export type Networks = { readonly ipv4: string; readonly ipv6: string };

const ON_PAPER: Networks = { ipv4: '192.0.2.', ipv6: 'fe80::' };

/** As one of two directors has them, which are number 1 and 2. */
export function hostileRouters(self: 1 | 2, networks = ON_PAPER): readonly HostileRouter[] {
  const peer = 3 - self;
  return WAYS.map(({ name, family, unicast, ...change }, i) => {
    const at = (number: number) => `${networks[family]}${number}`;
    const addresses = family === 'ipv4' ? [at(100 + i)] : [`fe80::64:${i}`, `2001:db8::64:${i}`];
    const plain = instance({ ...change, name, addresses, interface: `eth${i}`, virtualRouterId: 21 + i });
    const transport = unicast ? unicastTo(at(peer)) : plain.transport;
    return {
      config: { ...plain, transport: { ...transport, sourceAddress: at(self) } },
      primaryAddress: at(self),
      peer: at(peer),
      stranger: at(9),
    };
  });
}

const PASS = { type: 'PASS', password: 's3cret' } as const;

const WAYS = [
  { name: 'VRRPv2', family: 'ipv4', unicast: false, version: 2 },
  { name: 'VRRPv2 with a password', family: 'ipv4', unicast: false, version: 2, authentication: PASS },
  { name: 'VRRPv2 unicast', family: 'ipv4', unicast: true, version: 2 },
  { name: 'VRRPv3', family: 'ipv4', unicast: false },
  { name: 'VRRPv3 unicast', family: 'ipv4', unicast: true },
  { name: 'IPv6', family: 'ipv6', unicast: false },
  { name: 'IPv6 unicast', family: 'ipv6', unicast: true },
] as const;

function unicastTo(peer: string): UnicastConfig {
  return {
    kind: 'unicast',
    peers: [{ address: peer, minTtl: 255 }],
    ttl: 255,
    checkSource: true,
    faultNoPeer: false,
    oldChecksum: 'auto',
  };
}
