/** PING_CHECK: the server answers an ICMP echo. All checks with the same way out share one socket. */
import { randomFillSync } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Pingable } from '../net/echo-table.js';
import { Pinger } from '../net/pinger.js';
import type { Poller } from '../net/poller.js';
import { type Fault, sockaddrOf } from '../net/socket.js';
import type { ConnectionOptions, PingCheckConfig } from './config.js';
import {
  Attempt,
  type AttemptSubject,
  failed,
  faultResult,
  formatMs,
  OK,
  type Probe,
  type ProbeResult,
} from './probe.js';

/** Opens a pinger for each combination of family, mark, bind address and interface, when first wanted. */
export class Pingers {
  readonly #pingers = new Map<string, Pinger>();

  constructor(readonly poller: Poller) {}

  get({ family, fwmark, bindAddress, bindInterface }: ConnectionOptions): Pinger | Fault {
    const key = `${family} ${fwmark} ${bindAddress} ${bindInterface}`;
    const known = this.#pingers.get(key);
    if (known !== undefined) return known;
    const opened = Pinger.open(this.poller, {
      family,
      fwmark,
      ...(bindAddress === undefined ? {} : { bindAddress }),
      ...(bindInterface === undefined ? {} : { bindInterface }),
      randomFill: (bytes) => void randomFillSync(bytes),
    });
    if (opened instanceof Pinger) this.#pingers.set(key, opened);
    return opened;
  }

  /** Closes every socket; they open again when wanted. */
  close(): void {
    for (const pinger of this.#pingers.values()) pinger.close();
    this.#pingers.clear();
  }
}

export function pingCheck({ connection }: PingCheckConfig, clock: Clock, pingers: Pingers): Probe {
  const fixed =
    connection.bindInterface === undefined ? sockaddrOf(connection.address, 0, connection) : undefined;
  const late = failed(`no answer within ${formatMs(connection.timeoutMs)}`);
  let pinger: Pinger | undefined;
  return (deadlineAt, done) => {
    const run = new PingRun(late);
    const attempt = new Attempt(run, done, clock, deadlineAt);
    run.attempt = attempt;
    const opened = pinger ?? pingers.get(connection);
    if (opened instanceof Pinger) pinger = opened;
    const fault = run.start(opened, fixed ?? sockaddrOf(connection.address, 0, connection));
    if (fault !== undefined) attempt.settle(faultResult(fault));
    return attempt;
  };
}

class PingRun implements Pingable, AttemptSubject {
  attempt: Attempt | undefined;
  #pinger: Pinger | undefined;
  #sequence = 0;

  constructor(readonly late: ProbeResult) {}

  /** Undefined when the ping is under way. */
  start(pinger: Pinger | Fault, to: Uint8Array): Fault | undefined {
    if ('errno' in pinger) return pinger;
    const sequence = pinger.ping(to, this);
    if (typeof sequence !== 'number') return sequence;
    this.#pinger = pinger;
    this.#sequence = sequence;
    return undefined;
  }

  answered(): void {
    this.attempt?.settle(OK);
  }

  expired(): ProbeResult {
    return this.late;
  }

  release(): void {
    this.#pinger?.forget(this.#sequence, this);
  }
}
