/** HTTP_GET and SSL_GET: one url is asked for over a connection of its own. */
import type { Clock } from '../clock.js';
import type { HttpGetConfig, UrlConfig } from './config.js';
import { HttpExchange } from './http-exchange.js';
import { encodeRequest } from './http-request.js';
import type { Link, LinkOwner, OpenLink } from './link.js';
import { Attempt, type AttemptSubject, failed, formatMs, type Probe, type ProbeResult } from './probe.js';
import type { BodyMatcher } from './regex.js';

export type HttpTools = { readonly clock: Clock; readonly matcher: BodyMatcher };

/** A probe of one url of `config`, over links that `open` makes. */
export function httpGet(config: HttpGetConfig, url: UrlConfig, open: OpenLink, tools: HttpTools): Probe {
  const task: Task = {
    url,
    request: encodeRequest(url, config.httpProtocol, config.connection),
    within: formatMs(config.connection.timeoutMs),
    matcher: tools.matcher,
  };
  return (deadlineAt, done) => {
    const run = new HttpRun(task);
    run.attempt = new Attempt(run, done, tools.clock, deadlineAt);
    const link = open(run);
    if ('kind' in link) run.attempt.settle(link);
    else run.link = link;
    return run.attempt;
  };
}

/** What all runs of a probe share. */
type Task = {
  readonly url: UrlConfig;
  readonly request: Uint8Array;
  readonly within: string;
  readonly matcher: BodyMatcher;
};

class HttpRun implements LinkOwner, AttemptSubject {
  attempt: Attempt | undefined;
  link: Pick<Link, 'close'> | undefined;
  readonly #exchange: HttpExchange;
  #stage: 'connecting' | 'accepted' | 'asked' = 'connecting';

  constructor(readonly task: Task) {
    this.#exchange = new HttpExchange(task.url, task.matcher, this);
  }

  accepted(): void {
    this.#stage = 'accepted';
  }

  ready(link: Link): void {
    this.#stage = 'asked';
    link.send(this.task.request);
  }

  data(chunk: Buffer): void {
    this.#exchange.push(chunk);
  }

  ended(): void {
    this.#exchange.end();
  }

  failed(result: ProbeResult): void {
    this.settle(result);
  }

  settle(result: ProbeResult): void {
    this.attempt?.settle(result);
  }

  expired(): ProbeResult {
    const { within } = this.task;
    switch (this.#stage) {
      case 'connecting':
        return failed(`no answer within ${within}`);
      case 'accepted':
        return failed(`TLS handshake not finished within ${within}`);
      case 'asked':
        return failed(this.#exchange.unfinished(within));
    }
  }

  release(): void {
    this.link?.close();
    this.#exchange.release();
  }
}
