/**
 * A destination (real server): what nests inside IPVS_CMD_ATTR_DEST.
 *
 *   ADDR_FAMILY u16 | ADDR 16 bytes | PORT be16                               identifies it
 *   FWD_METHOD u32 | WEIGHT u32 | U_THRESH u32 | L_THRESH u32 | TUN_TYPE u8 | TUN_PORT be16 | TUN_FLAGS u16
 *   ACTIVE_CONNS u32 | INACT_CONNS u32 | PERSIST_CONNS u32 | STATS | STATS64   only in replies
 */
import type { Family } from '../../net/address.js';
import type { Counters, Destination, DestinationStatus, Forwarding, Tunnel } from '../table.js';
import { DEST_ATTR, FORWARDING, TUNNEL_FLAG, TUNNEL_TYPE } from '../uapi.js';
import { decodeFamily, encodeFamily, readAddress, writeAddress } from './address.js';
import { type Attributes, DecodeError } from './attributes.js';
import { readCounters } from './counters.js';
import type { Writer } from './writer.js';

/** What identifies a destination within its service. */
export type DestinationKey = Pick<Destination, 'family' | 'address' | 'port'>;

const IPIP: Tunnel = { type: 'ipip', port: 0, checksum: 'none' };

export function writeDestinationKey(out: Writer, { family, address, port }: DestinationKey): void {
  out.u16(DEST_ATTR.ADDR_FAMILY, encodeFamily(family));
  writeAddress(out, DEST_ATTR.ADDR, address);
  out.u16be(DEST_ATTR.PORT, port);
}

/** The full entry that NEW and SET want. */
export function writeDestination(out: Writer, destination: Destination): void {
  const { forwarding } = destination;
  writeDestinationKey(out, destination);
  out.u32(DEST_ATTR.FWD_METHOD, encodeMethod(forwarding.method));
  out.u32(DEST_ATTR.WEIGHT, destination.weight);
  out.u32(DEST_ATTR.U_THRESH, destination.upperThreshold);
  out.u32(DEST_ATTR.L_THRESH, destination.lowerThreshold);
  const tunnel = forwarding.method === 'tun' ? forwarding.tunnel : IPIP;
  out.u8(DEST_ATTR.TUN_TYPE, encodeTunnelType(tunnel.type));
  out.u16be(DEST_ATTR.TUN_PORT, tunnel.port);
  out.u16(DEST_ATTR.TUN_FLAGS, encodeChecksum(tunnel.checksum));
}

/** Bytes from the value of an attribute to the end of what writeDestination wrote: 8 for each but ADDR, which has 20. */
const FROM_END = { ADDR: 80, PORT: 60, WEIGHT: 44, U_THRESH: 36, L_THRESH: 28 } as const;

/** Makes the destination just written another one of the same family and forwarding: far cheaper in large tables. */
export function rewriteDestination(out: Writer, destination: Destination): void {
  out.rewriteAddress(FROM_END.ADDR, destination.address);
  out.rewriteU16be(FROM_END.PORT, destination.port);
  out.rewriteU32(FROM_END.WEIGHT, destination.weight);
  out.rewriteU32(FROM_END.U_THRESH, destination.upperThreshold);
  out.rewriteU32(FROM_END.L_THRESH, destination.lowerThreshold);
}

/** `serviceFamily` is that of a destination from a kernel before 3.18, which sends no ADDR_FAMILY. */
export function readDestination(attributes: Attributes, serviceFamily: Family): Destination {
  const family = attributes.has(DEST_ATTR.ADDR_FAMILY)
    ? decodeFamily(attributes.u16(DEST_ATTR.ADDR_FAMILY))
    : serviceFamily;
  return {
    family,
    address: readAddress(attributes, DEST_ATTR.ADDR, family),
    port: attributes.u16be(DEST_ATTR.PORT),
    weight: attributes.u32(DEST_ATTR.WEIGHT),
    forwarding: readForwarding(attributes),
    upperThreshold: attributes.u32(DEST_ATTR.U_THRESH),
    lowerThreshold: attributes.u32(DEST_ATTR.L_THRESH),
  };
}

export function readDestinationStatus(attributes: Attributes, serviceFamily: Family): DestinationStatus {
  return {
    ...readDestination(attributes, serviceFamily),
    activeConnections: attributes.u32(DEST_ATTR.ACTIVE_CONNS),
    inactiveConnections: attributes.u32(DEST_ATTR.INACT_CONNS),
    persistentConnections: attributes.u32(DEST_ATTR.PERSIST_CONNS),
    counters: readDestinationCounters(attributes),
  };
}

function readDestinationCounters(attributes: Attributes): Counters {
  return readCounters(attributes, DEST_ATTR.STATS64, DEST_ATTR.STATS);
}

function encodeMethod(method: Forwarding['method']): number {
  switch (method) {
    case 'nat':
      return FORWARDING.MASQ;
    case 'local':
      return FORWARDING.LOCALNODE;
    case 'tun':
      return FORWARDING.TUNNEL;
    case 'dr':
      return FORWARDING.DROUTE;
    case 'bypass':
      return FORWARDING.BYPASS;
  }
}

function readForwarding(attributes: Attributes): Forwarding {
  const value = attributes.u32(DEST_ATTR.FWD_METHOD);
  if (value === FORWARDING.MASQ) return { method: 'nat' };
  if (value === FORWARDING.LOCALNODE) return { method: 'local' };
  if (value === FORWARDING.TUNNEL) return { method: 'tun', tunnel: readTunnel(attributes) };
  if (value === FORWARDING.DROUTE) return { method: 'dr' };
  if (value === FORWARDING.BYPASS) return { method: 'bypass' };
  throw new DecodeError(`forwarding method ${value}: expected 0 to 4`);
}

/** Kernels before 5.3 know plain IP in IP only and send no TUN_* attributes. */
function readTunnel(attributes: Attributes): Tunnel {
  if (!attributes.has(DEST_ATTR.TUN_TYPE)) return IPIP;
  return {
    type: decodeTunnelType(attributes.u8(DEST_ATTR.TUN_TYPE)),
    port: attributes.u16be(DEST_ATTR.TUN_PORT),
    checksum: decodeChecksum(attributes.u16(DEST_ATTR.TUN_FLAGS)),
  };
}

function encodeTunnelType(type: Tunnel['type']): number {
  switch (type) {
    case 'ipip':
      return TUNNEL_TYPE.IPIP;
    case 'gue':
      return TUNNEL_TYPE.GUE;
    case 'gre':
      return TUNNEL_TYPE.GRE;
  }
}

function decodeTunnelType(value: number): Tunnel['type'] {
  if (value === TUNNEL_TYPE.IPIP) return 'ipip';
  if (value === TUNNEL_TYPE.GUE) return 'gue';
  if (value === TUNNEL_TYPE.GRE) return 'gre';
  throw new DecodeError(`tunnel type ${value}: expected 0 to 2`);
}

function encodeChecksum(checksum: Tunnel['checksum']): number {
  switch (checksum) {
    case 'none':
      return TUNNEL_FLAG.NOCSUM;
    case 'csum':
      return TUNNEL_FLAG.CSUM;
    case 'remcsum':
      return TUNNEL_FLAG.REMCSUM;
  }
}

function decodeChecksum(flags: number): Tunnel['checksum'] {
  if ((flags & TUNNEL_FLAG.REMCSUM) !== 0) return 'remcsum';
  return (flags & TUNNEL_FLAG.CSUM) !== 0 ? 'csum' : 'none';
}
