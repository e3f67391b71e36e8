/** The TLS link of SSL_GET. The certificate is looked at only with tls_verify. */
import { Socket } from 'node:net';
import { type ConnectionOptions as NodeTlsOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { familyOf } from '../net/address.js';
import type { Poller } from '../net/poller.js';
import { connector } from '../net/stream.js';
import type { HttpGetConfig, TlsOptions, UrlConfig } from './config.js';
import type { LinkOwner, OpenLink } from './link.js';
import { failed, faultResult, type ProbeResult, unable } from './probe.js';
import type { TlsContexts } from './tls-context.js';

const UNVERIFIED: TlsOptions = { enableSni: false, tlsCompliant: false, verify: false };

export type TlsTools = { readonly poller: Poller; readonly contexts: TlsContexts };

/** Connects as every check does, then hands the descriptor to node:tls. */
export function tlsLink(config: HttpGetConfig, url: UrlConfig, { poller, contexts }: TlsTools): OpenLink {
  const options = config.tls ?? UNVERIFIED;
  const connect = connector(poller, config.connection);
  const session = { ...peerName(options, url, config), rejectUnauthorized: options.verify };
  const compliant = url.tlsCompliant ?? options.tlsCompliant;
  return (owner) => {
    const secureContext = contexts.get(options);
    if (typeof secureContext === 'string') return unable(secureContext);
    let close: () => void;
    const stream = connect({
      connected: (opened) => {
        owner.accepted();
        close = startSession(opened.detach(), { ...session, secureContext }, compliant, owner);
      },
      data: () => undefined,
      ended: () => undefined,
      failed: (fault) => owner.failed(faultResult(fault)),
    });
    if ('errno' in stream) return faultResult(stream);
    close = () => stream.close();
    return { close: () => close() };
  };
}

/** How long a peer may take to accept the close_notify. */
const NOTIFY_MS = 1000;

const CUT_OFF = failed('connection closed within the TLS handshake');

/** Takes the descriptor over, and returns how to let go of it. */
function startSession(fd: number, options: NodeTlsOptions, compliant: boolean, owner: LinkOwner): () => void {
  const socket = tlsConnect({ ...options, socket: new Socket({ fd }) });
  let stage: 'handshake' | 'open' | 'closed' = 'handshake';
  const close = () => {
    if (stage !== 'closed') endSession(socket, compliant && stage === 'open');
    stage = 'closed';
  };
  const unlessClosed = (tell: () => void) => {
    if (stage !== 'closed') tell();
  };
  socket.on('secureConnect', () =>
    unlessClosed(() => {
      stage = 'open';
      owner.ready({ send: (data) => socket.write(data), close });
    }),
  );
  socket.on('data', (chunk: Buffer) => unlessClosed(() => owner.data(chunk)));
  socket.on('end', () => unlessClosed(() => (stage === 'open' ? owner.ended() : owner.failed(CUT_OFF))));
  socket.on('error', (error) => unlessClosed(() => owner.failed(tlsFailure(error))));
  return close;
}

/** RFC 8446 §6.1 wants a close_notify; keepalived sends one only with tls_compliant. */
function endSession(socket: TLSSocket, notify: boolean): void {
  if (!notify) {
    socket.destroy();
    return;
  }
  socket.setTimeout(NOTIFY_MS, () => socket.destroy());
  socket.end(() => socket.destroy());
}

/** The name to ask for (SNI takes no address and no port: RFC 6066 §3), and the one the certificate is checked against. */
function peerName(
  options: TlsOptions,
  url: UrlConfig,
  { connection }: HttpGetConfig,
): { readonly servername: string; readonly host: string } {
  const name = options.sniName ?? url.virtualhost?.replace(/:\d+$/, '');
  const sni = options.enableSni && name !== undefined && familyOf(name) === undefined;
  return { servername: sni ? name : '', host: name ?? connection.address };
}

function tlsFailure(error: NodeJS.ErrnoException & { readonly reason?: string }): ProbeResult {
  const code = error.code ?? '';
  if (CERTIFICATE_ERRORS.test(code)) return failed(`certificate: ${error.message}`);
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return failed(`TLS: ${error.reason ?? error.message}`);
  if (code === 'ECONNRESET')
    return error.message.includes('before secure') ? CUT_OFF : failed('connection reset by peer');
  return failed(`TLS: ${error.message}`);
}

/** X509_V_ERR_* as Node names them (doc/api/tls.md, "X509 certificate error codes"), and its own name check. */
const CERTIFICATE_ERRORS =
  /^(CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED|CRL_|ERROR_IN_|INVALID_|PATH_LENGTH|HOSTNAME_|ERR_TLS_CERT)/;
