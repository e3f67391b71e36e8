/** TCP_CHECK: the server accepts a connection. Nothing is sent. */
import type { Clock } from '../clock.js';
import type { Poller } from '../net/poller.js';
import { connector } from '../net/stream.js';
import type { TcpCheckConfig } from './config.js';
import { Attempt, failed, faultResult, formatMs, OK, type Probe } from './probe.js';

export function tcpCheck(config: TcpCheckConfig, clock: Clock, poller: Poller): Probe {
  const connect = connector(poller, config.connection);
  const expired = () => failed(`no answer within ${formatMs(config.connection.timeoutMs)}`);
  return (deadlineAt, done) => {
    const attempt = new Attempt(clock, deadlineAt, expired, done);
    const stream = connect({
      connected: () => attempt.settle(OK),
      failed: (fault) => attempt.settle(faultResult(fault)),
      data: () => undefined,
      ended: () => undefined,
    });
    if ('errno' in stream) attempt.settle(faultResult(stream));
    else attempt.hold(() => stream.close());
    return () => attempt.cancel();
  };
}
