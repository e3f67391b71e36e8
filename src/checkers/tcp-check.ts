/** TCP_CHECK: the server accepts a connection. Nothing is sent. */
import type { Clock } from '../clock.js';
import type { Poller } from '../net/poller.js';
import type { Fault } from '../net/socket.js';
import { connector, type Stream, type StreamOwner } from '../net/stream.js';
import type { TcpCheckConfig } from './config.js';
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

export function tcpCheck(config: TcpCheckConfig, clock: Clock, poller: Poller): Probe {
  const connect = connector(poller, config.connection);
  const late = failed(`no answer within ${formatMs(config.connection.timeoutMs)}`);
  return (deadlineAt, done) => {
    const run = new TcpRun(late);
    run.attempt = new Attempt(run, done, clock, deadlineAt);
    const stream = connect(run);
    if ('errno' in stream) run.failed(stream);
    else run.stream = stream;
    return run.attempt;
  };
}

class TcpRun implements StreamOwner, AttemptSubject {
  attempt: Attempt | undefined;
  stream: Stream | undefined;

  constructor(readonly late: ProbeResult) {}

  connected(): void {
    this.attempt?.settle(OK);
  }

  failed(fault: Fault): void {
    this.attempt?.settle(faultResult(fault));
  }

  data(): void {}

  ended(): void {}

  expired(): ProbeResult {
    return this.late;
  }

  release(): void {
    this.stream?.close();
  }
}
