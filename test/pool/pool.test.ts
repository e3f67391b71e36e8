import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import {
  beginPool,
  liveWeight,
  type Pool,
  type PoolEvent,
  partingEvents,
  withHealth,
} from '../../src/pool/pool.js';
import { downCause } from '../../src/pool/server.js';
import { checker, realServer, script, serverOf, sorryServer, virtualServer } from '../support/pools.js';

const START = 1_000;

function begin(config: VirtualServerConfig, rsInitNotifies = false) {
  return beginPool(config, { now: START, rsInitNotifies });
}

function hear(
  pool: Pool,
  last: number,
  up: boolean,
  more: { checker?: string; reason?: string; since?: number } = {},
) {
  const realServer = `10.0.0.${last}:80`;
  const reason = up ? 'ok' : 'connection refused';
  return withHealth(pool, {
    checker: `${realServer}/check`,
    realServer,
    up,
    reason,
    since: START + 500,
    ...more,
  });
}

/** What an operator sees happen: `server-down 10.0.0.1:80 -> down.sh`. */
function texts(events: readonly PoolEvent[]): string[] {
  return events.map((event) => {
    const who = 'realServer' in event ? ` ${event.realServer}` : '';
    return `${event.kind}${who}${event.script ? ` -> ${event.script.argv.join(' ')}` : ''}`;
  });
}

/** A pool whose live weight is `weight`: one server of each weight, the wanted one up. */
function weighing(config: Partial<VirtualServerConfig>, gainedFirst: boolean, weight: number): boolean {
  const total = config.quorum === undefined ? 20 : config.quorum + 20;
  const realServers = [
    realServer(1, { weight }),
    realServer(2, { weight: total, checkers: [checker(2, { alpha: !gainedFirst })] }),
  ];
  const { pool } = begin(virtualServer({ ...config, realServers }));
  return hear(pool, 2, false).pool.quorumUp;
}

describe('quorum', () => {
  const rows: readonly [
    quorum: number,
    hysteresis: number,
    was: 'up' | 'down',
    weight: number,
    now: 'up' | 'down',
  ][] = [
    // "Up→down when W == 0 or W < quorum − hysteresis"
    [1, 0, 'up', 1, 'up'],
    [1, 0, 'up', 0, 'down'],
    [7, 2, 'up', 5, 'up'],
    [7, 2, 'up', 4, 'down'],
    [7, 6, 'up', 1, 'up'],
    [7, 6, 'up', 0, 'down'],
    [1, 1, 'up', 0, 'down'],
    // "Down→up when W ≥ quorum + hysteresis"
    [1, 0, 'down', 1, 'up'],
    [7, 2, 'down', 8, 'down'],
    [7, 2, 'down', 9, 'up'],
    [7, 0, 'down', 7, 'up'],
    [7, 0, 'down', 6, 'down'],
    [7, 2, 'down', 5, 'down'],
  ];
  for (const [quorum, hysteresis, was, weight, now] of rows) {
    it(`${quorum} with hysteresis ${hysteresis}, ${was}, at weight ${weight}: ${now}`, () => {
      assert.equal(weighing({ quorum, hysteresis }, was === 'up', weight), now === 'up');
    });
  }

  it('counts weights, not servers, and only of those that are up', () => {
    const { pool } = begin(
      virtualServer({ realServers: [realServer(1, { weight: 5 }), realServer(2, { weight: 3 })] }),
    );
    assert.equal(liveWeight(pool), 8);
    assert.equal(liveWeight(hear(pool, 1, false).pool), 3);
  });

  it('that was never there is missing since the start', () => {
    const { pool } = begin(virtualServer({ quorum: 4 }));
    assert.deepEqual([pool.quorumUp, pool.quorumSince], [false, START]);
  });

  it('is never there when all that is up has weight 0', () => {
    const { pool } = begin(virtualServer({ realServers: [realServer(1, { weight: 0 })] }));
    assert.equal(pool.quorumUp, false);
  });

  it('says by what numbers it was lost and gained, and when', () => {
    const config = virtualServer({ quorum: 2, hysteresis: 1, sorryServers: [sorryServer()] });
    let { pool } = begin(config);
    pool = hear(hear(pool, 1, false).pool, 2, false).pool;
    assert.equal(pool.quorumUp, true, 'weight 1 is not below 2 - 1');
    const lost = hear(pool, 3, false, { since: START + 9_000 });
    assert.equal(lost.events.at(-1)?.reason, 'weight 0, needed 1; the sorry server is in');
    assert.equal(lost.pool.quorumSince, START + 9_000);
    const back = hear(hear(lost.pool, 1, true).pool, 2, true);
    assert.equal(back.pool.quorumUp, false, 'weight 2 is below 2 + 1');
    const gained = hear(back.pool, 3, true, { since: START + 20_000 });
    assert.equal(gained.events.at(-1)?.reason, 'weight 3, needed 3; the sorry server is out');
  });
});

describe('a real server', () => {
  const twoChecks = [checker(1), checker(1, { id: 'second' })];

  it('is up while none of its checkers is down, and says which one holds it down', () => {
    let { pool } = begin(virtualServer({ realServers: [realServer(1, { checkers: twoChecks })] }));
    pool = hear(pool, 1, false, { checker: 'second', reason: 'HTTP status 500' }).pool;
    pool = hear(pool, 1, false, { reason: 'connection refused' }).pool;
    pool = hear(pool, 1, true).pool;
    const server = serverOf(pool, '10.0.0.1:80');
    assert.ok(server && !server.up);
    assert.deepEqual(downCause(server), {
      checker: 'second',
      up: false,
      tested: true,
      reason: 'HTTP status 500',
      since: START + 500,
    });
    pool = hear(pool, 1, true, { checker: 'second' }).pool;
    assert.equal(serverOf(pool, '10.0.0.1:80')?.up, true);
  });

  it('is notified once, however many of its checkers fail', () => {
    const { pool } = begin(
      virtualServer({ realServers: [realServer(1, { checkers: twoChecks }), realServer(2)] }),
    );
    const first = hear(pool, 1, false);
    assert.deepEqual(texts(first.events), ['server-down 10.0.0.1:80']);
    assert.deepEqual(texts(hear(first.pool, 1, false, { checker: 'second' }).events), []);
  });

  it('without a checker is always up', () => {
    const { pool } = begin(virtualServer({ realServers: [realServer(1, { checkers: [] })] }));
    assert.equal(serverOf(hear(pool, 1, false).pool, '10.0.0.1:80')?.up, true);
  });

  it('keeps the time since when it is down while the reason changes', () => {
    const down = hear(begin(virtualServer()).pool, 1, false, { since: 5_000 }).pool;
    const server = serverOf(hear(down, 1, false, { reason: 'timeout', since: 9_000 }).pool, '10.0.0.1:80');
    assert.ok(server);
    assert.equal(server.since, 5_000);
    assert.deepEqual([downCause(server)?.reason, downCause(server)?.since], ['timeout', 5_000]);
  });

  it('changes nothing by results it has already, or of servers and checkers the pool has not', () => {
    const { pool } = begin(virtualServer());
    const down = hear(pool, 1, false).pool;
    assert.equal(hear(down, 1, false).pool, down);
    assert.equal(hear(down, 77, false).pool, down);
    assert.equal(hear(down, 1, true, { checker: 'removed by a reload' }).pool, down);
  });
});

describe('notify scripts of a pool', () => {
  const scripts = { quorumUp: script('q-up'), quorumDown: script('q-down') };
  const notify = { notifyUp: script('up'), notifyDown: script('down') };
  const alpha = { ...notify, checkers: [checker(1, { alpha: true })] };
  const one = (more = {}, server: object = notify) =>
    virtualServer({ ...scripts, realServers: [realServer(1, server)], ...more });

  it('run quorum_up at start when the quorum is there', () => {
    assert.deepEqual(texts(begin(one()).events), ['quorum-gained -> q-up']);
  });

  it('run quorum_down at start only where a sorry server stands in', () => {
    assert.deepEqual(texts(begin(one({}, alpha)).events), []);
    const withSorry = begin(one({ sorryServers: [sorryServer()] }, alpha));
    assert.deepEqual(texts(withSorry.events), ['quorum-lost -> q-down']);
  });

  it('run notify_up at start only with rs_init_notifies, and only for servers that are up', () => {
    const config = virtualServer({
      realServers: [
        realServer(1, notify),
        realServer(2, { ...notify, checkers: [checker(2, { alpha: true })] }),
      ],
    });
    assert.deepEqual(texts(begin(config, true).events), ['server-up 10.0.0.1:80 -> up', 'quorum-gained']);
  });

  it('run nothing on the first success of a server that is not alpha', () => {
    assert.deepEqual(hear(begin(one()).pool, 1, true).events, []);
  });

  it('run notify_down, then quorum_down on the failure that empties the pool; the other way round on the way up', () => {
    const down = hear(begin(one()).pool, 1, false);
    assert.deepEqual(texts(down.events), ['server-down 10.0.0.1:80 -> down', 'quorum-lost -> q-down']);
    const up = hear(down.pool, 1, true);
    assert.deepEqual(texts(up.events), ['server-up 10.0.0.1:80 -> up', 'quorum-gained -> q-up']);
  });

  it('run notify_up on the first success of an alpha server', () => {
    const up = hear(begin(one({}, alpha)).pool, 1, true);
    assert.deepEqual(texts(up.events), ['server-up 10.0.0.1:80 -> up', 'quorum-gained -> q-up']);
  });

  it('run notify_down on the first failure of an alpha server, although it was not up, and once', () => {
    const first = hear(begin(one({}, alpha)).pool, 1, false);
    assert.deepEqual(texts(first.events), ['server-down 10.0.0.1:80 -> down']);
    assert.deepEqual(texts(hear(first.pool, 1, false, { reason: 'timeout' }).events), []);
  });

  it('wait for all alpha checkers of a server before it is up', () => {
    const checkers = [
      checker(1, { alpha: true }),
      checker(1, { id: 'second', alpha: true }),
      checker(1, { id: 'third' }),
    ];
    const first = hear(begin(one({}, { ...notify, checkers })).pool, 1, true);
    assert.deepEqual(first.events, []);
    const second = hear(first.pool, 1, true, { checker: 'second' });
    assert.deepEqual(texts(second.events)[0], 'server-up 10.0.0.1:80 -> up');
  });

  it('run at stop only with omega: notify_down of every server that is up, then quorum_down', () => {
    const config = (omega: boolean) =>
      virtualServer({ ...scripts, omega, realServers: [realServer(1, notify), realServer(2, notify)] });
    const stopping = (omega: boolean) =>
      texts(partingEvents(hear(begin(config(omega)).pool, 2, false).pool, undefined, 'stopping'));
    assert.deepEqual(stopping(false), []);
    assert.deepEqual(stopping(true), ['server-down 10.0.0.1:80 -> down', 'quorum-lost -> q-down']);
  });
});
