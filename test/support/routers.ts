/** Routers for election tests: VRRPv3, one advert a second, priority 100, and what a test says otherwise. */
import type { GarpConfig } from '../../src/vrrp/config.js';
import type { Router } from '../../src/vrrp/election/state.js';

export const GARP: GarpConfig = {
  masterDelayMs: 5000,
  masterRepeat: 5,
  masterRefreshMs: 0,
  masterRefreshRepeat: 1,
  lowerPrioDelayMs: 5000,
  lowerPrioRepeat: 5,
};

export function router(change: Partial<Router> = {}): Router {
  return {
    version: 3,
    priority: 100,
    initialState: 'BACKUP',
    advertIntMs: 1000,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelayMs: 0,
    lowerPrioNoAdvert: false,
    higherPrioSendAdvert: false,
    ownerIgnoreAdverts: false,
    vipLifetime: 'auto',
    garp: GARP,
    primaryAddress: '10.0.0.1',
    grouped: false,
    ...change,
  };
}
