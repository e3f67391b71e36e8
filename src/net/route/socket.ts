/**
 * Requests to the kernel's routing tables. The kernel works a request off within send(2) and its answer waits in the
 * socket when send returns, so a request is a plain function call of some ten microseconds: an address is there before
 * the advert that claims it is sent.
 */
import { bind, close, fcntl, getsockname, send, sendLater, setsockopt } from '../libc.js';
import * as linux from '../linux.js';
import { encodeNetlinkAddress } from '../sockaddr.js';
import { intOption, openSocket, receiveBuffer } from '../socket-options.js';
import { SystemError } from '../system-error.js';
import { type Change, collect, dump, failed, type Outcome } from './exchange.js';
import { encodeRequests, type Reply, type Request } from './message.js';

export type { Change, Outcome } from './exchange.js';

// Error replies fill the receive buffer: 128 of them fit into the default one.
const MOST_AT_ONCE = 64;
// The kernel builds parts of a dump as large as the largest receive so far, up to 32 KiB.
const RECEIVE_BYTES = 65536;
// No answer after so long: something is wrong with the kernel.
const TIMEOUT_S = 2;

export type RouteSocket = {
  /** The port by which events name this socket as their cause. */
  readonly port: number;
  /** Makes all changes, in order, going on after one that fails: one outcome each. Blocks for as long as the kernel takes. */
  readonly change: (changes: readonly Change[]) => readonly Outcome[];
  /**
   * The same on the thread pool, for what is in no hurry while the kernel may be: its lock of the routing tables can be
   * held for long by others. At most 64 changes; one call at a time, and no `change` meanwhile.
   */
  readonly changeLater: (changes: readonly Change[], done: (outcomes: readonly Outcome[]) => void) => void;
  /** Every object of one kind: RTM_GET* with the struct (and attributes) that selects them. */
  readonly dump: (type: number, body: Uint8Array) => readonly Reply[] | SystemError;
  readonly close: () => void;
};

export function openRouteSocket(): RouteSocket | SystemError {
  const fd = openSocket([linux.AF_NETLINK, linux.SOCK_RAW, linux.NETLINK_ROUTE], 'netlink route', steps);
  if (fd instanceof SystemError) return fd;
  const port = portOf(fd);
  const buffer = Buffer.alloc(RECEIVE_BYTES);
  let seq = 1;
  const numbered = (changes: readonly Change[]) => {
    const first = seq;
    seq += changes.length;
    return { first, bytes: encodeRequests(changes.map(acknowledged(changes.length)), first) };
  };
  const changeBatch = (changes: readonly Change[]) => {
    const { first, bytes } = numbered(changes);
    const sent = send(fd, bytes);
    return sent < 0 ? changes.map(failed(sent)) : collect(fd, buffer, changes, first);
  };
  return {
    port,
    change: (changes) => batches(changes).flatMap(changeBatch),
    changeLater: (changes, done) => {
      const { first, bytes } = numbered(changes);
      sendLater(fd, bytes, (sent) =>
        done(sent < 0 ? changes.map(failed(sent)) : collect(fd, buffer, changes, first)),
      );
    },
    dump: (type, body) => {
      seq += 1;
      return dump(fd, buffer, { type, flags: linux.NLM_F_REQUEST | linux.NLM_F_DUMP, body }, seq);
    },
    close: () => void close(fd),
  };
}

const F_SETFL = 4;

const steps = [
  { name: 'make blocking', run: (fd: number) => fcntl(fd, F_SETFL, 0) },
  {
    name: 'limit waiting',
    run: (fd: number) => setsockopt(fd, linux.SOL_SOCKET, linux.SO_RCVTIMEO, timeval(TIMEOUT_S)),
  },
  ...receiveBuffer(1 << 20),
  intOption('ask for reasons', linux.SOL_NETLINK, linux.NETLINK_EXT_ACK, 1),
  intOption('shorten answers', linux.SOL_NETLINK, linux.NETLINK_CAP_ACK, 1),
  intOption('filter dumps', linux.SOL_NETLINK, linux.NETLINK_GET_STRICT_CHK, 1),
  { name: 'bind', run: (fd: number) => bind(fd, encodeNetlinkAddress(0)) },
];

function timeval(seconds: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(seconds), 0n).buffer);
}

/** struct sockaddr_nl: the port the kernel chose stands at byte 4. */
function portOf(fd: number): number {
  const name = Buffer.alloc(12);
  getsockname(fd, name);
  return name.readUInt32LE(4);
}

/** Errors are answered in any case: the last change alone asks for an acknowledgement. */
function acknowledged(count: number) {
  return ({ request }: Change, index: number): Request => ({
    ...request,
    flags: request.flags | linux.NLM_F_REQUEST | (index === count - 1 ? linux.NLM_F_ACK : 0),
  });
}

function batches(changes: readonly Change[]): (readonly Change[])[] {
  const found: (readonly Change[])[] = [];
  for (let i = 0; i < changes.length; i += MOST_AT_ONCE) found.push(changes.slice(i, i + MOST_AT_ONCE));
  return found;
}
