/** What each server of a pool is to the kernel: one that gets newcomers, one that only keeps who it has, or none. Pure. */
import type { ServiceKey } from '../ipvs/table.js';
import { formatEndpoint } from '../net/address.js';
import type { Flow, Limit } from './flow.js';
import { type Pool, sorryInUse } from './pool.js';
import { shareOf } from './ramp.js';
import { isAway, type ServerState } from './server.js';

/** `quiet`: in the table with weight 0. */
export type Standing = 'serving' | 'quiet' | 'absent';

/** From where a pool is looked at: one of its kernel services, what was read of it, and when it is. */
export type View = {
  readonly key: ServiceKey | undefined;
  readonly flow: Flow | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** What a full server is below again, unless lthreshold says: the kernel's own three quarters. */
const LOWER_SHARE = 0.75;

/** As destinationId has it within the service looked at. */
export function idWithin(key: ServiceKey | undefined, address: string, port: number): string {
  return formatEndpoint(address, port === 0 && key?.kind === 'address' ? key.port : port);
}

/** UDP has no active connections in IPVS. What a mark carries is not known, and taken for TCP. */
export function countsInactive(key: ServiceKey | undefined): boolean {
  return key?.kind === 'address' && key.protocol === 'udp';
}

export function flowOf({ destination: { address, port } }: ServerState, { key, flow }: View) {
  return flow?.servers.get(idWithin(key, address, port));
}

/** The limit a real server has in this service now: while it has a share of its weight, the same share of its limit. */
export function limitOf({ overflow }: Pool['config'], { config, ramp }: ServerState, view: View): Limit {
  const { upperThreshold, lowerThreshold } = config;
  const inactiveToo = { countsInactive: countsInactive(view.key) };
  if (overflow === undefined || upperThreshold === 0)
    return { upper: upperThreshold, lower: lowerThreshold, ...inactiveToo };
  const share = shareOf(ramp, view.now);
  const upper = Math.max(1, Math.round(upperThreshold * share));
  const byDefault = overflow.mode === 'quiesce' ? Math.max(1, Math.floor(upper * LOWER_SHARE)) : 0;
  const lower = lowerThreshold > 0 ? Math.max(1, Math.round(lowerThreshold * share)) : byDefault;
  return { upper, lower, ...inactiveToo };
}

export function realStanding(pool: Pool, server: ServerState, view: View): Standing {
  const { up, drain, config } = server;
  const away = config.inhibitOnFailure ? 'quiet' : 'absent';
  if (drain !== undefined) return drain.kind === 'draining' && up ? 'quiet' : away;
  if (!up) return away;
  if (isAway(server)) return 'quiet';
  const { overflow } = pool.config;
  // Nobody who is in is thrown out for a lost quorum where that was asked for; keepalived does.
  if (sorryInUse(pool) && overflow?.mode !== 'sessions') return keepsAll(pool) ? 'quiet' : away;
  return overflow?.mode === 'quiesce' && flowOf(server, view)?.closed === true ? 'quiet' : 'serving';
}

/** `hasRoom`: some real server gets newcomers. */
export function sorryStanding(pool: Pool, server: ServerState, hasRoom: boolean): Standing {
  // The sorry servers have a service of their own; here only while nobody else would answer. One that stayed would keep the
  // persistent clients it had.
  if (pool.config.overflow?.mode === 'sessions') return server.up && !hasRoom ? 'serving' : 'absent';
  const keeps = keepsAll(pool);
  const away = keeps || server.config.inhibitOnFailure ? 'quiet' : 'absent';
  if (!server.up) return away;
  const always = pool.config.overflow?.mode === 'connections';
  return sorryInUse(pool) || always || (keeps && !hasRoom) ? 'serving' : away;
}

function keepsAll({ config: { overflow } }: Pool): boolean {
  return overflow?.mode === 'connections' || overflow?.mode === 'quiesce';
}
