/**
 * The IPVS table of the fake kernel: what each command does and how it is refused, as net/netfilter/ipvs/ip_vs_ctl.c
 * does it and as was seen on a real one. Attributes are kept raw and given back raw.
 */
import { constants } from 'node:os';
import { type Attrs, Errno, nest, u32, u64 } from './fake-kernel-bytes.js';

const { EAFNOSUPPORT, EEXIST, EINVAL, ENODEV, ENOENT, ERANGE, ESRCH } = constants.errno;

export type FakeDestination = {
  attrs: Map<number, Buffer>;
  active: number;
  inactive: number;
  connections: bigint;
};
export type FakeService = { attrs: Map<number, Buffer>; readonly destinations: Map<string, FakeDestination> };

/** Numbers of include/uapi/linux/ip_vs.h, written out again on purpose. */
const SVC = {
  AF: 1,
  PROTOCOL: 2,
  ADDR: 3,
  PORT: 4,
  FWMARK: 5,
  SCHED: 6,
  FLAGS: 7,
  TIMEOUT: 8,
  NETMASK: 9,
  PE: 11,
};
const DEST = {
  ADDR: 1,
  PORT: 2,
  FWD: 3,
  WEIGHT: 4,
  U: 5,
  L: 6,
  AF: 11,
  TUN_TYPE: 13,
  TUN_PORT: 14,
  TUN_FLAGS: 15,
};
const DAEMON = { STATE: 1, IFN: 2, ID: 3, MAXLEN: 4, GROUP: 5, GROUP6: 6, PORT: 7, TTL: 8 };
const SCHEDULERS = 'none rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos'.split(' ');
const HASHED = 2;
const TUNNEL = 2;
const GUE = 1;

export type FakeTable = {
  readonly services: Map<string, FakeService>;
  readonly daemons: Map<number, Map<number, Buffer>>;
  readonly timeouts: Map<number, Buffer>;
  readonly interfaces: Set<string>;
};

export function createFakeTable(): FakeTable {
  return {
    services: new Map(),
    daemons: new Map(),
    timeouts: new Map([
      [4, u32(900)],
      [5, u32(120)],
      [6, u32(300)],
    ]),
    interfaces: new Set(['lo', 'eth0']),
  };
}

/** The service a request names; undefined when there is none, EINVAL when it names none. */
export function findService(table: FakeTable, attrs: Attrs | undefined): FakeService | undefined {
  return table.services.get(serviceId(attrs));
}

export function addService(table: FakeTable, attrs: Attrs | undefined): void {
  const id = serviceId(attrs);
  const full = checkService(attrs, 0);
  if (table.services.has(id)) throw new Errno(EEXIST);
  checkNames(full);
  table.services.set(id, { attrs: full, destinations: new Map() });
}

export function editService(table: FakeTable, attrs: Attrs | undefined): void {
  const service = existing(table, attrs);
  const full = checkService(attrs, service.attrs.get(SVC.FLAGS)?.readUInt32LE(0) ?? 0);
  checkNames(full);
  service.attrs = full;
}

export function deleteService(table: FakeTable, attrs: Attrs | undefined): void {
  existing(table, attrs);
  table.services.delete(serviceId(attrs));
}

export function addDestination(table: FakeTable, service: Attrs | undefined, attrs: Attrs | undefined): void {
  const { destinations, full, id } = checkDestination(table, service, attrs);
  if (destinations.has(id)) throw new Errno(EEXIST);
  const [first = 0] = full.get(DEST.ADDR) ?? [];
  if (full.get(DEST.AF)?.readUInt16LE() === 2 && (first === 0 || first >= 224)) throw new Errno(EINVAL);
  destinations.set(id, { attrs: full, active: 0, inactive: 0, connections: 0n });
}

export function editDestination(
  table: FakeTable,
  service: Attrs | undefined,
  attrs: Attrs | undefined,
): void {
  const { destinations, full, id } = checkDestination(table, service, attrs);
  const destination = destinations.get(id);
  if (destination === undefined) throw new Errno(ENOENT);
  destination.attrs = full;
}

export function deleteDestination(
  table: FakeTable,
  service: Attrs | undefined,
  attrs: Attrs | undefined,
): void {
  const { attrs: own, destinations } = existing(table, service);
  if (!destinations.delete(destinationId(attrs, own))) throw new Errno(ENOENT);
}

export function startDaemon(table: FakeTable, attrs: Attrs | undefined): void {
  const state = attrs?.get(DAEMON.STATE)?.readUInt32LE();
  const name = attrs?.get(DAEMON.IFN);
  if (attrs === undefined || state === undefined || name === undefined || !attrs.has(DAEMON.ID)) {
    throw new Errno(EINVAL);
  }
  if ((attrs.get(DAEMON.GROUP)?.[0] ?? 224) >> 4 !== 14) throw new Errno(EINVAL);
  if (table.daemons.has(state)) throw new Errno(EEXIST);
  if (!table.interfaces.has(name.toString('utf8', 0, name.length - 1))) throw new Errno(ENODEV);
  const defaults = new Map([
    [DAEMON.MAXLEN, Buffer.from([0xb8, 0x05])],
    [DAEMON.PORT, Buffer.from([0x90, 0x22])],
    [DAEMON.TTL, Buffer.from([1])],
  ]);
  if (!attrs.has(DAEMON.GROUP6)) defaults.set(DAEMON.GROUP, Buffer.from([224, 0, 0, 81]));
  table.daemons.set(state, new Map([...defaults, ...attrs]));
}

export function stopDaemon(table: FakeTable, attrs: Attrs | undefined): void {
  const state = attrs?.get(DAEMON.STATE)?.readUInt32LE();
  if (state === undefined) throw new Errno(EINVAL);
  if (!table.daemons.delete(state)) throw new Errno(ESRCH);
}

/** Both forms of the counters; only connections ever count here. */
export function statsAttrs(connections: bigint): readonly (readonly [number, Buffer])[] {
  const wide = (index: number) => u64(index === 0 ? connections : 0n);
  const narrow = (index: number) =>
    index === 3 || index === 4 ? u64(0n) : u32(Number(wide(index).readBigUInt64LE()));
  const all = Array.from({ length: 10 }, (_, index) => index);
  return [
    [10, nest(all.map((index) => [index + 1, narrow(index)] as const))],
    [12, nest(all.map((index) => [index + 1, wide(index)] as const))],
  ];
}

function existing(table: FakeTable, attrs: Attrs | undefined): FakeService {
  const service = findService(table, attrs);
  if (service === undefined) throw new Errno(ESRCH);
  return service;
}

function serviceId(attrs: Attrs | undefined): string {
  const family = attrs?.get(SVC.AF);
  if (attrs === undefined || family === undefined) throw new Errno(EINVAL);
  if (![2, 10].includes(family.readUInt16LE())) throw new Errno(EAFNOSUPPORT);
  const mark = attrs.get(SVC.FWMARK);
  if (mark !== undefined) return `${family.readUInt16LE()} fwmark ${mark.readUInt32LE()}`;
  return [family, ...[SVC.PROTOCOL, SVC.ADDR, SVC.PORT].map((type) => required(attrs, type))]
    .map((bytes) => bytes.toString('hex'))
    .join(' ');
}

/** The full entry, with flags as struct ip_vs_flags asks for them and HASHED set. */
function checkService(attrs: Attrs | undefined, before: number): Map<number, Buffer> {
  if (attrs === undefined) throw new Errno(EINVAL);
  for (const type of [SVC.SCHED, SVC.TIMEOUT]) required(attrs, type);
  const flags = required(attrs, SVC.FLAGS);
  const prefix = required(attrs, SVC.NETMASK).readUInt32LE();
  if (attrs.get(SVC.AF)?.readUInt16LE() === 10 && (prefix < 1 || prefix > 128)) throw new Errno(EINVAL);
  const [wanted, mask] = [flags.readUInt32LE(0), flags.readUInt32LE(4)];
  const bits = ((before & ~mask) | (wanted & mask) | HASHED) >>> 0;
  return new Map([...attrs, [SVC.FLAGS, Buffer.concat([u32(bits), u32(0xffffffff)])]]);
}

function checkNames(attrs: Attrs): void {
  const name = (type: number) => attrs.get(type)?.toString('utf8').replace(/\0.*$/s, '');
  if (!SCHEDULERS.includes(name(SVC.SCHED) ?? '')) throw new Errno(ENOENT);
  if (!['', 'sip'].includes(name(SVC.PE) ?? '')) throw new Errno(ENOENT);
}

function checkDestination(table: FakeTable, service: Attrs | undefined, attrs: Attrs | undefined) {
  const { attrs: own, destinations } = existing(table, service);
  const id = destinationId(attrs, own);
  const full = new Map(attrs);
  const [forward, weight, upper, lower] = [DEST.FWD, DEST.WEIGHT, DEST.U, DEST.L].map((type) =>
    required(full, type).readUInt32LE(),
  ) as [number, number, number, number];
  const serviceFamily = own.get(SVC.AF) ?? Buffer.alloc(2);
  if (!full.has(DEST.AF)) full.set(DEST.AF, serviceFamily);
  const mixed = full.get(DEST.AF)?.compare(serviceFamily) !== 0;
  if (mixed && (table.daemons.size > 0 || forward !== TUNNEL)) throw new Errno(EINVAL);
  if (weight > 0x7fffffff || lower > upper) throw new Errno(ERANGE);
  if (upper > 0x7fffffff) throw new Errno(EINVAL);
  if (full.get(DEST.TUN_TYPE)?.readUInt8() === GUE && full.get(DEST.TUN_PORT)?.readUInt16BE() === 0) {
    throw new Errno(EINVAL);
  }
  return { destinations, full, id };
}

function destinationId(attrs: Attrs | undefined, service: Attrs): string {
  if (attrs === undefined) throw new Errno(EINVAL);
  const family = attrs.get(DEST.AF) ?? required(service, SVC.AF);
  return [family, required(attrs, DEST.ADDR), required(attrs, DEST.PORT)]
    .map((bytes) => bytes.toString('hex'))
    .join(' ');
}

function required(attrs: Attrs, type: number): Buffer {
  const bytes = attrs.get(type);
  if (bytes === undefined) throw new Errno(EINVAL);
  return bytes;
}
