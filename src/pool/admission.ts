/** Whom a pool with sessions lets in, from who is up. Pure. */
import type { Admission, Door, SessionSpace } from '../nft/admission.js';
import { planDestinations } from './plan.js';
import { type Pool, sorryInUse } from './pool.js';

/**
 * Without the quorum newcomers go to the sorry servers, and those who have a session stay; without any real server everybody goes.
 * While no sorry server is up, nobody is sent there but for want of a place.
 */
export function doorOf(pool: Pool): Door {
  const real = new Set(pool.servers.map(({ destination: { address, port } }) => `${address} ${port}`));
  const serving = planDestinations(pool).some(
    ({ address, port, weight }) => weight > 0 && real.has(`${address} ${port}`),
  );
  if (!serving) return 'shut';
  return sorryInUse(pool) ? 'closed' : 'open';
}

/** What nftables should hold for these pools; of a session space that several name, the first one's measures count. */
export function planAdmission(pools: Iterable<Pool>): Admission {
  const spaces = new Map<string, SessionSpace>();
  const services: Admission['services'][number][] = [];
  for (const pool of pools) {
    const { overflow } = pool.config;
    if (overflow?.mode !== 'sessions') continue;
    const { space, service } = overflow;
    if (!spaces.has(space.name)) spaces.set(space.name, space);
    services.push({ ...service, door: doorOf(pool) });
  }
  return { spaces: [...spaces.values()], services };
}
