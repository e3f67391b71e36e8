/**
 * Counters of a service or destination: what nests inside IPVS_*_ATTR_STATS64, or STATS of kernels before 4.1.
 *
 *   STATS64: CONNS INPKTS OUTPKTS INBYTES OUTBYTES CPS INPPS OUTPPS INBPS OUTBPS, each u64
 *   STATS:   the same, each u32 but INBYTES and OUTBYTES, which are u64
 */
import type { Counters } from '../table.js';
import { STATS_ATTR } from '../uapi.js';
import type { Attributes } from './attributes.js';

const ZERO: Counters = {
  connections: 0n,
  inPackets: 0n,
  outPackets: 0n,
  inBytes: 0n,
  outBytes: 0n,
  connectionRate: 0n,
  inPacketRate: 0n,
  outPacketRate: 0n,
  inByteRate: 0n,
  outByteRate: 0n,
};

/** The 64-bit counters where the kernel sends them, else the 32-bit ones, which wrap; zeroes where it sends none. */
export function readCounters(attributes: Attributes, stats64: number, stats32: number): Counters {
  if (attributes.has(stats64)) {
    const stats = attributes.nested(stats64);
    return read(stats, (type) => stats.u64(type));
  }
  if (!attributes.has(stats32)) return ZERO;
  const stats = attributes.nested(stats32);
  return read(stats, (type) => BigInt(stats.u32(type)));
}

function read(stats: Attributes, narrow: (type: number) => bigint): Counters {
  return {
    connections: narrow(STATS_ATTR.CONNS),
    inPackets: narrow(STATS_ATTR.INPKTS),
    outPackets: narrow(STATS_ATTR.OUTPKTS),
    inBytes: stats.u64(STATS_ATTR.INBYTES),
    outBytes: stats.u64(STATS_ATTR.OUTBYTES),
    connectionRate: narrow(STATS_ATTR.CPS),
    inPacketRate: narrow(STATS_ATTR.INPPS),
    outPacketRate: narrow(STATS_ATTR.OUTPPS),
    inByteRate: narrow(STATS_ATTR.INBPS),
    outByteRate: narrow(STATS_ATTR.OUTBPS),
  };
}
