/** Which addresses the machine has, for those who look for their own: many ask at one time, and each would read all. */
import { type AddressSpec, type InterfaceAddress, sameAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';

/** Finds an address on an interface. */
export type Find = (spec: AddressSpec, on: Interface) => InterfaceAddress | undefined;

/** What is there now. */
export function takeCensus(socket: RouteSocket): Find | SystemError {
  const there = listAddresses(socket);
  if (there instanceof SystemError) return there;
  const found = new Map<string, InterfaceAddress[]>();
  for (const each of there) {
    const key = keyOf(each, each.interfaceIndex);
    const same = found.get(key);
    if (same === undefined) found.set(key, [each]);
    else same.push(each);
  }
  return (spec, on) => found.get(keyOf(spec, on.index))?.find((each) => sameAddress(each, spec));
}

/** What was there when somebody asked first, until whoever runs has done: a step of an instance, a whole status. */
export function createCensus(socket: RouteSocket): () => Find | SystemError {
  let found: Find | SystemError | undefined;
  return () => {
    if (found === undefined) {
      found = takeCensus(socket);
      queueMicrotask(() => {
        found = undefined;
      });
    }
    return found;
  };
}

function keyOf({ address }: AddressSpec, index: number): string {
  return `${index} ${address}`;
}
