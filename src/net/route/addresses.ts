/** Addresses on interfaces: put there, renewed, taken away, listed. */
import type { Family } from '../address.js';
import * as linux from '../linux.js';
import type { Interface } from '../socket-options.js';
import { SystemError } from '../system-error.js';
import {
  type AddressSpec,
  decodeAddress,
  encodeAddress,
  type InterfaceAddress,
  type Lifetime,
} from './address.js';
import type { Change, RouteSocket } from './socket.js';

/** Adds an address, or gives the one that is there a new lifetime (RTM_NEWADDR with NLM_F_REPLACE). */
export function holdAddress(spec: AddressSpec, on: Interface, lifetime: Lifetime): Change {
  return {
    operation: 'add address',
    operand: describeAddress(spec, on),
    request: {
      type: linux.RTM_NEWADDR,
      flags: linux.NLM_F_CREATE | linux.NLM_F_REPLACE,
      body: encodeAddress(spec, on.index, lifetime),
    },
  };
}

/** Removes an address. That it was not there is the error EADDRNOTAVAIL, an interface that is gone ENODEV. */
export function dropAddress(spec: AddressSpec, on: Interface): Change {
  return {
    operation: 'delete address',
    operand: describeAddress(spec, on),
    request: { type: linux.RTM_DELADDR, flags: 0, body: encodeAddress(spec, on.index) },
  };
}

/** Every address of the machine, or of one interface. */
export function listAddresses(
  socket: RouteSocket,
  on?: Interface,
): readonly InterfaceAddress[] | SystemError {
  const found: InterfaceAddress[] = [];
  for (const family of [linux.AF_INET, linux.AF_INET6]) {
    const struct = Buffer.alloc(8);
    struct[0] = family;
    struct.writeInt32LE(on?.index ?? 0, 4);
    const replies = socket.dump(linux.RTM_GETADDR, struct);
    if (replies instanceof SystemError) return replies;
    found.push(...replies.map(({ data }) => decodeAddress(data)).filter((each) => each !== undefined));
  }
  return found;
}

/** `10.0.0.1/24 on eth0` */
export function describeAddress({ address, prefixLength }: AddressSpec, on: Interface): string {
  return `${address}/${prefixLength} on ${on.name}`;
}

const RT_SCOPE_LINK = 253;

/**
 * The address an interface speaks from: the first IPv4 address, the first link-local IPv6 address. Those of `except` are
 * visitors and do not count.
 */
export function primaryAddress(
  there: readonly InterfaceAddress[],
  on: Interface,
  family: Family,
  except: (address: string) => boolean,
): string | undefined {
  const own = there.filter((each) => each.interfaceIndex === on.index && each.family === family);
  const speaking = own.filter(({ address, scope }) =>
    family === 'ipv4' ? !except(address) : scope === RT_SCOPE_LINK && !except(address),
  );
  return speaking[0]?.address;
}
