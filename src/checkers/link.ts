/** A connection that HTTP can be spoken over: plain here, TLS in ssl-get.ts. */
import type { Poller } from '../net/poller.js';
import { connector } from '../net/stream.js';
import type { ConnectionOptions } from './config.js';
import { faultResult, type ProbeResult } from './probe.js';

export type Link = {
  /** Sends the request; to be called once, from `ready`. */
  readonly send: (data: Uint8Array) => void;
  readonly close: () => void;
};

/** What a link tells; nothing comes after `ended`, `failed` or a close. */
export type LinkHandlers = {
  /** The peer has accepted the connection. */
  readonly accepted: () => void;
  /** Requests may be sent: at once where the link is plain, after the handshake where it is TLS. */
  readonly ready: (link: Link) => void;
  /** Bytes that may be overwritten after the call. */
  readonly data: (chunk: Uint8Array) => void;
  readonly ended: () => void;
  readonly failed: (result: ProbeResult) => void;
};

/** Starts a connection, or says at once why it cannot. */
export type OpenLink = (handlers: LinkHandlers) => Pick<Link, 'close'> | ProbeResult;

export function plainLink(poller: Poller, connection: ConnectionOptions): OpenLink {
  const connect = connector(poller, connection);
  return ({ accepted, ready, data, ended, failed }) => {
    const stream = connect({
      connected: (opened) => {
        accepted();
        ready(opened);
      },
      data,
      ended,
      failed: (fault) => failed(faultResult(fault)),
    });
    return 'errno' in stream ? faultResult(stream) : stream;
  };
}
