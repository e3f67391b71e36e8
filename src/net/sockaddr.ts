/** Socket addresses in bytes: struct sockaddr_in, sockaddr_in6 (netinet/in.h), sockaddr_ll, sockaddr_nl. */
import { formatAddress, parseAddress } from './address.js';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET } from './linux.js';

/** An address and port in 16 (IPv4) or 28 (IPv6) bytes. `scope` is the interface index of a link-local address. */
export function encodeSockaddr(address: string, port: number, scope = 0): Uint8Array {
  const ip = parseAddress(address);
  if (ip === undefined) throw new RangeError(`encode socket address "${address}": not a numeric IP address`);
  return ip.length === 4 ? encodeInet(ip, port) : encodeInet6(ip, port, scope);
}

/** The address and port a kernel wrote, or undefined when it is of another family. */
export function decodeSockaddr(
  bytes: Uint8Array,
): { readonly address: string; readonly port: number; readonly scope: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 16) return undefined;
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { address: formatAddress(bytes.subarray(4, 8)), port, scope: 0 };
  if (family !== AF_INET6 || bytes.length < 28) return undefined;
  return { address: formatAddress(bytes.subarray(8, 24)), port, scope: view.getUint32(24, true) };
}

/** struct sockaddr_ll: an interface and, to send, the hardware address of the receiver. */
export function encodeLinkAddress(
  protocol: number,
  interfaceIndex: number,
  hardware: Uint8Array = new Uint8Array(),
): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, interfaceIndex, true);
  bytes[11] = hardware.length;
  bytes.set(hardware.subarray(0, 8), 12);
  return bytes;
}

/** struct sockaddr_nl of this process: the port the kernel chooses, and the multicast groups as a bit mask. */
export function encodeNetlinkAddress(groups: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return new Uint8Array(view.buffer);
}

function encodeInet(ip: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  bytes.set(ip, 4);
  return bytes;
}

function encodeInet6(ip: Uint8Array, port: number, scope: number): Uint8Array {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(ip, 8);
  view.setUint32(24, scope, true);
  return bytes;
}
