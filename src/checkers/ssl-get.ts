/** The TLS link of SSL_GET. The certificate is looked at only with tls_verify. */
import { Socket } from 'node:net';
import { type ConnectionOptions as NodeTlsOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { familyOf } from '../net/address.js';
import type { Poller } from '../net/poller.js';
import { connector } from '../net/stream.js';
import type { HttpGetConfig, TlsOptions, UrlConfig } from './config.js';
import type { LinkHandlers, OpenLink } from './link.js';
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
  return (handlers) => {
    const secureContext = contexts.get(options);
    if (typeof secureContext === 'string') return unable(secureContext);
    let close: () => void;
    const stream = connect({
      connected: (opened) => {
        handlers.accepted();
        close = startSession(opened.detach(), { ...session, secureContext }, compliant, handlers);
      },
      data: () => undefined,
      ended: () => undefined,
      failed: (fault) => handlers.failed(faultResult(fault)),
    });
    if ('errno' in stream) return faultResult(stream);
    close = () => stream.close();
    return { close: () => close() };
  };
}

/** Takes the descriptor over, and returns how to let go of it. */
function startSession(
  fd: number,
  options: NodeTlsOptions,
  compliant: boolean,
  handlers: LinkHandlers,
): () => void {
  const socket = tlsConnect({ ...options, socket: new Socket({ fd }) });
  const close = () => endSession(socket, compliant);
  socket.on('secureConnect', () => handlers.ready({ send: (data) => socket.write(data), close }));
  socket.on('data', (chunk: Buffer) => handlers.data(chunk));
  socket.on('end', handlers.ended);
  socket.on('error', (error) => handlers.failed(tlsFailure(error)));
  return close;
}

/** RFC 8446 §6.1 wants a close_notify; keepalived sends one only with tls_compliant. */
function endSession(socket: TLSSocket, compliant: boolean): void {
  socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error');
  socket.on('error', () => undefined);
  if (compliant && socket.writable) socket.end(() => socket.destroy());
  else socket.destroy();
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
  if (code === 'ECONNRESET') return failed('connection reset by peer');
  return failed(`TLS: ${error.message}`);
}

/** X509_V_ERR_* as Node names them (doc/api/tls.md, "X509 certificate error codes"), and its own name check. */
const CERTIFICATE_ERRORS =
  /^(CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED|CRL_|ERROR_IN_|INVALID_|PATH_LENGTH|HOSTNAME_|ERR_TLS_CERT)/;
