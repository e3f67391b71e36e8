/** Makes the probes of a checker, over what all probes share. */
import type { Clock } from '../clock.js';
import type { CoarseClocks } from '../net/coarse-clock.js';
import { Poller } from '../net/poller.js';
import { agentCheck } from './agent-check.js';
import type { CheckerConfig, HttpGetConfig } from './config.js';
import { httpGet } from './http-get.js';
import { plainLink } from './link.js';
import { Pingers, pingCheck } from './ping-check.js';
import type { Probe } from './probe.js';
import { BodyMatcher } from './regex.js';
import { tlsLink } from './ssl-get.js';
import { tcpCheck } from './tcp-check.js';
import { TlsContexts } from './tls-context.js';

/** Deadlines are kept within this. */
const DEADLINE_GRAIN_MS = 5;
const POLL_GRAIN_MS = 1;

export class Probes {
  readonly #clock: Clock;
  readonly #poller: Poller;
  readonly #pingers: Pingers;
  readonly #matcher = new BodyMatcher();
  readonly #contexts = new TlsContexts();

  constructor(clocks: CoarseClocks) {
    this.#clock = clocks.withGrain(DEADLINE_GRAIN_MS);
    this.#poller = new Poller(clocks.withGrain(POLL_GRAIN_MS));
    this.#pingers = new Pingers(this.#poller);
  }

  /** The probes of one round, in order. */
  of(config: CheckerConfig): readonly Probe[] {
    switch (config.type) {
      case 'TCP_CHECK':
        return [tcpCheck(config, this.#clock, this.#poller)];
      case 'PING_CHECK':
        return [pingCheck(config, this.#clock, this.#pingers)];
      case 'AGENT_CHECK':
        return [agentCheck(config, this.#clock, this.#poller)];
      case 'HTTP_GET':
      case 'SSL_GET':
        return this.#http(config);
    }
  }

  /** Files of certificates are read anew. */
  renew(): void {
    this.#contexts.clear();
  }

  close(): void {
    this.#pingers.close();
    this.#matcher.stop();
    this.#poller.close();
  }

  #http(config: HttpGetConfig): readonly Probe[] {
    const tools = { clock: this.#clock, matcher: this.#matcher };
    const tlsTools = { poller: this.#poller, contexts: this.#contexts };
    return config.urls.map((url) => {
      const open =
        config.type === 'SSL_GET'
          ? tlsLink(config, url, tlsTools)
          : plainLink(this.#poller, config.connection);
      return httpGet(config, url, open, tools);
    });
  }
}
