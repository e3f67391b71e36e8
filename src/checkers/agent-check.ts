/**
 * AGENT_CHECK: the server says by TCP how much it wants to get. An agent that cannot be reached or says nothing of use changes
 * nothing: whether the server lives is for the other checks to say. So no run of it fails.
 */
import type { Clock } from '../clock.js';
import type { Poller } from '../net/poller.js';
import type { Fault } from '../net/socket.js';
import { connector, type Stream, type StreamOwner } from '../net/stream.js';
import { MAX_LINE, parseAgentReply } from './agent-reply.js';
import type { AgentCheckConfig } from './config.js';
import {
  Attempt,
  type AttemptSubject,
  faultResult,
  formatMs,
  type Probe,
  type ProbeResult,
  unable,
} from './probe.js';

export function agentCheck(config: AgentCheckConfig, clock: Clock, poller: Poller): Probe {
  const connect = connector(poller, config.connection);
  const question = config.send === undefined ? undefined : Buffer.from(config.send, 'utf8');
  const late = unable(`no answer within ${formatMs(config.connection.timeoutMs)}`);
  return (deadlineAt, done) => {
    const run = new AgentRun(question, late);
    run.attempt = new Attempt(run, done, clock, deadlineAt);
    const stream = connect(run);
    if ('errno' in stream) run.failed(stream);
    else run.stream = stream;
    return run.attempt;
  };
}

class AgentRun implements StreamOwner, AttemptSubject {
  attempt: Attempt | undefined;
  stream: Stream | undefined;
  #heard = '';

  constructor(
    readonly question: Uint8Array | undefined,
    readonly late: ProbeResult,
  ) {}

  connected(stream: Stream): void {
    if (this.question !== undefined) stream.send(this.question);
  }

  data(chunk: Buffer): void {
    this.#heard += chunk.toString('latin1', 0, MAX_LINE);
    if (/[\r\n]/.test(this.#heard)) this.ended();
    else if (this.#heard.length >= MAX_LINE)
      this.attempt?.settle(unable(`no line of less than ${MAX_LINE} bytes`));
  }

  /** The end of the line, or of the connection. */
  ended(): void {
    const agent = parseAgentReply(this.#heard);
    this.attempt?.settle(
      agent === undefined ? unable('nothing of use in its answer') : { kind: 'ok', agent },
    );
  }

  failed(fault: Fault): void {
    const { reason } = faultResult(fault) as Extract<ProbeResult, { reason: string }>;
    this.attempt?.settle(unable(reason));
  }

  expired(): ProbeResult {
    return this.late;
  }

  release(): void {
    this.stream?.close();
  }
}
