/** The table in nftables stays as wanted, and sessions outlive whatever happens to it. */
import assert from 'node:assert/strict';
import type { Admission } from '../../src/nft/admission.js';
import { createNftClient } from '../../src/nft/client.js';
import type { NftError } from '../../src/nft/errors.js';
import { createKeeper, type Keeper, type KeeperOptions } from '../../src/nft/keeper.js';
import { createStatistics } from '../../src/nft/statistics.js';
import { admitted, space } from '../support/admissions.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeNft, type FakeNft } from '../support/fake-nft.js';

const SESSIONS = ['10.9.0.1 timeout 30000ms expires 12400ms', '10.9.0.2 timeout 30000ms expires 29000ms'];
/** As they are written into a new set. */
const RENEWED = [1, 2].map((n) => `10.9.0.${n} timeout 30000ms expires 30000ms`);
const ONE: Admission = { spaces: [space()], services: [admitted()] };
const sized = (size: number): Admission => ({ ...ONE, spaces: [space({ size })] });

describe('the keeper of the table', () => {
  let nft: FakeNft;
  let clock: FakeClock;
  let drifts: string[];
  let errors: NftError[];
  let recoveries: number;
  let keeper: Keeper;

  beforeEach(() => {
    nft = createFakeNft();
    clock = createFakeClock();
    drifts = [];
    errors = [];
    recoveries = 0;
    keeper = start();
  });

  function start(ready?: () => Promise<void>, onLook?: KeeperOptions['onLook']): Keeper {
    return createKeeper({
      client: createNftClient(nft.run),
      clock,
      ...(ready && { ready }),
      ...(onLook && { onLook }),
      onDrift: (lines) => drifts.push(...lines),
      onError: (error) => errors.push(error),
      onRecovery: () => {
        recoveries += 1;
      },
    });
  }

  async function want(admission: Admission, by: Keeper = keeper): Promise<void> {
    void by.want(admission);
    await by.settled();
  }

  const drop = () => {
    nft.table = undefined;
  };
  const set = () => nft.table?.sets.get('sessions_shop') ?? assert.fail('no set');
  const rules = () => nft.table?.chains.get('service_shop')?.rules ?? assert.fail('no chain');
  const admits = () => rules().some((rule) => rule.includes('admitted_shop'));
  const writes = () => nft.calls.filter(({ input }) => input !== undefined);

  it('makes it in one transaction, and writes nothing more while all is well', async () => {
    await want(ONE);
    assert.equal(set().size, 3);
    assert.ok(admits());
    assert.equal(writes().length, 1);
    await clock.advanceAsync(60_000);
    assert.equal(writes().length, 1);
    assert.equal(drifts.length, 0);
  });

  it('a successor adopts it: sessions and counters stay, also when the predecessor was killed', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    nft.table?.counters.set('admitted_shop', 7);
    await want(ONE, start());
    assert.deepEqual(set().elements, SESSIONS);
    assert.equal(nft.table?.counters.get('admitted_shop'), 7);
    assert.equal(drifts.length, 0);
  });

  it('closes and opens a door in one transaction each, sessions untouched', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    await want({ ...ONE, services: [admitted({ door: 'closed' })] });
    assert.ok(!admits());
    await want(ONE);
    assert.ok(admits());
    assert.equal(writes().length, 3);
    assert.deepEqual(set().elements, SESSIONS);
  });

  it('a removed table is back within 10 s, a changed rule is set back, a foreign one removed; each is told', async () => {
    await want(ONE);
    drop();
    await clock.advanceAsync(10_000);
    assert.ok(admits());
    nft.table?.chains.get('service_shop')?.rules.push('drop');
    await clock.advanceAsync(10_000);
    assert.ok(!rules().includes('drop'));
    nft.table?.chains.set('mine', { base: undefined, rules: ['accept'] });
    await clock.advanceAsync(10_000);
    assert.ok(!nft.table?.chains.has('mine'));
    assert.deepEqual(drifts, [
      'the table was gone: added back',
      'chain service_shop was changed: set back',
      'chain mine was added by someone: removed',
    ]);
    assert.equal(keeper.status().driftCount, 3);
  });

  it('more sessions from now on: the set is replaced with everybody in it, as if all had come just now', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    await want(sized(5));
    assert.equal(set().size, 5);
    assert.deepEqual(set().elements, RENEWED);
    assert.ok(admits());
    assert.deepEqual(drifts, []);
  });

  it('nobody gets in between the listing of the sessions and the new set', async () => {
    await want(ONE);
    let admittedWhileListed = true;
    const { run } = nft;
    const watching = createKeeper({
      client: createNftClient((command) => {
        if (command.operation.startsWith('list sessions')) admittedWhileListed = admits();
        return run(command);
      }),
      clock,
      onDrift: () => {},
      onError: (error) => errors.push(error),
      onRecovery: () => {},
    });
    await want(sized(5), watching);
    assert.equal(admittedWhileListed, false);
    assert.ok(admits());
  });

  it('fewer from now on: nobody is thrown out, nobody gets in until enough have left', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    await want(sized(1));
    assert.deepEqual(set().elements, SESSIONS);
    assert.ok(!admits());
    set().elements.pop();
    await clock.advanceAsync(1000);
    assert.equal(set().size, 1);
    assert.deepEqual(set().elements, [RENEWED[0]]);
    assert.ok(admits());
  });

  it('a daemon killed while it replaced a set: the successor ends the work', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    const { run } = nft;
    const dying = createKeeper({
      client: createNftClient((command) =>
        command.operation.startsWith('list sessions') ? new Promise(() => {}) : run(command),
      ),
      clock,
      onDrift: () => {},
      onError: () => {},
      onRecovery: () => {},
    });
    void dying.want(sized(5));
    await clock.advanceAsync(1);
    assert.ok(!admits());
    await want(sized(5), start());
    assert.ok(admits());
    assert.equal(set().size, 5);
    assert.deepEqual(set().elements, RENEWED);
  });

  it('another timeout leaves the set as it is', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    await want({ ...ONE, spaces: [space({ timeoutMs: 60_000 })] });
    assert.deepEqual(set().elements, SESSIONS);
    assert.ok(rules().every((rule) => !rule.includes('timeout 30s')));
  });

  it('a service that is removed takes its chain, set and counters along, and leaves those of others', async () => {
    const other = admitted({ name: 'b', space: 'b', endpoints: [{ address: '10.0.0.101', port: 80 }] });
    await want({ spaces: [space(), space({ name: 'b' })], services: [admitted(), other] });
    set().elements = [...SESSIONS];
    await want(ONE);
    assert.deepEqual([...(nft.table?.chains.keys() ?? [])], ['service_shop', 'prerouting']);
    assert.deepEqual([...(nft.table?.sets.keys() ?? [])], ['sessions_shop']);
    assert.deepEqual([...(nft.table?.counters.keys() ?? [])], ['admitted_shop', 'turned_away_shop']);
    assert.deepEqual(set().elements, SESSIONS);
  });

  it('without services the table goes, where there is one, and nobody looks any more', async () => {
    await want({ spaces: [], services: [] });
    assert.deepEqual(errors, []);
    await want(ONE);
    await want({ spaces: [], services: [] });
    assert.equal(nft.table, undefined);
    const calls = nft.calls.length;
    await clock.advanceAsync(60_000);
    assert.equal(nft.calls.length, calls);
  });

  it('stop leaves the table for a successor, or removes it; nothing happens after', async () => {
    await want(ONE);
    await keeper.stop({ remove: false });
    assert.ok(nft.table);
    const next = start();
    await want(ONE, next);
    await next.stop({ remove: true });
    assert.equal(nft.table, undefined);
    const calls = nft.calls.length;
    await clock.advanceAsync(60_000);
    assert.equal(nft.calls.length, calls);
  });

  it('a refusal is told once, tried again with each pass, and its end is told', async () => {
    nft.fail = { code: 1, error: 'Error: Could not process rule: Operation not permitted' };
    await want(ONE);
    await clock.advanceAsync(30_000);
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]?.message ?? '',
      /^nftables: read table: .*not permitted: it needs root or CAP_NET_ADMIN$/,
    );
    assert.ok(keeper.status().error);
    nft.fail = undefined;
    await clock.advanceAsync(10_000);
    assert.equal(recoveries, 1);
    assert.ok(admits());
    assert.equal(keeper.status().error, undefined);
  });

  it('marks nothing before the services that the marks lead to are there', async () => {
    let open = () => {};
    const ready = new Promise<void>((resolve) => {
      open = resolve;
    });
    const patient = start(() => ready);
    void patient.want(ONE);
    await clock.advanceAsync(1);
    assert.equal(nft.table, undefined);
    open();
    await patient.settled();
    assert.ok(nft.table);
  });

  it('goes on marking until the services are there that serve without marks, but for a stop', async () => {
    let ready = Promise.resolve();
    const patient = start(() => ready);
    await want(ONE, patient);
    ready = new Promise(() => {});
    void patient.want({ spaces: [], services: [] });
    await clock.advanceAsync(1);
    assert.ok(nft.table);
    const next = start(() => Promise.resolve());
    await want(ONE, next);
    await next.stop({ remove: true });
    assert.equal(nft.table, undefined);
  });

  it('statistics count sessions, free places, the admitted and the turned away; who asks soon again costs nothing', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    nft.table?.counters.set('admitted_shop', 7).set('turned_away_shop', 9);
    const statistics = createStatistics({ client: createNftClient(nft.run), clock });
    const first = await statistics.ask(ONE);
    assert.deepEqual(first.spaces.get('shop'), { sessions: 2, free: 1 });
    assert.deepEqual(first.services.get('shop'), { admitted: 7, turnedAway: 9, transitions: 0 });
    const calls = nft.calls.length;
    await statistics.ask(ONE);
    assert.equal(nft.calls.length, calls);
    set().elements.pop();
    await clock.advanceAsync(1000);
    assert.equal((await statistics.ask(ONE)).spaces.get('shop')?.sessions, 1);
  });

  it('its passes tell the statistics since when newcomers are turned away', async () => {
    const statistics = createStatistics({ client: createNftClient(nft.run), clock });
    const looking = start(undefined, (table) => statistics.look(ONE, table));
    await want(ONE, looking);
    await clock.advanceAsync(10_000);
    await looking.settled();
    nft.table?.counters.set('turned_away_shop', 9);
    await clock.advanceAsync(10_000);
    await looking.settled();
    const { fullSince, transitions } = (await statistics.ask(ONE)).services.get('shop') ?? {};
    assert.deepEqual([fullSince, transitions], [clock.wallNow(), 1]);
    await looking.stop({ remove: false });
  });

  it('statistics have no free place for newcomers before the larger set is there', async () => {
    await want(ONE);
    set().elements = [...SESSIONS];
    const statistics = createStatistics({ client: createNftClient(nft.run), clock });
    const free = async () => (await statistics.ask(sized(5))).spaces.get('shop')?.free;
    assert.equal(await free(), 1);
    await want(sized(5));
    await clock.advanceAsync(1000);
    const after = (await createStatistics({ client: createNftClient(nft.run), clock }).ask(sized(5))).spaces;
    assert.equal(after.get('shop')?.free, 3);
  });
});
