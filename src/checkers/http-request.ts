/** The request of HTTP_GET and SSL_GET, as keepalived sends it (RFC 9112 §3). */
import { formatEndpoint } from '../net/address.js';
import type { ConnectionOptions, HttpGetConfig, UrlConfig } from './config.js';

export function encodeRequest(
  url: Pick<UrlConfig, 'path' | 'virtualhost'>,
  httpProtocol: HttpGetConfig['httpProtocol'],
  { address, port }: Pick<ConnectionOptions, 'address' | 'port'>,
): Uint8Array {
  const version = httpProtocol === '1.1' ? '1.1' : '1.0';
  const lines = [
    `GET ${url.path} HTTP/${version}`,
    'User-Agent: KeepAliveClient',
    ...(httpProtocol === '1.0' ? [] : ['Connection: close']),
    `Host: ${url.virtualhost ?? formatEndpoint(address, port)}`,
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
