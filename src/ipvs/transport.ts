/**
 * The socket under the client: datagrams of bytes in and out, nothing more. Tests put a fake kernel in its place.
 *
 * The netlink package aborts the process when its socket tells of a receive overrun or a listener throws. Its descriptor is therefore
 * looked up and told not to tell of overruns: what is lost then is an answer that a deadline waits for. And nothing is lost while no
 * datagram has more messages than `capacity`. Every callback below is expected not to throw.
 */
import type { Buffer } from 'node:buffer';
import { Protocol, RawNetlinkSocket } from 'netlink';
import { setIntOption } from '../net/libc.js';
import {
  NETLINK_CAP_ACK,
  NETLINK_NO_ENOBUFS,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SOL_NETLINK,
  SOL_SOCKET,
} from '../net/linux.js';
import { findNetlinkSocket } from '../net/netlink-socket.js';

export type Transport = {
  /** Sends one datagram. What fails comes through onError. */
  readonly send: (datagram: Buffer) => void;
  /** How many messages a datagram may have that is the only one on its way: should all be refused, no answer is lost. */
  readonly capacity: number;
  readonly close: () => void;
};

export type TransportEvents = {
  readonly onDatagram: (datagram: Buffer) => void;
  /** The socket cannot be relied on any more: close it and open another. `code` is an errno name where there is one. */
  readonly onError: (error: Error & { readonly code?: string }) => void;
};

/** Throws when no socket can be had. */
export type OpenTransport = (events: TransportEvents) => Transport;

/** Asked for; the kernel grants twice that to who has CAP_NET_ADMIN, to others no more than twice net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 1 << 22;
const SEND_BUFFER_BYTES = 1 << 20;

/** What an error reply takes of the receive buffer at the most: kernels count 768 to 1280 bytes (skb->truesize). */
const REPLY_BYTES = 2048;
/** What one message takes of the send buffer at the most; a destination has 164 bytes, a service up to 136. */
const MESSAGE_BYTES = 256;

/** How many messages a datagram may have, from the buffers' sizes as the kernel tells them. */
export function capacityOf(receiveBytes: number, sendBytes: number): number {
  return Math.max(1, Math.floor(Math.min(receiveBytes / REPLY_BYTES, sendBytes / MESSAGE_BYTES)));
}

/** A generic netlink socket of the network namespace this process is in. */
export const openNetlink: OpenTransport = ({ onDatagram, onError }) => {
  const socket = new RawNetlinkSocket(Protocol.GENERIC, {
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    sendBufferSize: SEND_BUFFER_BYTES,
  });
  adjust(socket);
  let open = true;
  const fail = (error: Error) => open && onError(error);
  // Only the kernel has port 0: what another process sends here is not an answer.
  socket.on('message', (datagram, { port }) => open && port === 0 && onDatagram(datagram));
  socket.on('error', fail);
  return {
    send: (datagram) => socket.send(datagram, undefined, (error) => error !== undefined && fail(error)),
    capacity: capacityOf(socket.getRecvBufferSize(), socket.getSendBufferSize()),
    close: () => {
      open = false;
      // The native socket must not be closed from within one of its own callbacks.
      setImmediate(() => socket.close());
    },
  };
};

/** What the package has no way to ask for. What is refused, for want of privilege, shows in the sizes and so in the capacity. */
function adjust(socket: RawNetlinkSocket): void {
  const fd = findNetlinkSocket(Protocol.GENERIC, socket.address().port);
  if (fd === undefined) return;
  setIntOption(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
  // An error reply then does not repeat the request: its size is always the same.
  setIntOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  setIntOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
  setIntOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
}
