/** PING_CHECK: the server answers an ICMP echo. All checks with the same way out share one socket. */
import { randomFillSync } from 'node:crypto';
import type { Clock } from '../clock.js';
import { Pinger } from '../net/pinger.js';
import type { Poller } from '../net/poller.js';
import { type Fault, sockaddrOf } from '../net/socket.js';
import type { ConnectionOptions, PingCheckConfig } from './config.js';
import { Attempt, failed, faultResult, formatMs, OK, type Probe } from './probe.js';

/** Opens a pinger for each combination of family, mark, bind address and interface, when first wanted. */
export class Pingers {
  readonly #pingers = new Map<string, Pinger>();

  constructor(readonly poller: Poller) {}

  get({ family, fwmark, bindAddress, bindInterface }: ConnectionOptions): Pinger | Fault {
    const key = JSON.stringify([family, fwmark, bindAddress, bindInterface]);
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
  const expired = () => failed(`no answer within ${formatMs(connection.timeoutMs)}`);
  return (deadlineAt, done) => {
    const attempt = new Attempt(clock, deadlineAt, expired, done);
    const pinger = pingers.get(connection);
    const started =
      'errno' in pinger
        ? pinger
        : pinger.ping(fixed ?? sockaddrOf(connection.address, 0, connection), () => attempt.settle(OK));
    if (typeof started === 'function') attempt.hold(started);
    else attempt.settle(faultResult(started));
    return () => attempt.cancel();
  };
}
