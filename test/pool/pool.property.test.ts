/** Claims that hold for any virtual server after any order of results. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RealServerConfig, VirtualServerConfig } from '../../src/pool/config.js';
import { remember } from '../../src/pool/memory.js';
import { planDestinations } from '../../src/pool/plan.js';
import { beginPool, liveWeight, type Pool, type PoolEvent, withHealth } from '../../src/pool/pool.js';
import { parseSaved } from '../../src/pool/saved.js';
import { checker, realServer, serverOf, sorryServer, virtualServer } from '../support/pools.js';

const SERVERS = 4;
const CHECKERS = 2;

const servers = fc.array(
  fc.record({
    weight: fc.integer({ min: 0, max: 5 }),
    inhibitOnFailure: fc.boolean(),
    alpha: fc.boolean(),
    checkers: fc.integer({ min: 0, max: CHECKERS }),
  }),
  { minLength: 1, maxLength: SERVERS },
);
const configs = fc
  .record({
    servers,
    quorum: fc.integer({ min: 1, max: 12 }),
    hysteresis: fc.nat(5),
    sorry: fc.option(fc.record({ inhibit: fc.boolean(), last: fc.constantFrom(9, 1) }), { nil: undefined }),
  })
  .map(({ servers: list, quorum, hysteresis, sorry }): VirtualServerConfig => {
    const realServers = list.map(({ alpha, checkers, ...more }, index): RealServerConfig => {
      const ids = Array.from({ length: checkers }, (_, n) =>
        checker(index + 1, { id: checkerId(index, n), alpha }),
      );
      return realServer(index + 1, { ...more, checkers: ids });
    });
    const standIn = sorry && { sorryServers: [sorryServer({ ...sorry, address: `10.0.0.${sorry.last}` })] };
    return virtualServer({ realServers, quorum, hysteresis: Math.min(hysteresis, quorum - 1), ...standIn });
  });
const results = fc.array(
  fc.record({ server: fc.nat(SERVERS - 1), checker: fc.nat(CHECKERS - 1), up: fc.boolean() }),
  { maxLength: 40 },
);
type Result = { readonly server: number; readonly checker: number; readonly up: boolean };

function checkerId(server: number, n: number): string {
  return `10.0.0.${server + 1}:80/check#${n}`;
}

function hear(pool: Pool, { server, checker: n, up }: Result, since = 1) {
  const name = `10.0.0.${server + 1}:80`;
  return withHealth(pool, { checker: checkerId(server, n), realServer: name, up, reason: String(up), since });
}

/** Runs the results through, showing every picture on the way. */
function play(
  config: VirtualServerConfig,
  list: readonly Result[],
  look: (pool: Pool, before?: Pool) => void,
): Pool {
  let { pool } = beginPool(config, { now: 0, rsInitNotifies: false });
  look(pool);
  for (const result of list) {
    const before = pool;
    pool = hear(pool, result).pool;
    look(pool, before);
  }
  return pool;
}

/** "Up→down when W == 0 or W < quorum − hysteresis. Down→up when W ≥ quorum + hysteresis"; at start it is down. */
function quorumByTheRule(pool: Pool, before: Pool | undefined): boolean {
  const { quorum, hysteresis } = pool.config;
  const weight = liveWeight(pool);
  if (before?.quorumUp === true) return !(weight === 0 || weight < quorum - hysteresis);
  return weight >= quorum + hysteresis;
}

function listen(events: readonly PoolEvent[], told: Map<string, boolean>): void {
  for (const event of events) {
    if (!('realServer' in event)) continue;
    assert.notEqual(told.get(event.realServer), event.kind === 'server-up');
    told.set(event.realServer, event.kind === 'server-up');
  }
}

describe('after any order of results', () => {
  it('the table always has a destination that takes clients while a sorry server or a live weight is there', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        play(config, list, (pool) => {
          const serving = planDestinations(pool).filter(({ weight }) => weight > 0);
          if (config.sorryServers.length > 0 || liveWeight(pool) > 0) assert.ok(serving.length > 0);
        });
      }),
    );
  });

  it('the sorry server and the pool never share the clients, unless one is the other', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        play(config, list, (pool) => {
          const {
            sorryServers: [sorry],
            realServers,
          } = config;
          if (sorry === undefined || realServers.some(({ address }) => address === sorry.address)) return;
          const serving = planDestinations(pool).filter(({ weight }) => weight > 0);
          const standsIn = serving.some(({ address }) => address === sorry.address);
          assert.equal(standsIn && serving.length > 1, false);
          assert.equal(standsIn, !pool.quorumUp);
        });
      }),
    );
  });

  it('no destination is in the table twice, and none that is down has weight', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        play(config, list, (pool) => {
          const planned = planDestinations(pool);
          assert.equal(new Set(planned.map(({ address }) => address)).size, planned.length);
          for (const { address, weight } of planned) {
            const server = serverOf(pool, `${address}:80`);
            if (weight > 0 && address !== config.sorryServers[0]?.address) assert.equal(server?.up, true);
          }
        });
      }),
    );
  });

  it('the quorum is lost and gained only across the whole width of its hysteresis', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        play(config, list, (pool, before) => assert.equal(pool.quorumUp, quorumByTheRule(pool, before)));
      }),
    );
  });

  it('up and down events of a server alternate, and the last one told is how it is', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        const told = new Map<string, boolean>();
        let { pool, events } = beginPool(config, { now: 0, rsInitNotifies: true });
        listen(events, told);
        for (const result of list) {
          ({ pool, events } = hear(pool, result));
          listen(events, told);
        }
        for (const [id, up] of told) assert.equal(serverOf(pool, id)?.up, up);
      }),
    );
  });

  it('a reload of the same file and a restart from the state file change nothing and tell nobody', () => {
    fc.assert(
      fc.property(configs, results, (config, list) => {
        const pool = play(config, list, () => {});
        const json = JSON.stringify({
          version: 1,
          owned: [],
          virtualServers: [{ id: config.id, ...remember(pool) }],
        });
        const [memory] = parseSaved(JSON.parse(json)).virtualServers;
        const again = beginPool(config, { now: 99, memory, rsInitNotifies: true });
        assert.deepEqual(again, { pool, events: [] });
      }),
    );
  });
});
