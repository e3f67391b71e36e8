/** overflow connections against a model of the kernel, in simulated time: the figures its users rely on. */
import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { observeFlow, type ServerFlow } from '../../src/pool/flow.js';
import { lookAgainMs, thresholdsFor } from '../../src/pool/overflow.js';
import { Crowd } from '../support/model-crowd.js';
import { realServer, sorryServer, virtualServer } from '../support/pools.js';

const SORRY = '10.0.0.9:80';
const ONE = '10.0.0.1:80';
const TWO = '10.0.0.2:80';

function config(servers: number, more: Partial<VirtualServerConfig> = {}, lowerThreshold = 0) {
  return virtualServer({
    scheduler: 'sed',
    overflow: { mode: 'connections' },
    realServers: Array.from({ length: servers }, (_, n) =>
      realServer(n + 1, { upperThreshold: 50, lowerThreshold }),
    ),
    sorryServers: [sorryServer()],
    ...more,
  });
}

function started(virtual: VirtualServerConfig, expireMs?: number): Crowd {
  const crowd = new Crowd(virtual, expireMs);
  crowd.run(100, 0, 0);
  return crowd;
}

const FOREVER = 1e9;

describe('overflow connections', () => {
  it('lets exactly the limit in of a crowd that stays, and turns the others', () => {
    const crowd = started(config(2));
    for (let n = 0; n < 300; n++) crowd.connect(FOREVER);
    assert.deepEqual(crowd.share(), { [ONE]: 50, [TWO]: 50, [SORRY]: 200 });
    crowd.run(5000, 100, FOREVER);
    assert.deepEqual(crowd.share(), { [SORRY]: 500 });
  });

  it('lets newcomers into the pool within a fraction of a second after the crowd has left', () => {
    const crowd = started(config(2));
    crowd.run(1000, 300, FOREVER);
    crowd.share();
    crowd.everyoneLeaves();
    crowd.run(100, 0, 0);
    for (let n = 0; n < 100; n++) crowd.connect(FOREVER);
    assert.deepEqual(crowd.share(), { [ONE]: 50, [TWO]: 50 });
  });

  it('gives one place that becomes free to one newcomer', () => {
    const crowd = started(config(1));
    for (let n = 0; n < 49; n++) crowd.connect(FOREVER);
    crowd.connect(500);
    crowd.run(2000, 100, FOREVER);
    const { [ONE]: pool = 0 } = crowd.share();
    assert.ok(pool === 51 || pool === 52, `${pool} were let in`);
  });

  it('keeps exactly its limit of connections that stay, while closed ones of before expire one after another', () => {
    const crowd = started(config(1), 20_000);
    crowd.run(4000, 10, 100);
    crowd.run(15_000, 0, 0);
    for (let n = 0; n < 60; n++) crowd.connect(FOREVER);
    crowd.run(10_000, 100, FOREVER);
    assert.equal(crowd.kernel.activeAt(ONE), 50);
  });

  it('with lthreshold lets nobody in until fewer than that are left', () => {
    const crowd = started(config(1, {}, 20));
    for (let n = 0; n < 19; n++) crowd.connect(10_000);
    for (let n = 0; n < 31; n++) crowd.connect(2000);
    crowd.run(1900, 100, FOREVER);
    assert.deepEqual(crowd.share(), { [ONE]: 50, [SORRY]: 190 });
    crowd.run(1000, 100, FOREVER);
    assert.ok((crowd.share()[ONE] ?? 0) >= 31);
  });

  for (const [servers, expireMs] of [
    [1, 120_000],
    [2, 120_000],
    [1, 3000],
    [2, 3000],
  ] as const) {
    it(`turns fewer than 1 % of 1,000 connections a second of 10 ms each, with ${servers} of 50, closed ones expiring after ${expireMs / 1000} s`, () => {
      const crowd = started(config(servers), expireMs);
      crowd.run(10_000, 1000, 10, true);
      const { [SORRY]: turned = 0, refused = 0 } = crowd.share();
      assert.ok(turned < 100, `${turned} of 10000 were turned`);
      assert.equal(refused, 0);
    });
  }

  for (const [perSecond, stayMs] of [
    [2000, 40],
    [2000, 60],
    [2000, 100],
    [2000, 500],
    [5000, 100],
  ] as const) {
    it(`is never more than a tenth over at ${perSecond} newcomers a second of about ${stayMs} ms each`, () => {
      const crowd = started(config(2));
      crowd.run(8000, perSecond, stayMs, true);
      const { refused = 0, [ONE]: pool = 0 } = crowd.share();
      assert.equal(refused, 0);
      assert.ok((crowd.most.get(ONE) ?? 0) <= 55, `${crowd.most.get(ONE)} at once`);
      // No use in a limit that is kept by letting nobody in: two thirds of what the places could serve.
      const could = Math.min(perSecond / 2, 50_000 / stayMs) * 8;
      assert.ok(pool > could * 0.66, `${pool} of ${could}`);
    });
  }

  for (const [expireMs, most, over] of [
    [120_000, 55, 'a tenth'],
    [5000, 60, 'a fifth'],
  ] as const) {
    it(`2,000 newcomers a second for 30 s around the limit, while a server dies and is back and the file is reloaded: none refused, none reset but by the dead server, never more than ${over} over when closed ones expire after ${expireMs / 1000} s`, () => {
      const crowd = started(config(2), expireMs);
      const come = (ms: number) => crowd.run(ms, 2000, 50, true);
      come(8000);
      crowd.kill(1);
      come(1000);
      crowd.health(1, false);
      // Until that is in force.
      come(10);
      const { refused: refusedBefore = 0, reset = 0 } = crowd.share();
      come(7000);
      crowd.revive(1);
      crowd.health(1, true);
      come(6000);
      const realServers = config(2).realServers.map((one) => ({ ...one, weight: 3 }));
      crowd.reload(config(2, { quorum: 2, realServers }));
      come(8000);
      const { refused = 0, reset: resetAfter = 0, [ONE]: one = 0, [TWO]: two = 0 } = crowd.share();
      assert.deepEqual([refusedBefore, refused, resetAfter], [0, 0, 0]);
      assert.ok(reset > 0, 'the dead server was asked before its check had seen it');
      for (const server of [ONE, TWO])
        assert.ok((crowd.most.get(server) ?? 0) <= most, `${server} had ${crowd.most.get(server)} at once`);
      // 14 s and 21 s of 50 places for 50 ms each.
      assert.ok(one > 14 * 1000 * 0.6 && two > 21 * 1000 * 0.6, `${one} and ${two} were let in`);
    });
  }

  it('follows as connections expire, two minutes later', () => {
    const crowd = started(config(1));
    crowd.run(2000, 200, 100);
    crowd.run(118_000, 0, 0);
    for (let n = 0; n < 60; n++) crowd.connect(FOREVER);
    crowd.share();
    crowd.run(4000, 100, FOREVER);
    assert.ok(crowd.kernel.activeAt(ONE) <= 55, `${crowd.kernel.activeAt(ONE)} at once`);
  });

  it('is never more than a tenth over while closed ones expire as fast as others close', () => {
    const crowd = started(config(2), 1500);
    crowd.run(3000, 2000, 60, true);
    crowd.most.clear();
    crowd.share();
    crowd.run(4000, 2000, 60, true);
    const { refused = 0, [ONE]: pool = 0 } = crowd.share();
    assert.equal(refused, 0);
    assert.ok((crowd.most.get(ONE) ?? 0) <= 55, `${crowd.most.get(ONE)} at once`);
    assert.ok(pool > 0.66 * (4 * (50_000 / 60)), `${pool} were let in`);
  });

  it('looks seldom while nothing happens to a large pool', () => {
    const crowd = started(config(1, { realServers: [realServer(1, { upperThreshold: 1000 })] }));
    crowd.run(1000, 0, 0);
    const before = crowd.looks;
    crowd.run(10_000, 0, 0);
    assert.ok(crowd.looks - before <= 41, `${crowd.looks - before} looks`);
  });
});

const QUIET: ServerFlow = {
  id: ONE,
  active: 10,
  inactive: 0,
  total: 0,
  perSecond: 0,
  upperThreshold: 50,
  lowerThreshold: 50,
  growth: 0,
  arrival: 0,
  fall: 0,
  closed: false,
  marked: false,
  entering: 0,
  idleReadings: 0,
};

describe('the thresholds of a limit', () => {
  const limit = { upper: 50, lower: 0, countsInactive: false };
  const rows: readonly [what: string, flow: Partial<ServerFlow>, upper: number][] = [
    ['nobody there', {}, 50],
    ['inactive ones do not count', { inactive: 70 }, 120],
    ['what will have closed is allowed for', { active: 20, inactive: 70, growth: 0.1 }, 122],
    ['but by less than a tenth of the limit', { active: 45, inactive: 70, growth: 1 }, 124],
    ['inactive ones expire slowly', { inactive: 70, growth: -0.05, fall: 0.05 }, 120],
    ['inactive ones expire fast: as many again do not count', { inactive: 70, growth: -0.5, fall: 0.5 }, 104],
    ['they expire very fast: half the limit is kept', { inactive: 70, fall: 5 }, 95],
    ['full: raised it would let one in', { active: 50, inactive: 5, upperThreshold: 53 }, 53],
    ['over: lowered', { active: 60, inactive: 0, upperThreshold: 70 }, 50],
    ['not in force yet', { active: 60, inactive: 10, upperThreshold: 0 }, 60],
  ];
  for (const [what, flow, upper] of rows) {
    it(`${what}: ${upper}`, () => {
      const thresholds = thresholdsFor(limit, { ...QUIET, ...flow }, 20);
      assert.deepEqual(thresholds, { upperThreshold: upper, lowerThreshold: upper });
    });
  }

  const full = { active: 50, inactive: 5, upperThreshold: 55, lowerThreshold: 55, marked: true };
  const holding: readonly [what: string, flow: Partial<ServerFlow>, upper: number, lower: number][] = [
    ['hold a full one: no expiry opens it', {}, 55, 50],
    ['follow those that expire, so that the next who leaves can open it', { inactive: 3 }, 53, 50],
    ['open it for one who has left', { active: 49, inactive: 6, lowerThreshold: 50 }, 56, 56],
    [
      'shut it first when as many have expired, for it opens only upwards',
      { active: 49, lowerThreshold: 50 },
      1,
      1,
    ],
    ['open it then', { active: 49, upperThreshold: 1, lowerThreshold: 1 }, 55, 55],
    ['do not hold where many expire: there it would cost throughput', { inactive: 4, fall: 0.1 }, 54, 54],
    [
      'leave one that is not held to the next that expires',
      { active: 49, upperThreshold: 54, lowerThreshold: 54, fall: 0.2 },
      51,
      51,
    ],
    ['do not hold one that the kernel still chooses', { inactive: 4, marked: false }, 54, 54],
    ['hold no lower threshold above the upper one', { upperThreshold: 1 }, 1, 1],
  ];
  for (const [what, flow, upperThreshold, lowerThreshold] of holding) {
    it(`${what}: ${upperThreshold}, ${lowerThreshold}`, () => {
      const thresholds = thresholdsFor(limit, { ...QUIET, ...full, ...flow }, 20);
      assert.deepEqual(thresholds, { upperThreshold, lowerThreshold });
    });
  }

  it('shut a server that was full until fewer than lthreshold are left, in a way that any other threshold ends', () => {
    const hysteresis = { ...limit, lower: 30 };
    const full = { ...QUIET, active: 50, inactive: 20, upperThreshold: 70, closed: true };
    const shut = { upperThreshold: 1, lowerThreshold: 1 };
    assert.deepEqual(thresholdsFor(hysteresis, full, 20), shut);
    assert.deepEqual(
      thresholdsFor(hysteresis, { ...full, active: 29, closed: false, upperThreshold: 1 }, 20),
      {
        upperThreshold: 70,
        lowerThreshold: 70,
      },
    );
  });

  it('are as configured for UDP, which has no active connections', () => {
    const udp = { upper: 50, lower: 30, countsInactive: true };
    assert.deepEqual(thresholdsFor(udp, { ...QUIET, inactive: 70 }, 20), {
      upperThreshold: 50,
      lowerThreshold: 30,
    });
  });

  it('are none for a server without a limit', () => {
    assert.deepEqual(thresholdsFor({ ...limit, upper: 0 }, QUIET, 20), {
      upperThreshold: 0,
      lowerThreshold: 0,
    });
  });
});

describe('closed connections that expire', () => {
  const terms = { limitOf: () => undefined, countsInactive: false };
  const read = (inactive: number) => [{ ...QUIET, inactive }];

  for (const [left, fall] of [
    [20, 0],
    [19, 0],
    [10, 0.45],
    [30, 0],
  ] as const) {
    it(`20 that are ${left} after 20 ms fall by ${fall} a millisecond: one alone says nothing of the next`, () => {
      const flow = observeFlow(observeFlow(undefined, read(20), 0, terms), read(left), 20, terms);
      assert.equal(flow.servers.get(ONE)?.fall, fall);
    });
  }
});

describe('a newcomer that the kernel is just entering', () => {
  const limit = { upper: 50, lower: 0, countsInactive: false };
  const terms = { limitOf: () => limit, countsInactive: false };
  const read = (active: number, inactive: number) => [{ ...QUIET, active, inactive }];
  const told = (...counts: readonly (readonly [active: number, inactive: number])[]) => {
    let flow = observeFlow(undefined, read(40, 0), 0, terms);
    for (const [place, [active, inactive]] of counts.entries())
      flow = observeFlow(flow, read(active, inactive), 20 * (place + 1), terms);
    return thresholdsFor(limit, flow.servers.get(ONE), 20).upperThreshold;
  };

  for (const [what, counts, upper] of [
    ['is inactive for a moment, and gives nobody a place', [[49, 1]], 50],
    [
      'is counted twice for a moment, and gives nobody a place',
      [
        [49, 1],
        [50, 1],
      ],
      50,
    ],
    [
      'and who is inactive in the next reading too has closed',
      [
        [48, 1],
        [49, 1],
      ],
      51,
    ],
    ['who closes while nobody comes has closed', [[39, 1]], 52],
    [
      'where they close all the time it is not asked',
      [
        [40, 1],
        [41, 2],
        [41, 4],
      ],
      56,
    ],
  ] as const) {
    it(`${what}: ${upper}`, () => assert.equal(told(...counts), upper));
  }
});

describe('the mark of a full server', () => {
  const terms = { limitOf: () => undefined, countsInactive: false };
  const read = (inactive: number, upperThreshold: number, lowerThreshold: number) => [
    { ...QUIET, inactive, upperThreshold, lowerThreshold },
  ];
  const at55 = observeFlow(undefined, read(45, 55, 55), 0, terms);

  for (const [what, reading, marked] of [
    ['is there at the upper threshold', read(45, 55, 55), true],
    ['goes as soon as one expires', read(44, 55, 55), false],
    ['stays with a lower threshold below', read(40, 55, 50), true],
    ['goes below that', read(39, 55, 50), false],
    ['goes when the upper threshold is raised', read(45, 56, 50), false],
    ['stays when it is lowered', read(40, 52, 50), true],
    ['is not without a limit', read(45, 0, 0), false],
  ] as const) {
    it(what, () => assert.equal(observeFlow(at55, reading, 20, terms).servers.get(ONE)?.marked, marked));
  }
});

describe('the next look', () => {
  const rows: readonly [what: string, flow: Partial<ServerFlow>, ms: number][] = [
    ['nobody comes: before a crowd is long there', { active: 0 }, 60],
    ['nobody comes, and there is much room: before a crowd could fill it', { upperThreshold: 110 }, 100],
    ['a large limit', { active: 0, upperThreshold: 5000 }, 250],
    ['newcomers come fast', { upperThreshold: 110, arrival: 2 }, 25],
    ['full', { active: 50 }, 50],
    ['full, with some that will expire', { active: 50, inactive: 1 }, 20],
    ['many of them expire', { active: 50, inactive: 9, upperThreshold: 59, fall: 0.2 }, 10],
    ['shut, and many expire', { active: 50, inactive: 9, upperThreshold: 1, fall: 0.2 }, 20],
    ['few of them expire', { active: 50, inactive: 9, upperThreshold: 59, fall: 0.1 }, 20],
    ['newcomers come faster than that', { active: 40, arrival: 1 }, 10],
    ['nearly full, and nobody comes', { active: 49 }, 60],
    ['nearly full', { active: 48, arrival: 0.1 }, 10],
    ['its limit is not in force yet', { upperThreshold: 0 }, 20],
    ['held, however many have expired', { active: 50, upperThreshold: 900, lowerThreshold: 50 }, 20],
  ];
  for (const [what, flow, ms] of rows) {
    const { upperThreshold: lowerThreshold } = { ...QUIET, ...flow };
    it(`${what}: ${ms} ms`, () => assert.equal(lookAgainMs([{ ...QUIET, lowerThreshold, ...flow }]), ms));
  }
});
