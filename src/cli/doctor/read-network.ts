/** Interfaces, addresses and settings of the network namespace this runs in. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { familyOf } from '../../net/address.js';
import type { InterfaceAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import { listLinks } from '../../net/route/links.js';
import { openRouteSocket } from '../../net/route/socket.js';
import { interfaceSetting, readSetting } from '../../net/sysctl.js';
import { SystemError } from '../../net/system-error.js';
import type { LinkState } from './links.js';
import type { Place } from './servers.js';

export type Network = {
  readonly links: readonly LinkState[];
  readonly addresses: readonly InterfaceAddress[];
};

export function readNetwork(): Network | SystemError {
  const socket = openRouteSocket();
  if (socket instanceof SystemError) return socket;
  try {
    const links = listLinks(socket);
    if (links instanceof SystemError) return links;
    const addresses = listAddresses(socket);
    return addresses instanceof SystemError ? addresses : { links, addresses };
  } finally {
    socket.close();
  }
}

/** Networks of the loopback have no neighbours, and those of one address neither. */
export function placeOf({ links, addresses }: Network): Place {
  const wired = new Set(links.filter(({ loopback }) => !loopback).map(({ index }) => index));
  return {
    own: new Set(addresses.map(({ address }) => address)),
    networks: addresses.filter(
      ({ family, prefixLength, interfaceIndex }) =>
        family === 'ipv4' && prefixLength < 32 && wired.has(interfaceIndex),
    ),
  };
}

/** `net.ipv4.ip_forward`; undefined where the kernel has no such setting. */
export function setting(name: string): string | undefined {
  const value = readSetting(`/proc/sys/${name.replaceAll('.', '/')}`);
  return value instanceof SystemError ? undefined : value.replaceAll('\t', ' ');
}

/** Interfaces that are up, the loopback aside, and those where the kernel wants packets to come by the way back. */
export function reversePaths(links: readonly LinkState[]): {
  readonly strict: readonly string[];
  readonly interfaces: number;
} {
  const used = links.filter(({ up, loopback }) => up && !loopback).map(({ name }) => name);
  const of = (name: string) => Number(readSetting(interfaceSetting('ipv4', name, 'rp_filter')));
  // Documentation/networking/ip-sysctl.rst: the larger of the two counts; 1 is strict, 2 is loose.
  return { strict: used.filter((name) => Math.max(of('all'), of(name)) === 1), interfaces: used.length };
}

/** Those that packets to are not for this machine: no interface has them, and no local route. */
export async function absentHere(addresses: readonly string[]): Promise<readonly string[]> {
  if (setting('net.ipv4.ip_nonlocal_bind') === '1' || setting('net.ipv6.ip_nonlocal_bind') === '1') return [];
  const absent: string[] = [];
  for (const address of addresses) if (!(await isLocal(address))) absent.push(address);
  return absent;
}

/** Only an address of the machine can be bound to. */
async function isLocal(address: string): Promise<boolean> {
  const socket = createSocket(familyOf(address) === 'ipv6' ? 'udp6' : 'udp4');
  try {
    socket.bind({ port: 0, address, exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL';
  } finally {
    socket.close();
  }
}
