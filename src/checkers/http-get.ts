/** HTTP_GET and SSL_GET: one url is asked for over a connection of its own. */
import type { Clock } from '../clock.js';
import type { HttpGetConfig, UrlConfig } from './config.js';
import { HttpExchange } from './http-exchange.js';
import { encodeRequest } from './http-request.js';
import type { OpenLink } from './link.js';
import { Attempt, failed, formatMs, type Probe } from './probe.js';
import type { BodyMatcher } from './regex.js';

export type HttpTools = { readonly clock: Clock; readonly matcher: BodyMatcher };

/** A probe of one url of `config`, over links that `open` makes. */
export function httpGet(
  config: HttpGetConfig,
  url: UrlConfig,
  open: OpenLink,
  { clock, matcher }: HttpTools,
): Probe {
  const request = encodeRequest(url, config.httpProtocol, config.connection);
  const within = formatMs(config.connection.timeoutMs);
  return (deadlineAt, done) => {
    let stage: Stage = 'connecting';
    const attempt = new Attempt(clock, deadlineAt, () => failed(late()), done);
    const exchange = new HttpExchange(url, matcher, (result) => attempt.settle(result));
    const late = () => LATE[stage]?.(within) ?? exchange.unfinished(within);
    const link = open({
      accepted: () => {
        stage = 'accepted';
      },
      ready: (opened) => {
        stage = 'asked';
        opened.send(request);
      },
      data: (chunk) => exchange.push(chunk),
      ended: () => exchange.end(),
      failed: (result) => attempt.settle(result),
    });
    if ('kind' in link) attempt.settle(link);
    else attempt.hold(() => release(link, exchange));
    return () => attempt.cancel();
  };
}

type Stage = 'connecting' | 'accepted' | 'asked';

const LATE: Readonly<Record<Stage, ((within: string) => string) | undefined>> = {
  connecting: (within) => `no answer within ${within}`,
  accepted: (within) => `TLS handshake not finished within ${within}`,
  asked: undefined,
};

function release(link: { readonly close: () => void }, exchange: HttpExchange): void {
  link.close();
  exchange.release();
}
