/**
 * What a kernel tells about a received IPv6 packet beside its payload: struct cmsghdr of recvmsg(2), RFC 3542 §6.
 *
 *      0        8       12      16
 *     +--------+-------+-------+--------------+---------+--
 *     | length | level | type  | data         | padding | next …
 *     +--------+-------+-------+--------------+---------+--
 */
import { IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_PKTINFO } from './linux.js';

export type Ipv6Control = {
  /** 16 bytes. */
  readonly destination: Uint8Array | undefined;
  readonly interfaceIndex: number | undefined;
  readonly hopLimit: number | undefined;
};

const HEADER_BYTES = 16;

/** Hop limit, destination and interface of a packet; each undefined where the kernel did not say. */
export function decodeIpv6Control(control: Uint8Array): Ipv6Control {
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  let found: Ipv6Control = { destination: undefined, interfaceIndex: undefined, hopLimit: undefined };
  let offset = 0;
  while (offset + HEADER_BYTES <= control.length) {
    const length = view.getUint32(offset, true);
    if (length < HEADER_BYTES || offset + length > control.length) break;
    if (view.getInt32(offset + 8, true) === IPPROTO_IPV6) {
      found = { ...found, ...decodeOne(view, control, offset) };
    }
    offset += (length + 7) & ~7;
  }
  return found;
}

function decodeOne(view: DataView, control: Uint8Array, offset: number): Partial<Ipv6Control> {
  const dataBytes = view.getUint32(offset, true) - HEADER_BYTES;
  const data = offset + HEADER_BYTES;
  const type = view.getInt32(offset + 12, true);
  if (type === IPV6_HOPLIMIT && dataBytes >= 4) return { hopLimit: view.getInt32(data, true) };
  if (type !== IPV6_PKTINFO || dataBytes < 20) return {};
  return {
    destination: control.subarray(data, data + 16),
    interfaceIndex: view.getInt32(data + 16, true),
  };
}
