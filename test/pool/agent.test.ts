/** What servers say of themselves, told by the table that is wanted. */
import assert from 'node:assert/strict';
import type { Scheduler } from '../../src/ipvs/table.js';
import { type AgentWords, withAgent } from '../../src/pool/agent.js';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { leavingAfter, withDrain } from '../../src/pool/draining.js';
import { remember } from '../../src/pool/memory.js';
import { planServices } from '../../src/pool/plan.js';
import { beginPool, type Pool, withHealth } from '../../src/pool/pool.js';
import { parseSaved } from '../../src/pool/saved.js';
import { checker, realServer, sorryServer, tableText, virtualServer } from '../support/pools.js';

const agent = (last: number) => ({ id: `10.0.0.${last}:80/agent`, alpha: false, agent: true as const });
const server = (last: number, more = {}) =>
  realServer(last, { checkers: [checker(last), agent(last)], ...more });
const CONFIG = virtualServer({ scheduler: 'wrr', realServers: [server(1, { weight: 3 }), server(2)] });

/** A pool and what its agents and checks say to it. */
class Scene {
  pool: Pool;
  readonly events: string[] = [];
  now = 0;

  constructor(config: VirtualServerConfig = CONFIG, pool?: Pool) {
    this.pool = pool ?? beginPool(config, { now: 0, rsInitNotifies: false }).pool;
  }

  says(last: number, words: AgentWords): string {
    const result = { checker: agent(last).id, realServer: `10.0.0.${last}:80`, words, since: this.now };
    const { pool, events } = withAgent(this.pool, result);
    this.pool = pool;
    this.events.push(...events.map(({ kind, reason }) => `${kind}: ${reason}`));
    return this.table();
  }

  check(last: number, up: boolean): string {
    const result = {
      checker: checker(last).id,
      realServer: `10.0.0.${last}:80`,
      up,
      reason: '',
      since: this.now,
    };
    this.pool = withHealth(this.pool, result).pool;
    return this.table();
  }

  drain(last: number, undo = false): string {
    const command = { realServer: `10.0.0.${last}:80`, undo, now: this.now };
    this.pool = withDrain(this.pool, command)?.pool ?? assert.fail();
    return this.table();
  }

  reload(config: VirtualServerConfig): string {
    const memory = { ...remember(this.pool), leaving: leavingAfter(this.pool, config, this.now) };
    const saved = { version: 1, owned: [], virtualServers: [{ id: 'v', ...memory }] };
    const [past] = parseSaved(JSON.parse(JSON.stringify(saved))).virtualServers;
    this.pool = beginPool(config, { now: this.now, memory: past, rsInitNotifies: false }).pool;
    return this.table();
  }

  table(): string {
    return tableText(planServices(this.pool, new Map(), this.now)[0]?.destinations ?? []);
  }
}

const UP = { health: { up: true, reason: 'up' } };
const DOWN = { health: { up: false, reason: 'fail: disk full' } };

describe('an agent', () => {
  it('moves the weight of its server, whose parts are as small as a per cent', () => {
    const s = new Scene();
    assert.equal(s.table(), '10.0.0.1 w300, 10.0.0.2 w100');
    assert.equal(s.says(2, { percent: 75 }), '10.0.0.1 w300, 10.0.0.2 w75');
    assert.equal(s.says(1, { percent: 1 }), '10.0.0.1 w3, 10.0.0.2 w75');
    assert.equal(s.says(1, { percent: 200 }), '10.0.0.1 w600, 10.0.0.2 w75');
    assert.deepEqual(s.events, []);
  });

  it('multiplies large weights no further than IPVS takes them, also when an agent wants more than the whole', () => {
    const s = new Scene({ ...CONFIG, realServers: [server(1, { weight: 1000 }), server(2)] });
    assert.equal(s.table(), '10.0.0.1 w65000, 10.0.0.2 w65');
    assert.equal(s.says(1, { percent: 200 }), '10.0.0.1 w64000, 10.0.0.2 w32');
  });

  it('takes its server from newcomers with 0 %, drain or maint; who is in stays', () => {
    for (const words of [{ percent: 0 }, { mode: 'drain' }, { mode: 'maint' }] as const) {
      const s = new Scene();
      assert.equal(s.says(2, words), '10.0.0.1 w300, 10.0.0.2 w0');
      assert.equal(s.says(2, { percent: 100, mode: 'ready' }), '10.0.0.1 w300, 10.0.0.2 w100');
      assert.deepEqual(
        s.events.map((line) => line.split(':')[0]),
        ['agent-away', 'agent-back'],
      );
    }
  });

  it('leaves as it was what it does not say', () => {
    const s = new Scene();
    s.says(2, { percent: 50, mode: 'drain' });
    assert.equal(s.says(2, { percent: 20 }), '10.0.0.1 w300, 10.0.0.2 w0');
    assert.equal(s.says(2, UP), '10.0.0.1 w300, 10.0.0.2 w0');
    assert.equal(s.says(2, { mode: 'ready' }), '10.0.0.1 w300, 10.0.0.2 w20');
  });

  it('takes its server down and, only it, up again; the checks have their own say', () => {
    const s = new Scene();
    assert.equal(s.says(2, DOWN), '10.0.0.1 w300');
    assert.equal(s.check(2, true), '10.0.0.1 w300');
    assert.equal(s.says(2, { mode: 'ready', percent: 100 }), '10.0.0.1 w300');
    s.check(2, false);
    assert.equal(s.says(2, UP), '10.0.0.1 w300');
    assert.equal(s.check(2, true), '10.0.0.1 w300, 10.0.0.2 w100');
    assert.deepEqual(s.events, ['server-down: its agent says fail: disk full']);
  });

  it('that takes the last server away has the sorry server in', () => {
    const s = new Scene({ ...CONFIG, sorryServers: [sorryServer()] });
    s.says(1, { mode: 'maint' });
    assert.equal(s.table(), '10.0.0.1 w0, 10.0.0.2 w100');
    assert.equal(s.says(2, { percent: 0 }), '10.0.0.1 w0, 10.0.0.2 w0, 10.0.0.9 w1');
    assert.equal(s.says(2, { percent: 1 }), '10.0.0.1 w0, 10.0.0.2 w1, 10.0.0.9 w0');
  });

  it('does not cost the quorum by a small weight', () => {
    const s = new Scene({ ...CONFIG, quorum: 4, sorryServers: [sorryServer()] });
    s.says(1, { percent: 10 });
    assert.equal(s.says(2, { percent: 10 }), '10.0.0.1 w30, 10.0.0.2 w10');
  });

  it('cannot undo a drain by command', () => {
    const s = new Scene();
    s.drain(2);
    assert.equal(s.says(2, { mode: 'ready', percent: 50 }), '10.0.0.1 w300, 10.0.0.2 w0');
    assert.equal(s.drain(2, true), '10.0.0.1 w300, 10.0.0.2 w50');
  });

  it('has its share of the share of a ramp', () => {
    const s = new Scene({ ...CONFIG, realServers: [server(1), server(2, { slowStartMs: 20_000 })] });
    s.says(2, { percent: 0 });
    s.now = 1000;
    assert.equal(s.says(2, { percent: 50 }), '10.0.0.1 w100, 10.0.0.2 w3');
    s.now = 11_000;
    assert.equal(s.table(), '10.0.0.1 w100, 10.0.0.2 w28');
    s.now = 21_000;
    assert.equal(s.table(), '10.0.0.1 w100, 10.0.0.2 w50');
  });

  it('keeps its word over a reload and a restart, while it is configured', () => {
    const s = new Scene();
    s.says(1, { percent: 50 });
    s.says(2, { mode: 'drain', ...DOWN });
    s.says(2, UP);
    assert.equal(s.reload(CONFIG), '10.0.0.1 w150, 10.0.0.2 w0');
    assert.equal(
      s.reload(virtualServer({ ...CONFIG, realServers: [realServer(1), realServer(2)] })),
      '10.0.0.1 w1, 10.0.0.2 w1',
    );
  });

  it('that is new and never speaks holds nobody down', () => {
    const s = new Scene({ ...CONFIG, realServers: [realServer(1), realServer(2)] });
    s.check(2, false);
    s.reload(CONFIG);
    assert.equal(s.check(2, true), '10.0.0.1 w300, 10.0.0.2 w100');
  });

  it('of another server or of a check that is none is not heard', () => {
    const { pool } = new Scene();
    const result = { realServer: '10.0.0.2:80', words: DOWN, since: 0 };
    assert.equal(withAgent(pool, { ...result, checker: agent(1).id }).pool, pool);
    assert.equal(withAgent(pool, { ...result, checker: checker(2).id }).pool, pool);
    assert.equal(withAgent(pool, { ...result, checker: agent(2).id, realServer: 'x' }).pool, pool);
  });

  it('is not news when it says the same', () => {
    const s = new Scene();
    s.says(2, { percent: 70, mode: 'ready', ...UP });
    const { pool } = s;
    s.says(2, { percent: 70, mode: 'ready', ...UP });
    assert.equal(s.pool, pool);
  });

  const schedulers: readonly [scheduler: Scheduler, table: string][] = [
    ['wlc', '10.0.0.1 w300, 10.0.0.2 w50'],
    ['ovf', '10.0.0.1 w3, 10.0.0.2 w1'],
    ['rr', '10.0.0.1 w3, 10.0.0.2 w1'],
    ['lc', '10.0.0.1 w3, 10.0.0.2 w1'],
  ];
  for (const [scheduler, table] of schedulers) {
    it(`moves weights as ${scheduler} can use them`, () => {
      assert.equal(new Scene({ ...CONFIG, scheduler }).says(2, { percent: 50 }), table);
    });
  }

  it('moves the multiplied weights of overflow connections, and never below the sorry server', () => {
    const limited = { upperThreshold: 50 };
    const s = new Scene({
      ...CONFIG,
      scheduler: 'sed',
      overflow: { mode: 'connections' },
      realServers: [server(1, limited), server(2, limited)],
      sorryServers: [sorryServer()],
    });
    assert.equal(s.says(2, { percent: 50 }), '10.0.0.1 w65535, 10.0.0.2 w32768, 10.0.0.9 w1');
    assert.equal(s.says(2, { percent: 200 }), '10.0.0.1 w32767, 10.0.0.2 w65534, 10.0.0.9 w1');
    assert.equal(s.says(2, { mode: 'drain' }), '10.0.0.1 w32767, 10.0.0.2 w0, 10.0.0.9 w1');
  });
});
