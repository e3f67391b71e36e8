/** A connection that HTTP can be spoken over: plain here, TLS in ssl-get.ts. */
import type { Poller } from '../net/poller.js';
import type { Fault } from '../net/socket.js';
import { connector, type Stream, type StreamOwner } from '../net/stream.js';
import type { ConnectionOptions } from './config.js';
import { faultResult, type ProbeResult } from './probe.js';

export type Link = {
  /** Sends the request; to be called once, when `ready`. */
  send(data: Uint8Array): void;
  close(): void;
};

/** What a link tells; nothing comes after `ended`, `failed` or a close. */
export type LinkOwner = {
  /** The peer has accepted the connection. */
  accepted(): void;
  /** Requests may be sent: at once where the link is plain, after the handshake where it is TLS. */
  ready(link: Link): void;
  /** Bytes that may be overwritten after the call. */
  data(chunk: Buffer): void;
  ended(): void;
  failed(result: ProbeResult): void;
};

/** Starts a connection, or says at once why it cannot. */
export type OpenLink = (owner: LinkOwner) => Pick<Link, 'close'> | ProbeResult;

export function plainLink(poller: Poller, connection: ConnectionOptions): OpenLink {
  const connect = connector(poller, connection);
  return (owner) => {
    const stream = connect(new PlainLink(owner));
    return 'errno' in stream ? faultResult(stream) : stream;
  };
}

class PlainLink implements StreamOwner {
  constructor(readonly owner: LinkOwner) {}

  connected(stream: Stream): void {
    this.owner.accepted();
    this.owner.ready(stream);
  }

  data(chunk: Buffer): void {
    this.owner.data(chunk);
  }

  ended(): void {
    this.owner.ended();
  }

  failed(fault: Fault): void {
    this.owner.failed(faultResult(fault));
  }
}
