/** Runs one checker over and over: waits until its state says, probes, observes, reports. Never twice at a time. */
import type { Clock, Timer } from '../clock.js';
import type { Lateness } from '../lateness.js';
import type { CheckerConfig } from './config.js';
import type { Gate } from './gate.js';
import { type HealthPolicy, type HealthState, observe } from './health.js';
import type { Probe, ProbeResult } from './probe.js';

export type MonitorTools = {
  /** Wakes for the next run; may be coarse. */
  readonly clock: Clock;
  readonly gate: Gate;
  readonly lateness: Lateness;
  /** What a run has changed. */
  readonly onResult: (monitor: Monitor, before: HealthState, result: ProbeResult) => void;
};

export class Monitor {
  readonly policy: HealthPolicy;
  #state: HealthState;
  #timer: Timer | undefined;
  #leaveQueue: () => void = () => undefined;
  #attempt: ReturnType<Probe> | undefined;
  #running = false;
  #startedAt = 0;
  #tookMs = 0;
  readonly #due = () => {
    this.#leaveQueue = this.tools.gate.enter(this.#run);
  };

  /** `probes`: those of one round, in order. */
  constructor(
    readonly config: CheckerConfig,
    readonly probes: readonly Probe[],
    state: HealthState,
    readonly tools: MonitorTools,
  ) {
    this.policy = policyOf(config);
    this.#state = state;
    this.#arm();
  }

  get state(): HealthState {
    return this.#state;
  }

  /** How long the last run took. */
  get tookMs(): number {
    return this.#tookMs;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#leaveQueue();
    this.#attempt?.cancel();
    if (this.#running) this.tools.gate.leave();
  }

  #arm(): void {
    this.#timer = this.tools.clock.wake(this.#state.nextAt, this.#due);
  }

  readonly #run = (): void => {
    const { clock, lateness } = this.tools;
    const now = clock.now();
    lateness.record(now, Math.max(0, now - this.#state.nextAt));
    this.#running = true;
    this.#startedAt = now;
    const probe = this.probes[this.#state.step] as Probe;
    this.#attempt = probe(now + this.config.connection.timeoutMs, this.#finish);
  };

  readonly #finish = (result: ProbeResult): void => {
    const { clock, gate, onResult } = this.tools;
    const before = this.#state;
    const at = clock.now();
    this.#tookMs = at - this.#startedAt;
    this.#state = observe(this.policy, before, result, { at, time: clock.wallNow() });
    this.#running = false;
    this.#arm();
    gate.leave();
    onResult(this, before, result);
  };
}

/** How a checker counts; keepalived tests a failed url no sooner than after delay_before_retry. */
export function policyOf(config: CheckerConfig): HealthPolicy {
  const http = config.type === 'HTTP_GET' || config.type === 'SSL_GET';
  const { retry, delayBeforeRetryMs, delayLoopMs } = config;
  return {
    retry,
    delayBeforeRetryMs,
    delayLoopMs,
    delayWhileDownMs: http ? Math.max(delayBeforeRetryMs, delayLoopMs) : delayLoopMs,
    fastRecovery: http && config.fastRecovery,
    steps: http ? config.urls.length : 1,
  };
}
