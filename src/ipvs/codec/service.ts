/**
 * A virtual service: what nests inside IPVS_CMD_ATTR_SERVICE.
 *
 *   AF u16 | FWMARK u32, or PROTOCOL u16, ADDR 16 bytes, PORT be16          identifies it
 *   SCHED_NAME text | PE_NAME text | FLAGS {u32 flags, u32 mask} | TIMEOUT u32 s | NETMASK 4 bytes
 *   STATS, STATS64                                                           only in replies
 *
 * NETMASK is an IPv4 mask in network order, or an IPv6 prefix length in host order (ip_vs_ctl.c reads it either way).
 */
import { Buffer } from 'node:buffer';
import type { Counters, Persistence, Protocol, ServiceFlags, ServiceKey, ServiceSettings } from '../table.js';
import { IPPROTO, SVC_ATTR, SVC_F } from '../uapi.js';
import { decodeFamily, encodeFamily, readAddress, writeAddress } from './address.js';
import { type Attributes, DecodeError } from './attributes.js';
import { readCounters } from './counters.js';
import type { Writer } from './writer.js';

/** Every bit but HASHED, which belongs to the kernel: a service added with it is never found again by older kernels. */
const OUR_FLAGS = SVC_F.PERSISTENT | SVC_F.ONEPACKET | SVC_F.SCHED1 | SVC_F.SCHED2 | SVC_F.SCHED3;

/** What identifies a service: enough for GET, DEL, ZERO and every destination command. */
export function writeKey(out: Writer, key: ServiceKey): void {
  out.u16(SVC_ATTR.AF, encodeFamily(key.family));
  if (key.kind === 'fwmark') {
    out.u32(SVC_ATTR.FWMARK, key.fwmark);
    return;
  }
  out.u16(SVC_ATTR.PROTOCOL, encodeProtocol(key.protocol));
  writeAddress(out, SVC_ATTR.ADDR, key.address);
  out.u16be(SVC_ATTR.PORT, key.port);
}

/** The full entry that NEW and SET want. */
export function writeService(out: Writer, service: ServiceSettings): void {
  writeKey(out, service.key);
  out.text(SVC_ATTR.SCHED_NAME, service.scheduler);
  if (service.persistenceEngine !== undefined) out.text(SVC_ATTR.PE_NAME, service.persistenceEngine);
  out.data(SVC_ATTR.FLAGS, encodeFlags(service));
  out.u32(SVC_ATTR.TIMEOUT, service.persistence?.timeoutS ?? 0);
  out.data(SVC_ATTR.NETMASK, encodeNetmask(service));
}

export function readKey(attributes: Attributes): ServiceKey {
  const family = decodeFamily(attributes.u16(SVC_ATTR.AF));
  if (attributes.has(SVC_ATTR.FWMARK)) {
    return { kind: 'fwmark', family, fwmark: attributes.u32(SVC_ATTR.FWMARK) };
  }
  return {
    kind: 'address',
    family,
    protocol: decodeProtocol(attributes.u16(SVC_ATTR.PROTOCOL)),
    address: readAddress(attributes, SVC_ATTR.ADDR, family),
    port: attributes.u16be(SVC_ATTR.PORT),
  };
}

export function readService(attributes: Attributes): ServiceSettings {
  const key = readKey(attributes);
  const bits = attributes.data(SVC_ATTR.FLAGS, 8).readUInt32LE(0);
  const persistence = (bits & SVC_F.PERSISTENT) !== 0 ? readPersistence(attributes, key) : undefined;
  return {
    key,
    scheduler: attributes.text(SVC_ATTR.SCHED_NAME),
    flags: decodeFlags(bits),
    ...(persistence && { persistence }),
    ...(attributes.has(SVC_ATTR.PE_NAME) && { persistenceEngine: attributes.text(SVC_ATTR.PE_NAME) }),
  };
}

export function readServiceCounters(attributes: Attributes): Counters {
  return readCounters(attributes, SVC_ATTR.STATS64, SVC_ATTR.STATS);
}

function encodeProtocol(protocol: Protocol): number {
  switch (protocol) {
    case 'tcp':
      return IPPROTO.TCP;
    case 'udp':
      return IPPROTO.UDP;
    case 'sctp':
      return IPPROTO.SCTP;
  }
}

function decodeProtocol(value: number): Protocol {
  if (value === IPPROTO.TCP) return 'tcp';
  if (value === IPPROTO.UDP) return 'udp';
  if (value === IPPROTO.SCTP) return 'sctp';
  throw new DecodeError(`protocol ${value}: expected TCP, UDP or SCTP`);
}

/** struct ip_vs_flags: the kernel changes only the bits of the mask. */
function encodeFlags({ flags, persistence }: ServiceSettings): Buffer {
  const bits =
    (persistence ? SVC_F.PERSISTENT : 0) |
    (flags.onePacket ? SVC_F.ONEPACKET : 0) |
    (flags.sched1 ? SVC_F.SCHED1 : 0) |
    (flags.sched2 ? SVC_F.SCHED2 : 0) |
    (flags.sched3 ? SVC_F.SCHED3 : 0);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(bits, 0);
  bytes.writeUInt32LE(OUR_FLAGS, 4);
  return bytes;
}

function decodeFlags(bits: number): ServiceFlags {
  return {
    hashed: (bits & SVC_F.HASHED) !== 0,
    onePacket: (bits & SVC_F.ONEPACKET) !== 0,
    sched1: (bits & SVC_F.SCHED1) !== 0,
    sched2: (bits & SVC_F.SCHED2) !== 0,
    sched3: (bits & SVC_F.SCHED3) !== 0,
  };
}

/** Without persistence the whole address counts: IPv6 services are refused with any prefix outside 1–128. */
function encodeNetmask({ key, persistence }: ServiceSettings): Buffer {
  const bytes = Buffer.alloc(4);
  if (key.family === 'ipv6') bytes.writeUInt32LE(persistence?.prefixLength ?? 128);
  else bytes.writeUInt32BE(maskOf(persistence?.prefixLength ?? 32));
  return bytes;
}

function readPersistence(attributes: Attributes, key: ServiceKey): Persistence {
  const netmask = attributes.data(SVC_ATTR.NETMASK, 4);
  return {
    timeoutS: attributes.u32(SVC_ATTR.TIMEOUT),
    prefixLength: key.family === 'ipv6' ? netmask.readUInt32LE(0) : prefixOf(netmask.readUInt32BE(0)),
  };
}

function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** A mask with holes, which other programs may set, has no prefix length: 0. */
function prefixOf(mask: number): number {
  const length = Math.clz32(~mask);
  return maskOf(length) === mask ? length : 0;
}
