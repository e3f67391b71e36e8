/**
 * How many bytes a director leaves to the garbage collector for each advert: `node --expose-gc advert-garbage.js` prints
 * `{"sent":N,"received":N}`. A nursery large enough that nothing is collected meanwhile makes the difference exact.
 */
import type { Clock } from '../../src/clock.js';
import { createDirector } from '../../src/vrrp/director.js';
import { splitIpv4 } from '../../src/vrrp/packets/ip-header.js';
import type { Place, Upcalls } from '../../src/vrrp/underlay.js';
import { goodPacket, ipPacket } from './hostile.js';
import { instance, vrrpConfig } from './instances.js';

const ADVERTS = 20_000;
const ROUNDS = 6;
const SELF = '192.0.2.1';
const PEER = '192.0.2.2';

const config = instance({ advertIntMs: 100 });
const packet = ipPacket(goodPacket(config, PEER));
let nowAt = 0;
let dueAt = Number.POSITIVE_INFINITY;
let due = (): void => {};
let sent = 0;
let upcalls: Upcalls | undefined;

const timer = { cancel: () => {} };
/** Holds one wake-up: a director with one instance waits for no more. */
const clock: Clock = {
  now: () => nowAt,
  wallNow: () => nowAt,
  wake: (at, callback) => {
    dueAt = at;
    due = callback;
    return timer;
  },
};

const nothing = (): void => {};
const place: Place = {
  acquire: nothing,
  renew: nothing,
  release: nothing,
  advertise: () => {
    sent += 1;
    return true;
  },
  announce: nothing,
  drain: nothing,
  faults: () => [],
  primaryAddress: () => SELF,
  holding: () => ({ held: [], missing: [] }),
  look: nothing,
  claim: nothing,
  reconfigure: nothing,
  enter: nothing,
  unmake: nothing,
  close: nothing,
};

const director = createDirector({
  clock,
  log: { info: nothing, warn: nothing },
  underlay: {
    configure: nothing,
    attach: (_, given) => {
      upcalls = given;
      return place;
    },
    drops: () => ({}),
    interfaceUp: () => true,
    close: nothing,
  },
  read: () => undefined,
  notify: nothing,
  onChange: nothing,
  onStage: nothing,
  onLate: nothing,
  bootNow: clock.now,
});

director.configure(vrrpConfig([config]));
console.log(JSON.stringify({ received: bytesEach(receive), sent: bytesEach(beat) }));
if (sent < ADVERTS * (ROUNDS - 1)) throw new Error(`it sent ${sent} adverts only`);

/** An advert of the master as the kernel hands it over. */
function receive(): void {
  nowAt += config.advertIntMs;
  const opened = splitIpv4(packet);
  if (opened !== undefined) upcalls?.receive(opened.payload, opened.envelope);
}

/** Without a master it is soon one itself. */
function beat(): void {
  nowAt = dueAt;
  due();
}

function bytesEach(advert: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ADVERTS; i += 1) advert();
    return (process.memoryUsage().heapUsed - before) / ADVERTS;
  });
  return Math.min(...rounds);
}
