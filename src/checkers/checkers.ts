/** Every checker of a configuration, run side by side. What it finds goes to `onHealth`; it decides nothing about pools. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { Lateness, type LatenessSummary } from '../lateness.js';
import { CoarseClocks } from '../net/coarse-clock.js';
import type { AgentReply } from './agent-reply.js';
import { CheckTally, type TypeTally } from './check-tally.js';
import type { CheckerConfig } from './config.js';
import { Gate } from './gate.js';
import {
  beginHealth,
  type HealthState,
  isNews,
  type KnownHealth,
  restoreHealth,
  resumeHealth,
} from './health.js';
import { Monitor, policyOf } from './monitor.js';
import type { ProbeResult } from './probe.js';
import { Probes } from './probes.js';
import { socketBudget } from './socket-budget.js';

/** A checker's verdict: `at` is monotonic, `since` milliseconds since 1970. */
export type HealthUpdate = {
  readonly checker: string;
  readonly virtualServer: string;
  readonly realServer: string;
  readonly up: boolean;
  readonly reason: string;
  readonly since: number;
  readonly at: number;
};

/** What a real server said of itself; times as in HealthUpdate. */
export type AgentUpdate = Pick<HealthUpdate, 'checker' | 'virtualServer' | 'realServer' | 'since' | 'at'> & {
  readonly reply: AgentReply;
};

/** One checker as it stands: plain JSON, to be shown. */
export type CheckerState = {
  readonly id: string;
  readonly type: CheckerConfig['type'];
  readonly virtualServer: string;
  readonly realServer: string;
  readonly health: HealthState;
};

/** What a predecessor knew of a checker. */
export type SavedHealth = { readonly id: string } & KnownHealth;

export type CheckersOptions = {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A checker has come up, gone down, or reached its first verdict. */
  readonly onHealth: (update: HealthUpdate) => void;
  /** A check failed and changed nothing, where log_all_failures asks for it; or it could not be made. */
  readonly onFailure?: (update: HealthUpdate) => void;
  /** An agent has answered. */
  readonly onAgent?: (update: AgentUpdate) => void;
  /** Sockets that may be open at a time; as many as the limit of the process allows unless given. */
  readonly maxSockets?: number;
};

export type CheckersStatistics = {
  readonly checkers: number;
  /** Checks under way, and those that wait for a socket. */
  readonly running: number;
  readonly waiting: number;
  readonly lateness: LatenessSummary;
};

export type Checkers = {
  /**
   * Sets what is checked. A checker whose configuration is the same goes on undisturbed; one with the same id keeps its
   * state; a new one goes on from `saved` where that has its id.
   */
  readonly configure: (checkers: readonly CheckerConfig[], saved?: readonly SavedHealth[]) => void;
  readonly states: () => CheckerState[];
  readonly statistics: () => CheckersStatistics;
  /** How checks went since the start. */
  readonly tallies: () => TypeTally[];
  /** Ends every check and closes every socket. */
  readonly stop: () => void;
};

/**
 * Wake-ups for the next run are shared within a grain: it shifts when a check runs within its loop, not how often. Many at a
 * time are cheaper: code and data are warm, and the servers' machines and this one are woken less.
 */
const GRAINS_MS = [
  { delayMs: 1000, grainMs: 100 },
  { delayMs: 200, grainMs: 20 },
  { delayMs: 0, grainMs: 5 },
] as const;

export function createCheckers(options: CheckersOptions): Checkers {
  const { clock, random } = options;
  const clocks = new CoarseClocks(clock);
  const probes = new Probes(clocks);
  const gate = new Gate(options.maxSockets ?? socketBudget());
  const lateness = new Lateness();
  const tally = new CheckTally();
  const monitors = new Map<string, Monitor>();
  return { configure, states, statistics, tallies: () => tally.summary(), stop };

  function configure(checkers: readonly CheckerConfig[], saved: readonly SavedHealth[] = []): void {
    probes.renew();
    const ids = new Set(checkers.map(({ id }) => id));
    for (const [id, monitor] of monitors) if (!ids.has(id)) remove(id, monitor);
    const past = new Map(saved.map((known) => [known.id, known]));
    for (const config of checkers) place(config, past.get(config.id));
  }

  function place(config: CheckerConfig, known: KnownHealth | undefined): void {
    const present = monitors.get(config.id);
    if (present !== undefined && isDeepStrictEqual(present.config, config)) return;
    present?.stop();
    const health = healthOf(config, present?.state, known);
    const tools = { clock: clocks.withGrain(grainOf(config)), gate, lateness, onResult };
    monitors.set(config.id, new Monitor(config, probes.of(config), health, tools));
  }

  function healthOf(
    config: CheckerConfig,
    present: HealthState | undefined,
    known: KnownHealth | undefined,
  ): HealthState {
    const firstAt = clock.now() + random() * config.warmupMs;
    if (present !== undefined) return resumeHealth(present, policyOf(config), firstAt);
    if (known !== undefined) return restoreHealth(known, policyOf(config), firstAt);
    return beginHealth(config.alpha, firstAt, clock.wallNow());
  }

  function remove(id: string, monitor: Monitor): void {
    monitor.stop();
    monitors.delete(id);
  }

  function onResult(monitor: Monitor, before: HealthState, result: ProbeResult): void {
    const { config, state } = monitor;
    tally.record(config.type, result.kind, monitor.tookMs);
    if (config.type === 'AGENT_CHECK') onAgentResult(monitor, before, result);
    else if (isNews(before, state)) options.onHealth(updateOf(config, state, state.reason));
    else if (result.kind === 'unable' || (result.kind === 'failed' && config.logAllFailures))
      options.onFailure?.(updateOf(config, state, result.reason));
  }

  /** What an agent says is told each time; that it says nothing, once. */
  function onAgentResult({ config, state }: Monitor, before: HealthState, result: ProbeResult): void {
    const { id: checker, virtualServer, realServer } = config;
    if (result.kind === 'ok') {
      if (result.agent === undefined) return;
      const moment = { since: clock.wallNow(), at: clock.now() };
      options.onAgent?.({ checker, virtualServer, realServer, ...moment, reply: result.agent });
    } else if (before.last?.kind !== result.kind || config.logAllFailures)
      options.onFailure?.(updateOf(config, state, result.reason));
  }

  function updateOf(config: CheckerConfig, { up, since }: HealthState, reason: string): HealthUpdate {
    const { id, virtualServer, realServer } = config;
    return { checker: id, virtualServer, realServer, up, reason, since, at: clock.now() };
  }

  function states(): CheckerState[] {
    return [...monitors.values()].map(({ config: { id, type, virtualServer, realServer }, state }) => ({
      id,
      type,
      virtualServer,
      realServer,
      health: state,
    }));
  }

  function statistics(): CheckersStatistics {
    return {
      checkers: monitors.size,
      running: gate.inside,
      waiting: gate.waiting,
      lateness: lateness.summary(clock.now()),
    };
  }

  function stop(): void {
    for (const [id, monitor] of monitors) remove(id, monitor);
    probes.close();
  }
}

function grainOf({ delayLoopMs }: CheckerConfig): number {
  return GRAINS_MS.find(({ delayMs }) => delayLoopMs >= delayMs)?.grainMs ?? 1;
}
