/** Pools with sessions: which services they are, and whom they let in as servers come and go. */
import assert from 'node:assert/strict';
import { planAdmission } from '../../src/pool/admission.js';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { planServices } from '../../src/pool/plan.js';
import { beginPool, type Pool, withHealth } from '../../src/pool/pool.js';
import { admitted, space } from '../support/admissions.js';
import { checker, realServer, sorryServer, tableText, virtualServer } from '../support/pools.js';

const { door: _, ...service } = admitted();

function config(changes: Partial<VirtualServerConfig> = {}): VirtualServerConfig {
  return virtualServer({
    services: [
      { kind: 'fwmark', family: 'ipv4', fwmark: 1000 },
      { kind: 'fwmark', family: 'ipv4', fwmark: 1001 },
    ],
    scheduler: 'rr',
    persistence: { timeoutS: 30, prefixLength: 32 },
    sorryServers: [sorryServer({ checkers: [checker(9)] })],
    overflow: { mode: 'sessions', space: space(), service },
    ...changes,
  });
}

function begin(changes: Partial<VirtualServerConfig> = {}): Pool {
  return beginPool(config(changes), { now: 0, rsInitNotifies: false }).pool;
}

function heard(pool: Pool, last: number, up: boolean): Pool {
  const realServer = last === 9 ? 'sorry 10.0.0.9:80' : `10.0.0.${last}:80`;
  return withHealth(pool, { checker: `10.0.0.${last}:80/check`, realServer, up, reason: '', since: 0 }).pool;
}

function picture(pool: Pool): string {
  const [inside, outside] = planServices(pool).map(({ destinations }) => tableText(destinations));
  return `${planAdmission([pool]).services[0]?.door}: ${inside} | ${outside}`;
}

describe('a pool with sessions', () => {
  it('is two services: its own as configured, and the sorry servers', () => {
    const [inside, outside] = planServices(begin());
    assert.deepEqual(
      [inside?.key, inside?.scheduler, inside?.persistence?.timeoutS],
      [{ kind: 'fwmark', family: 'ipv4', fwmark: 1000 }, 'rr', 30],
    );
    assert.deepEqual(
      [outside?.key, outside?.persistence],
      [{ kind: 'fwmark', family: 'ipv4', fwmark: 1001 }, undefined],
      'who is at the sorry server must be able to come in: no persistence',
    );
  });

  it('its doors follow the quorum; who is in keeps the servers that live', () => {
    let pool = begin({ quorum: 2 });
    const story = [picture(pool)];
    for (const last of [1, 2, 3]) {
      pool = heard(pool, last, false);
      story.push(picture(pool));
    }
    for (const last of [3, 1]) {
      pool = heard(pool, last, true);
      story.push(picture(pool));
    }
    assert.deepEqual(story, [
      'open: 10.0.0.1 w1, 10.0.0.2 w1, 10.0.0.3 w1 | 10.0.0.9 w1',
      'open: 10.0.0.2 w1, 10.0.0.3 w1 | 10.0.0.9 w1',
      'closed: 10.0.0.3 w1 | 10.0.0.9 w1',
      'shut: 10.0.0.9 w1 | 10.0.0.9 w1',
      'closed: 10.0.0.3 w1 | 10.0.0.9 w1',
      'open: 10.0.0.1 w1, 10.0.0.3 w1 | 10.0.0.9 w1',
    ]);
  });

  it('while no sorry server is up nobody is sent there for a lost quorum', () => {
    let pool = heard(begin({ quorum: 3 }), 9, false);
    assert.equal(picture(pool), 'open: 10.0.0.1 w1, 10.0.0.2 w1, 10.0.0.3 w1 | (empty)');
    pool = heard(pool, 1, false);
    assert.equal(picture(pool), 'open: 10.0.0.2 w1, 10.0.0.3 w1 | (empty)');
    assert.equal(picture(heard(pool, 9, true)), 'closed: 10.0.0.2 w1, 10.0.0.3 w1 | 10.0.0.9 w1');
  });

  it('the sorry server never stays in the pool, not even with weight 0: persistence would keep clients at it', () => {
    const sorryServers = [sorryServer({ inhibit: true })];
    const pool = begin({ sorryServers, realServers: [realServer(1)] });
    assert.equal(picture(heard(pool, 1, false)), 'shut: 10.0.0.9 w1 | 10.0.0.9 w1');
    assert.equal(picture(pool), 'open: 10.0.0.1 w1 | 10.0.0.9 w1');
  });

  it('a sorry server that is down may stay in its own service with weight 0', () => {
    const sorryServers = [sorryServer({ inhibit: true, checkers: [checker(9)] })];
    assert.match(picture(heard(begin({ sorryServers }), 9, false)), /\| 10\.0\.0\.9 w0$/);
  });

  it('virtual servers of one space give one space and a service each', () => {
    const other = { ...service, name: 'other', poolMark: 1002, sorryMark: 1003 };
    const pools = [
      begin(),
      begin({ id: 'other', overflow: { mode: 'sessions', space: space(), service: other } }),
    ];
    const { spaces, services } = planAdmission([
      ...pools,
      beginPool(virtualServer(), { now: 0, rsInitNotifies: false }).pool,
    ]);
    assert.equal(spaces.length, 1);
    assert.deepEqual(
      services.map(({ name, door }) => `${name} ${door}`),
      ['shop open', 'other open'],
    );
  });
});
