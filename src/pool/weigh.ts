/** Weight and thresholds of a real server in the table: as configured, but for overflow and ramps. Pure. */
import type { Destination } from '../ipvs/table.js';
import type { Flow } from './flow.js';
import { thresholdsFor } from './overflow.js';
import type { Pool } from './pool.js';
import {
  AGENT_PARTS,
  boundOf,
  RAMP_PARTS,
  rampEffect,
  type Settled,
  sharedWeight,
  shareOf,
  weightScale,
} from './ramp.js';
import { neededWeight, realScale, sorryDivisor } from './scale.js';
import { agentShare, type ServerState } from './server.js';
import { countsInactive, flowOf, limitOf, realStanding, type View } from './standing.js';

/** What the weights and thresholds of a service depend on beside the server itself. */
export type Weighing = {
  readonly pool: Pool;
  /** Multiplies every real server's weight. */
  readonly scale: number;
  readonly sorryDivisor: number;
  /** The serving servers without a ramp; undefined while nobody has one. */
  readonly settled: readonly Settled[] | undefined;
  /** The weight is to be 0. */
  readonly quiet: boolean;
};

const UNSCALED = { scale: 1, sorryDivisor: 1, quiet: false } as const;

export function loadOf(pool: Pool, view: View): Weighing {
  const ramping = pool.servers.some(({ ramp }) => shareOf(ramp, view.now) < 1);
  const settled = ramping ? settledOf(pool, view) : undefined;
  if (pool.config.overflow?.mode === 'connections') {
    const scale = realScale(pool.servers.map((server) => ({ weight: mostWeight(server) })));
    return { ...UNSCALED, pool, scale, sorryDivisor: sorryDivisor(pool.config.sorryServers), settled };
  }
  return { ...UNSCALED, pool, scale: scaleOf(pool, ramping && settled?.length !== 0), settled };
}

function scaleOf({ config: { scheduler, realServers }, servers }: Pool, ramping: boolean): number {
  const agents = realServers.some(({ checkers }) => checkers.some(({ agent }) => agent));
  if (!agents && !ramping) return 1;
  return weightScale(scheduler, servers.map(mostWeight), agents ? AGENT_PARTS : RAMP_PARTS);
}

/** Its whole weight, or what its agent wants above it. */
function mostWeight(server: ServerState): number {
  return server.destination.weight * Math.max(1, agentShare(server));
}

const UNLIMITED = { upperThreshold: 0, lowerThreshold: 0 } as const;

/** The server's entry while it is in the table. */
export function weigh(server: ServerState, view: View, weighing: Weighing): Destination {
  const { mode } = weighing.pool.config.overflow ?? {};
  const quiet = weighing.quiet ? { weight: 0 } : undefined;
  switch (mode) {
    case 'connections':
      return { ...server.destination, ...inConnections(server, view, weighing), ...quiet };
    case 'quiesce':
      return { ...plain(server, view, weighing, UNLIMITED), ...quiet };
    case 'sessions':
    case undefined:
      return weighing.quiet
        ? { ...server.destination, weight: 0 }
        : plain(server, view, weighing, server.config);
  }
}

function settledOf(pool: Pool, view: View): Settled[] {
  return pool.servers
    .filter((one) => shareOf(one.ramp, view.now) >= 1 && one.destination.weight > 0)
    .filter((one) => realStanding(pool, one, view) === 'serving')
    .map((one) => {
      const flow = flowOf(one, view);
      const total = (flow?.active ?? 0) + (flow?.inactive ?? 0);
      // Quiesce tells the kernel no limits.
      if (pool.config.overflow?.mode === 'quiesce') return { active: flow?.active, total, limit: 0 };
      // A limit is of no use before it is known how much of it is in use.
      const limit = one.config.upperThreshold === 0 ? 0 : flow === undefined ? 1 : one.config.upperThreshold;
      return { active: flow?.active, total: flow === undefined ? 1 : total, limit };
    });
}

type Entry = Pick<Destination, 'weight' | 'upperThreshold' | 'lowerThreshold'>;

function inConnections(server: ServerState, view: View, { pool, scale }: Weighing): Entry {
  const { config } = pool;
  const limit = limitOf(config, server, view);
  const share = config.scheduler === 'fo' ? 1 : shareOf(server.ramp, view.now) * agentShare(server);
  const { weight } = server.destination;
  // Also a weight moved at run time must stay before the sorry servers'.
  const least = neededWeight(limit.upper, config.sorryServers, config.scheduler === 'fo') + 1;
  const shared = Math.max(least, sharedWeight(weight * scale, share));
  return { weight: weight === 0 ? 0 : shared, ...thresholdsFor(limit, flowOf(server, view), aheadMs(view)) };
}

function plain(
  server: ServerState,
  view: View,
  { pool, scale, settled }: Weighing,
  own: Pick<Destination, 'upperThreshold' | 'lowerThreshold'>,
): Destination {
  const { upperThreshold, lowerThreshold } = own;
  if (settled === undefined && own === server.config && scale === 1 && server.agent === undefined)
    return server.destination;
  const entry: Destination = { ...server.destination, upperThreshold, lowerThreshold };
  const { byWeight, byBound } = rampEffect(pool.config.scheduler);
  const share = shareOf(server.ramp, view.now);
  // Alone with others that ramp, a server's share of the weights says nothing.
  const ramped = settled === undefined || settled.length === 0 ? 1 : share;
  const weight = byWeight ? sharedWeight(entry.weight * scale, ramped * agentShare(server)) : entry.weight;
  const bound = byBound && settled !== undefined ? boundOf(share, settled) : undefined;
  if (bound === undefined) return { ...entry, weight };
  const limit = { upper: bound, lower: 0, countsInactive: countsInactive(view.key) };
  const bounded = thresholdsFor(limit, flowOf(server, view), aheadMs(view));
  const tighter = upperThreshold === 0 || bounded.upperThreshold < upperThreshold;
  return { ...entry, weight, ...(tighter ? bounded : {}) };
}

/** What is written now is in force until what the next reading leads to is. */
function aheadMs({ flow }: { readonly flow: Flow | undefined }): number {
  return flow?.gapMs ?? 0;
}
