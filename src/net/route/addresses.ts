/** Addresses on interfaces: put there, renewed, taken away, listed. */
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
