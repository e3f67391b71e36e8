/** Whole Ethernet frames, sent as they are by a packet socket (packet(7)): gratuitous ARP and neighbour advertisements. */
import { close, sendto } from './libc.js';
import * as linux from './linux.js';
import { encodeLinkAddress } from './sockaddr.js';
import { type Interface, openSocket } from './socket-options.js';
import { SystemError, systemError } from './system-error.js';

export type FrameSender = {
  /** Sends one frame, header included, out of the interface; undefined, or the kernel's refusal (ENETDOWN, ENXIO …). */
  readonly send: (on: Interface, frame: Uint8Array) => SystemError | undefined;
  readonly close: () => void;
};

/** One socket for all interfaces. It receives nothing. */
export function openFrameSender(): FrameSender | SystemError {
  // Protocol 0 is bound to no packet type: the kernel queues nothing.
  const fd = openSocket([linux.AF_PACKET, linux.SOCK_RAW, 0], 'packet socket', []);
  if (fd instanceof SystemError) return fd;
  return {
    send: (on, frame) => {
      const result = sendto(fd, frame, linux.MSG_DONTWAIT, encodeLinkAddress(0, on.index));
      return result < 0 ? systemError('send frame', `on ${on.name}`, result) : undefined;
    },
    close: () => void close(fd),
  };
}
