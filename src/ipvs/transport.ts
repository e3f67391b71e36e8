/**
 * The socket under the client: datagrams of bytes in and out, nothing more. Tests put a fake kernel in its place.
 *
 * The netlink package aborts the process when its receive buffer overruns or a listener throws. Its user must keep few
 * messages in flight (MAX_IN_FLIGHT of client.ts), and every callback below is expected not to throw.
 */
import type { Buffer } from 'node:buffer';
import { Protocol, RawNetlinkSocket } from 'netlink';

export type Transport = {
  /** Sends one datagram. What fails comes through onError. */
  readonly send: (datagram: Buffer) => void;
  readonly close: () => void;
};

export type TransportEvents = {
  readonly onDatagram: (datagram: Buffer) => void;
  /** The socket cannot be relied on any more: close it and open another. `code` is an errno name where there is one. */
  readonly onError: (error: Error & { readonly code?: string }) => void;
};

/** Throws when no socket can be had. */
export type OpenTransport = (events: TransportEvents) => Transport;

/** Asked for; the kernel grants up to net.core.rmem_max. The default alone holds twice what may be in flight. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
const SEND_BUFFER_BYTES = 1 << 18;

/** A generic netlink socket of the network namespace this process is in. */
export const openNetlink: OpenTransport = ({ onDatagram, onError }) => {
  const socket = new RawNetlinkSocket(Protocol.GENERIC, {
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    sendBufferSize: SEND_BUFFER_BYTES,
  });
  let open = true;
  const fail = (error: Error) => open && onError(error);
  // Only the kernel has port 0: what another process sends here is not an answer.
  socket.on('message', (datagram, { port }) => open && port === 0 && onDatagram(datagram));
  socket.on('error', fail);
  return {
    send: (datagram) => socket.send(datagram, undefined, (error) => error !== undefined && fail(error)),
    close: () => {
      open = false;
      // The native socket must not be closed from within one of its own callbacks.
      setImmediate(() => socket.close());
    },
  };
};
