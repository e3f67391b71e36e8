/** Which addresses the machine has, for those who look for their own: many ask at one time, and each would read all. */
import { type AddressSpec, type InterfaceAddress, sameAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';

export type Census = {
  /** Finds an address on an interface. */
  readonly find: (spec: AddressSpec, on: Interface) => InterfaceAddress | undefined;
  /** Whether any interface has it. */
  readonly has: (address: string) => boolean;
};

/** What is there now. */
export function takeCensus(socket: RouteSocket): Census | SystemError {
  const there = listAddresses(socket);
  if (there instanceof SystemError) return there;
  const found = new Map<string, InterfaceAddress[]>();
  for (const each of there) {
    const key = keyOf(each, each.interfaceIndex);
    const same = found.get(key);
    if (same === undefined) found.set(key, [each]);
    else same.push(each);
  }
  const addresses = new Set(there.map(({ address }) => address));
  return {
    find: (spec, on) => found.get(keyOf(spec, on.index))?.find((each) => sameAddress(each, spec)),
    has: (address) => addresses.has(address),
  };
}

/**
 * What was there when somebody asked first, until whoever runs has done – a step of an instance, a whole status – or has changed
 * something by the socket that is returned.
 */
export function createCensus(socket: RouteSocket): {
  readonly census: () => Census | SystemError;
  readonly socket: RouteSocket;
} {
  let found: Census | SystemError | undefined;
  const forget = () => {
    found = undefined;
  };
  const census = () => {
    if (found === undefined) {
      found = takeCensus(socket);
      queueMicrotask(forget);
    }
    return found;
  };
  const change: RouteSocket['change'] = (changes) => {
    forget();
    return socket.change(changes);
  };
  return { census, socket: { ...socket, change } };
}

function keyOf({ address }: AddressSpec, index: number): string {
  return `${index} ${address}`;
}
