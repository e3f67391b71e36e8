/** What real probes need, and how tests run one. */

import type { CheckerConfig, ConnectionOptions } from '../../src/checkers/config.js';
import type { Probe, ProbeResult } from '../../src/checkers/probe.js';
import { Probes } from '../../src/checkers/probes.js';
import { systemClock } from '../../src/clock.js';
import { CoarseClocks } from '../../src/net/coarse-clock.js';

/** Opens what probes share for each test of a suite, and closes it after. */
export function useProbes(): () => Probes {
  let probes: Probes | undefined;
  beforeEach(() => {
    probes = new Probes(new CoarseClocks(systemClock));
  });
  afterEach(() => probes?.close());
  return () => probes as Probes;
}

export const COMMON = {
  id: 'v/r/check',
  virtualServer: 'v',
  realServer: 'r',
  retry: 1,
  delayBeforeRetryMs: 100,
  delayLoopMs: 1000,
  warmupMs: 0,
  alpha: false,
  logAllFailures: false,
} as const;

/** No probe that is answered comes near its deadline, however slow the machine. */
export function connectionTo(port: number, options: Partial<ConnectionOptions> = {}): ConnectionOptions {
  return { family: 'ipv4', address: '127.0.0.1', port, fwmark: 0, timeoutMs: 15_000, ...options };
}

/** A deadline that passes, and long enough for all before it that is to be seen to happen, should the machine stand still for a second. */
export const SHORT_MS = 1500;

/** Runs one probe of `config` within its own timeout. */
export function probeOnce(probes: Probes, config: CheckerConfig, step = 0): Promise<ProbeResult> {
  const probe = probes.of(config)[step] as Probe;
  return runProbe(probe, config.connection.timeoutMs);
}

export function runProbe(probe: Probe, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    probe(systemClock.now() + timeoutMs, (result) => {
      if (++answers > 1) reject(new Error('a probe answered twice'));
      resolve(result);
    });
  });
}
