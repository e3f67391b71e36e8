/**
 * The calls of the C library that Node lacks, one to one and without policy: sockets of every family, poll, epoll, limits,
 * scheduling. Each returns what the call returns, or minus errno as a kernel does; none throws. A descriptor stays open
 * until `close`. Buffers are used in place and only during the call, but for `pollAsync` until its callback.
 */
import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import koffi from 'koffi';

// The process's own symbols: glibc or musl, whichever Node is linked with.
const library = koffi.load(null);

type Call = (...values: readonly unknown[]) => number;

function call(declaration: string): Call {
  const foreign = library.func(declaration);
  return (...values) => {
    const result = foreign(...values) as number;
    return result === -1 ? -koffi.errno() : result;
  };
}

/** The name of a negative result: `ECONNREFUSED` for -111. */
export function errorName(result: number): string {
  return getSystemErrorName(result);
}

const errors = getSystemErrorMap();

/** A negative result in words: `connection refused` for -111. */
export function errorText(result: number): string {
  return errors.get(result)?.[1] ?? `error ${-result}`;
}

/** socket(2): a descriptor. */
export const socket: (domain: number, type: number, protocol: number) => number =
  call('int socket(int, int, int)');

/** close(2). */
export const close: (fd: number) => number = call('int close(int)');

/** bind(2); the address as `sockaddr.ts` encodes it. */
export function bind(fd: number, address: Uint8Array): number {
  return bindCall(fd, address, address.length);
}
const bindCall = call('int bind(int, const uint8_t *, uint32_t)');

/** connect(2): -EINPROGRESS on a non-blocking socket that is not connected yet. */
export function connect(fd: number, address: Uint8Array): number {
  return connectCall(fd, address, address.length);
}
const connectCall = call('int connect(int, const uint8_t *, uint32_t)');

/** getsockname(2) into `address`: the length of the address in bytes. */
export function getsockname(fd: number, address: Uint8Array): number {
  return withLength(address, (length) => getsocknameCall(fd, address, length));
}
const getsocknameCall = call('int getsockname(int, _Out_ uint8_t *, _Inout_ uint32_t *)');

/** setsockopt(2) with bytes, such as an ip_mreqn or a name of an interface. */
export function setsockopt(fd: number, level: number, option: number, value: Uint8Array): number {
  return setsockoptCall(fd, level, option, value, value.length);
}
const setsockoptCall = call('int setsockopt(int, int, int, const uint8_t *, uint32_t)');

/** setsockopt(2) with an int. */
export function setIntOption(fd: number, level: number, option: number, value: number): number {
  return setIntOptionCall(fd, level, option, Int32Array.of(value), 4);
}
const setIntOptionCall = call('int setsockopt(int, int, int, const int32_t *, uint32_t)');

/** getsockopt(2) into `value`: the number of bytes written. */
export function getsockopt(fd: number, level: number, option: number, value: Uint8Array): number {
  return withLength(value, (length) => getsockoptCall(fd, level, option, value, length));
}
const getsockoptCall = call('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)');

/** send(2): bytes taken by the kernel. */
export function send(fd: number, data: Uint8Array, flags = 0): number {
  return sendCall(fd, data, data.length, flags);
}
const sendCall = call('int64_t send(int, const uint8_t *, size_t, int)');

/** sendto(2): bytes taken by the kernel. */
export function sendto(fd: number, data: Uint8Array, flags: number, address: Uint8Array): number {
  return sendtoCall(fd, data, data.length, flags, address, address.length);
}
const sendtoCall = call('int64_t sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)');

/** recv(2) into `data`: bytes written, 0 at the end of a stream. */
export function recv(fd: number, data: Uint8Array, flags = 0): number {
  return recvCall(fd, data, data.length, flags);
}
const recvCall = call('int64_t recv(int, _Out_ uint8_t *, size_t, int)');

const addressLength = new Uint32Array(1);

/** recvfrom(2) into `data`, the sender into `address` (28 bytes hold any IP address): bytes written. */
export function recvfrom(fd: number, data: Uint8Array, flags: number, address: Uint8Array): number {
  addressLength[0] = address.length;
  return recvfromCall(fd, data, data.length, flags, address, addressLength);
}
const recvfromCall = call(
  'int64_t recvfrom(int, _Out_ uint8_t *, size_t, int, _Out_ uint8_t *, _Inout_ uint32_t *)',
);

/** fcntl(2) with an int argument. */
export const fcntl: (fd: number, command: number, argument: number) => number =
  call('int fcntl(int, int, int)');

/** One entry of poll(2); `revents` is written by the call. */
export type PollEntry = { readonly fd: number; readonly events: number; revents: number };

/** poll(2), blocking this thread for up to `timeoutMs`: how many entries have events. */
export function poll(entries: readonly PollEntry[], timeoutMs: number): number {
  const bytes = encodePoll(entries);
  const result = pollCall(bytes, entries.length, timeoutMs);
  decodePoll(bytes, entries);
  return result;
}
const pollFunction = library.func('int poll(_Inout_ uint8_t *, unsigned long, int)');
const pollCall: Call = (...values) => {
  const result = pollFunction(...values) as number;
  return result === -1 ? -koffi.errno() : result;
};

/**
 * poll(2) on koffi's thread pool: `done` gets how many entries have events, or -1 on an error whose errno the other thread
 * kept. The process cannot exit while it waits, so `timeoutMs` should be short or an eventfd be among the entries.
 */
export function pollAsync(
  entries: readonly PollEntry[],
  timeoutMs: number,
  done: (result: number) => void,
): void {
  const bytes = encodePoll(entries);
  pollFunction.async(bytes, entries.length, timeoutMs, (error: unknown, result: number) => {
    decodePoll(bytes, entries);
    done(error ? -1 : result);
  });
}

/** eventfd(2): a descriptor that `wakeEvent` makes readable and `clearEvent` silences. */
export const eventfd: (initial: number, flags: number) => number = call('int eventfd(unsigned int, int)');

/** write(2): bytes taken by the kernel. */
export function write(fd: number, data: Uint8Array): number {
  return writeCall(fd, data, data.length);
}
const writeCall = call('int64_t write(int, const uint8_t *, size_t)');
const readCall = call('int64_t read(int, _Out_ uint8_t *, size_t)');
const one = new Uint8Array(BigUint64Array.of(1n).buffer);
const eventCount = new Uint8Array(8);
/** Adds one to an eventfd. */
export const wakeEvent = (fd: number): number => writeCall(fd, one, 8);
/** Sets an eventfd to zero. */
export const clearEvent = (fd: number): number => readCall(fd, eventCount, 8);

/** epoll_create1(2): a descriptor. */
export const epollCreate: (flags: number) => number = call('int epoll_create1(int)');

// struct epoll_event is packed on x86 alone: include/uapi/linux/eventpoll.h, EPOLL_PACKED.
const EPOLL_DATA = process.arch === 'x64' ? 4 : 8;
const EPOLL_SIZE = EPOLL_DATA + 8;
const epollEvent = new DataView(new ArrayBuffer(EPOLL_SIZE));
const epollEventBytes = new Uint8Array(epollEvent.buffer);
const epollCtlCall = call('int epoll_ctl(int, int, int, const uint8_t *)');

/** epoll_ctl(2); the events come back with `fd`. */
export function epollControl(epoll: number, operation: number, fd: number, events: number): number {
  epollEvent.setUint32(0, events, true);
  epollEvent.setInt32(EPOLL_DATA, fd, true);
  return epollCtlCall(epoll, operation, fd, epollEventBytes);
}

/** Room for the answers of `epollWait`, to be used again. */
export class EpollEvents {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  constructor(readonly capacity: number) {
    this.bytes = new Uint8Array(capacity * EPOLL_SIZE);
    this.#view = new DataView(this.bytes.buffer);
  }
  fd(index: number): number {
    return this.#view.getInt32(index * EPOLL_SIZE + EPOLL_DATA, true);
  }
  events(index: number): number {
    return this.#view.getUint32(index * EPOLL_SIZE, true);
  }
}

/** epoll_wait(2), blocking this thread for up to `timeoutMs`: how many of `into` are filled. */
export function epollWait(epoll: number, into: EpollEvents, timeoutMs: number): number {
  return epollWaitCall(epoll, into.bytes, into.capacity, timeoutMs);
}
const epollWaitCall = call('int epoll_wait(int, _Out_ uint8_t *, int, int)');

/** A limit of getrlimit(2); Infinity is RLIM_INFINITY. */
export type ResourceLimit = { readonly soft: number; readonly hard: number };

/** getrlimit(2): the limit, or minus errno. */
export function getResourceLimit(resource: number): ResourceLimit | number {
  const values = new BigUint64Array(2);
  const result = getrlimitCall(resource, values);
  if (result < 0) return result;
  const [soft, hard] = [...values].map((value) => (value === RLIM_INFINITY ? Infinity : Number(value)));
  return { soft: soft ?? 0, hard: hard ?? 0 };
}
const getrlimitCall = call('int getrlimit(int, _Out_ uint64_t *)');

/** setrlimit(2). */
export function setResourceLimit(resource: number, limit: ResourceLimit): number {
  const values = [limit.soft, limit.hard].map((v) => (v === Infinity ? RLIM_INFINITY : BigInt(v)));
  return setrlimitCall(resource, BigUint64Array.from(values));
}
const setrlimitCall = call('int setrlimit(int, const uint64_t *)');
const RLIM_INFINITY = 2n ** 64n - 1n;

/** sched_setscheduler(2) with a priority; pid 0 is the calling thread. */
export function setScheduler(pid: number, policy: number, priority: number): number {
  return setschedulerCall(pid, policy, Int32Array.of(priority));
}
const setschedulerCall = call('int sched_setscheduler(int, int, const int32_t *)');

/** mlock2(2) with MLOCK_ONFAULT: pages that are there are locked, others when they come. */
export function lockOnFault(start: bigint, bytes: bigint): number {
  return mlock2Call(start, bytes, MLOCK_ONFAULT);
}
const MLOCK_ONFAULT = 1;
const mlock2Call = call('int mlock2(uintptr_t, size_t, unsigned int)');

/** munlock(2). */
export const unlock: (start: bigint, bytes: bigint) => number = call('int munlock(uintptr_t, size_t)');

/** if_nametoindex(3): the index of an interface, or -ENODEV. */
export function interfaceIndex(name: string): number {
  const index = nametoindexFunction(name) as number;
  return index === 0 ? -koffi.errno() : index;
}
const nametoindexFunction = library.func('unsigned int if_nametoindex(const char *)');

function encodePoll(entries: readonly PollEntry[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(entries.length * 8));
  for (const [index, entry] of entries.entries()) {
    view.setInt32(index * 8, entry.fd, true);
    view.setInt16(index * 8 + 4, entry.events, true);
  }
  return new Uint8Array(view.buffer);
}

function decodePoll(bytes: Uint8Array, entries: readonly PollEntry[]): void {
  const view = new DataView(bytes.buffer);
  for (const [index, entry] of entries.entries()) entry.revents = view.getInt16(index * 8 + 6, true);
}

function withLength(target: Uint8Array, get: (length: Uint32Array) => number): number {
  const length = Uint32Array.of(target.length);
  const result = get(length);
  return result < 0 ? result : (length[0] ?? 0);
}

/** recvmmsg(2) without a timeout, into the struct mmsghdr of `messages`: how many were received. */
export function recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number {
  return recvmmsgCall(fd, messages, count, flags, null);
}
const recvmmsgCall = call('int recvmmsg(int, void *, unsigned int, int, void *)');

/** Bytes outside the garbage-collected heap: they never move, and their address holds as long as they are referenced. */
export function fixedBytes(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(Math.max(1, length)));
}

/** The address of `fixedBytes`. */
export const addressOf: (bytes: Uint8Array) => bigint = (bytes) => koffi.address(bytes) as bigint;

/** sched_setaffinity(2) with a mask of CPUs, 8 a byte; pid 0 is the calling thread. */
export function setAffinity(pid: number, mask: Uint8Array): number {
  return setAffinityCall(pid, mask.length, mask);
}
const setAffinityCall = call('int sched_setaffinity(int, size_t, const uint8_t *)');

/** send(2) on koffi's thread pool: `done` gets the bytes taken, or -1 on an error whose errno the other thread kept. */
export function sendLater(fd: number, data: Uint8Array, done: (result: number) => void): void {
  // koffi keeps the address alone: what nobody else holds would be freed before it is sent.
  underWay.add(data);
  sendFunction.async(fd, data, data.length, 0, (error: unknown, result: number) => {
    underWay.delete(data);
    done(error ? -1 : result);
  });
}
const underWay = new Set<Uint8Array>();
const sendFunction = library.func('int64_t send(int, const void *, size_t, int)');

/** mkfifo(3). */
export const mkfifo: (path: string, mode: number) => number = call('int mkfifo(const char *, unsigned int)');
