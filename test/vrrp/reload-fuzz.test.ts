/** Two directors through random reloads – other names and numbers, groups that come and go –, between hand-overs, faults and lost links. */
import assert from 'node:assert/strict';
import type { VrrpConfig } from '../../src/vrrp/config.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';
import { createRandom, type Random } from '../support/random.js';
import { SEED } from '../support/seed.js';

const ROUNDS = 80;

const NO_TRACKERS = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };
const WEB = { ...NO_TRACKERS, scripts: [{ name: 'web', weight: 0, reverse: false }] };

/** What the file of both says: instances by name and number, in a group or not. */
type Shape = { readonly instances: readonly (readonly [string, number])[]; readonly grouped: boolean };

function shapeOf(random: Random): Shape {
  const numbers = pick(random, [
    [51, 52],
    [52, 51],
    [53, 52],
    [51, 54],
  ]);
  const [first, second] = [
    [pick(random, ['X', 'X2']), numbers[0] ?? 0] as const,
    ['Y', numbers[1] ?? 0] as const,
  ];
  const instances = pick(random, [[first, second], [second, first], [first], [second]]);
  return { instances, grouped: random() < 0.4 };
}

function configOf({ instances, grouped }: Shape, priority: number): VrrpConfig {
  const names = instances.map(([name]) => name);
  const group = {
    name: 'VG',
    instances: names,
    track: NO_TRACKERS,
    trackingWeight: false,
    notify: instance().notify,
  };
  return vrrpConfig(
    instances.map(([name, virtualRouterId]) => instance({ name, virtualRouterId, priority, track: WEB })),
    { syncGroups: grouped && names.length > 1 ? [group] : [] },
  );
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

describe(`reloads of two directors (FUZZ_SEED=${SEED})`, () => {
  it('end with one master of each instance that is configured, and with nothing of those that were', () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const story: string[] = [];
      try {
        play(createRandom(SEED + round), story);
      } catch (error) {
        throw new Error(`FUZZ_SEED=${SEED + round}: ${(error as Error).message}\n${story.join('\n')}`);
      }
    }
  });
});

function play(random: Random, story: string[]): void {
  const clock = createFakeClock();
  const wire = new FakeWire(clock);
  const a = createFakeDirector({ clock, wire }, 'a', '10.0.0.1');
  const b = createFakeDirector({ clock, wire }, 'b', '10.0.0.2');
  const say = (who: FakeDirector, what: string) => {
    story.push(`${clock.now()} ${who.underlay.name} ${what} [${a.states()} | ${b.states()}]`);
  };
  const reload = (who: FakeDirector, shape: Shape) => {
    say(who, JSON.stringify(shape));
    who.director.configure(configOf(shape, who === a ? 150 : 100));
  };
  const isUp = (who: FakeDirector) => who.underlay.interfaceUp('eth0');
  const events: readonly ((who: FakeDirector) => void)[] = [
    (who) => reload(who, shapeOf(random)),
    (who) => reload(who, shapeOf(random)),
    (who) => reload(who, shapeOf(random)),
    (who) => void who.director.handover(),
    (who) => void who.director.resume(),
    (who) => setWeb(who, who.readings.get('script web') !== true),
    (who) => who.underlay.setLink('eth0', !isUp(who)),
  ];
  const first = shapeOf(random);
  for (const who of [a, b]) {
    who.readings.set('script web', true);
    reload(who, first);
  }
  clock.advance(pick(random, [500, 10_000]));
  for (let left = 1 + Math.floor(random() * 8); left > 0; left -= 1) {
    const [who, number] = [pick(random, [a, b]), Math.floor(random() * events.length)];
    say(who, `event ${number}`);
    events[number]?.(who);
    clock.advance(pick(random, [0, 1, 10, 100, 400, 1000, 4000]));
  }
  const last = shapeOf(random);
  for (const who of [a, b]) {
    setWeb(who, true);
    who.underlay.setLink('eth0', true);
    reload(who, last);
    void who.director.resume();
    clock.advance(pick(random, [0, 5, 300]));
  }
  clock.advance(20_000);
  for (const who of [a, b]) assertSettled(who, last, who === a ? 'MASTER' : 'BACKUP', wire);
}

function setWeb({ director, readings }: FakeDirector, up: boolean): void {
  readings.set('script web', up);
  director.assess();
}

/** All of its instances are that, hold their addresses if it is MASTER, and nothing else of it is on the wire. */
function assertSettled(
  who: FakeDirector,
  { instances }: Shape,
  state: 'MASTER' | 'BACKUP',
  wire: FakeWire,
): void {
  const { name: host, heldUntil } = who.underlay;
  const names = instances.map(([name]) => name);
  assert.deepEqual([...who.states()].sort(), names.map((name) => `${name} ${state}`).sort(), host);
  const here = [...wire.plugs].filter(({ owner }) => owner === who.underlay);
  assert.deepEqual(
    here.map((plug) => `${plug.instance} ${plug.virtualRouterId}`).sort(),
    instances.map((each) => each.join(' ')).sort(),
    host,
  );
  assert.ok(
    here.every(({ listens }) => listens),
    `${host} listens for all`,
  );
  const held = [...heldUntil.keys()].filter((name) => who.underlay.holds(name)).sort();
  assert.deepEqual(held, state === 'MASTER' ? [...names].sort() : [], host);
}
