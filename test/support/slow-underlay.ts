/** A network that takes its time: whatever is changed in it keeps the whole process for a millisecond. */
import type { Place, Underlay } from '../../src/vrrp/underlay.js';
import type { FakeClock } from './fake-clock.js';

const STEP_MS = 1;

export function slowed(underlay: Underlay, clock: FakeClock): Underlay {
  const taking = <A extends readonly unknown[], R>(action: (...given: A) => R) => {
    return (...given: A): R => {
      clock.spend(STEP_MS);
      return action(...given);
    };
  };
  const slow = (place: Place): Place => ({
    ...place,
    acquire: taking(place.acquire),
    release: taking(place.release),
    announce: taking(place.announce),
    reconfigure: taking(place.reconfigure),
  });
  const { attach } = underlay;
  return { ...underlay, attach: taking((...given: Parameters<typeof attach>) => slow(attach(...given))) };
}
