import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalService } from '../../src/ipvs/canonical.js';
import { type Change, diffService } from '../../src/ipvs/diff.js';
import { type Destination, destinationId, type Service } from '../../src/ipvs/table.js';
import { destination, key, mark, NO_FLAGS, service, tun } from '../support/ipvs-values.js';
import { SEED } from '../support/seed.js';

const REAL = destination('10.0.0.11');
const SORRY = destination('10.0.0.20');

/** Such as `add 10.0.0.11:80` and `edit service`. */
function words(changes: readonly Change[]): string[] {
  return changes.map((change) => {
    const [verb = '', noun] = change.kind.split('-');
    return 'destination' in change ? `${verb} ${destinationId(change.destination)}` : `${verb} ${noun}`;
  });
}

/** The kernel, as far as changes are concerned; throws where it would refuse. */
function make(have: Service | undefined, change: Change): Service | undefined {
  if (change.kind === 'add-service') {
    assert.equal(have, undefined);
    return { ...change.service, destinations: [] };
  }
  assert.ok(have);
  const without = (one: Destination) =>
    have.destinations.filter((other) => destinationId(other) !== destinationId(one));
  switch (change.kind) {
    case 'edit-service':
      return { ...change.service, destinations: have.destinations };
    case 'delete-service':
      return undefined;
    case 'add-destination':
      assert.equal(without(change.destination).length, have.destinations.length);
      return { ...have, destinations: [...have.destinations, change.destination] };
    case 'edit-destination':
      assert.equal(without(change.destination).length, have.destinations.length - 1);
      return { ...have, destinations: [...without(change.destination), change.destination] };
    case 'delete-destination':
      assert.equal(without(change.destination).length, have.destinations.length - 1);
      return { ...have, destinations: without(change.destination) };
  }
}

const sorted = (one: Service | undefined) =>
  one && { ...one, destinations: [...one.destinations].sort((a, b) => a.address.localeCompare(b.address)) };

const anyDestination = fc.record(
  {
    family: fc.constant('ipv4' as const),
    address: fc.integer({ min: 1, max: 6 }).map((number) => `10.0.0.${number}`),
    port: fc.constant(80),
    weight: fc.integer({ min: 0, max: 2 }),
    forwarding: fc.constantFrom(
      { method: 'nat' } as const,
      tun('ipip'),
      tun('gue', 1),
      tun('gue', 2),
      tun('gue', 2, 'csum'),
    ),
    upperThreshold: fc.integer({ min: 0, max: 1 }),
    lowerThreshold: fc.integer({ min: 0, max: 1 }),
  },
  { noNullPrototype: true },
);
const anyService = fc.record(
  {
    key: fc.constant(key()),
    scheduler: fc.constantFrom('rr', 'wlc'),
    flags: fc.constantFrom(NO_FLAGS, { ...NO_FLAGS, sched1: true }),
    destinations: fc.uniqueArray(anyDestination, { selector: destinationId }),
  },
  { noNullPrototype: true },
);

describe('what has to change in the kernel', () => {
  it('is nothing when it is as wanted, in whatever order', () => {
    const have = service({ destinations: [REAL, SORRY], flags: { ...NO_FLAGS, hashed: true } });
    assert.deepEqual(diffService(have, service({ destinations: [SORRY, REAL] })), []);
    assert.deepEqual(diffService(undefined, undefined), []);
  });

  it('is the service first, then its destinations in the order of the file', () => {
    const changes = diffService(undefined, service({ destinations: [REAL, SORRY] }));
    assert.deepEqual(words(changes), ['add service', 'add 10.0.0.11:80', 'add 10.0.0.20:80']);
  });

  it('is one command when the service goes: the kernel drops what is in it', () => {
    assert.deepEqual(words(diffService(service({ destinations: [REAL, SORRY] }), undefined)), [
      'delete service',
    ]);
  });

  it('adds the sorry server before it removes the last real one, and the other way round', () => {
    const [up, down] = [service({ destinations: [REAL] }), service({ destinations: [SORRY] })];
    assert.deepEqual(words(diffService(up, down)), ['add 10.0.0.20:80', 'delete 10.0.0.11:80']);
    assert.deepEqual(words(diffService(down, up)), ['add 10.0.0.11:80', 'delete 10.0.0.20:80']);
  });

  it('raises the inhibited sorry server before it lowers the last real one to 0, and the other way round', () => {
    const state = (real: number, sorry: number) =>
      service({
        destinations: [
          { ...REAL, weight: real },
          { ...SORRY, weight: sorry },
        ],
      });
    assert.deepEqual(words(diffService(state(1, 0), state(0, 1))), [
      'edit 10.0.0.20:80',
      'edit 10.0.0.11:80',
    ]);
    assert.deepEqual(words(diffService(state(0, 1), state(1, 0))), [
      'edit 10.0.0.11:80',
      'edit 10.0.0.20:80',
    ]);
  });

  it('opens a server by a higher threshold, or by none, before it lowers another to 0', () => {
    const last = destination('10.0.0.12');
    for (const upperThreshold of [0, 6]) {
      const have = service({ destinations: [REAL, { ...last, upperThreshold: 5 }] });
      const want = service({
        destinations: [
          { ...REAL, weight: 0 },
          { ...last, upperThreshold },
        ],
      });
      assert.deepEqual(words(diffService(have, want)), ['edit 10.0.0.12:80', 'edit 10.0.0.11:80']);
    }
  });

  it('tells each setting that differs, with both values', () => {
    const have = service({
      scheduler: 'rr',
      persistence: { timeoutS: 60, prefixLength: 32 },
      destinations: [
        destination('10.0.0.11', { weight: 2, upperThreshold: 5, forwarding: tun('gue', 6080, 'csum') }),
      ],
    });
    const want = service({
      flags: { ...NO_FLAGS, onePacket: true, sched1: true, sched2: true, sched3: true },
      persistence: { timeoutS: 60, prefixLength: 24 },
      persistenceEngine: 'sip',
      destinations: [destination('10.0.0.11', { upperThreshold: 6, lowerThreshold: 1 })],
    });
    const differences = diffService(have, want).flatMap((change) =>
      'differences' in change
        ? change.differences.map(({ setting, have, want }) => `${setting}: ${have} → ${want}`)
        : [],
    );
    assert.deepEqual(differences, [
      'scheduler: rr → wlc',
      'flags: none → ops flag-1 flag-2 flag-3',
      'persistence: 60 s → 60 s per /24',
      'persistence engine: none → sip',
      'weight: 2 → 1',
      'upper threshold: 5 → 6',
      'lower threshold: 0 → 1',
      'method: tun gue port 6080 csum → nat',
    ]);
  });

  it(`makes any table of any other, never refused, never with fewer to choose from on the way (FUZZ_SEED=${SEED})`, () => {
    const choices = (one: Service | undefined) =>
      one?.destinations.filter(({ weight }) => weight > 0).length ?? 0;
    const property = fc.property(fc.option(anyService, { nil: undefined }), anyService, (have, want) => {
      let now: Service | undefined = have;
      for (const change of diffService(have, want)) {
        now = make(now, change);
        assert.ok(choices(now) >= Math.min(choices(have), choices(want)), words([change]).join());
      }
      assert.deepEqual(sorted(now), sorted(want));
      assert.deepEqual(diffService(now, want), []);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it(`tells the same of destinations that are the very same as of those that only look so (FUZZ_SEED=${SEED})`, () => {
    const numbers = fc.uniqueArray(fc.nat(7), { maxLength: 8 });
    const fleet = Array.from({ length: 8 }, (_, n) => destination(`10.0.0.${n}`));
    const copies = fleet.map((one) => ({ ...one }));
    const property = fc.property(numbers, numbers, (have, want) => {
      const held = (from: readonly Destination[]) =>
        service({ destinations: have.map((n) => from[n] as Destination) });
      const wanted = service({ destinations: want.map((n) => fleet[n] as Destination) });
      assert.deepEqual(
        words(diffService(held(fleet), wanted)).sort(),
        words(diffService(held(copies), wanted)).sort(),
      );
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('a wanted service in its one form', () => {
  it('has addresses as RFC 5952 writes them', () => {
    const odd = canonicalService(
      service({ key: key('2001:DB8:0::0001'), destinations: [destination('2001:0db8::00ff')] }),
    );
    assert.deepEqual(odd.key, key('2001:db8::1'));
    assert.equal(odd.destinations[0]?.address, '2001:db8::ff');
    assert.deepEqual(canonicalService(service({ key: mark(7) })).key, mark(7));
  });

  it('has the first of several destinations with one address and port', () => {
    const twice = service({ destinations: [REAL, { ...REAL, weight: 9 }, { ...REAL, port: 81 }, SORRY] });
    const once = service({ destinations: [REAL, { ...REAL, port: 81 }, SORRY] });
    assert.deepEqual(canonicalService(twice), once);
    const odd = service({ destinations: [destination('2001:db8::1'), destination('2001:DB8:0::1')] });
    assert.equal(canonicalService(odd).destinations.length, 1);
  });

  it('is made of the same objects as long as it is of the same: what is known of them holds', () => {
    const [once, twice] = [
      canonicalService(service({ destinations: [REAL, SORRY] })),
      canonicalService(service({ destinations: [SORRY] })),
    ];
    assert.equal(once.destinations[1], twice.destinations[0]);
  });

  it('has thresholds that every kernel takes', () => {
    const [huge] = canonicalService(
      service({
        destinations: [destination('10.0.0.1', { upperThreshold: 4294967295, lowerThreshold: 2 ** 31 })],
      }),
    ).destinations;
    assert.deepEqual([huge?.upperThreshold, huge?.lowerThreshold], [2147483647, 2147483647]);
  });
});
