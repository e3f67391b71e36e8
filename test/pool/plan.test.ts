import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { planDestinations, planServices, sameDestinations } from '../../src/pool/plan.js';
import { beginPool, type Pool, withHealth } from '../../src/pool/pool.js';
import { serviceText } from '../../src/pool/text.js';
import { checker, realServer, sorryServer, tableText, virtualServer } from '../support/pools.js';

/** The pool of `config` with these of its servers down. */
function poolOf(config: VirtualServerConfig, down: readonly number[] = []): Pool {
  let { pool } = beginPool(config, { now: 0, rsInitNotifies: false });
  for (const last of down) {
    const realServer = `10.0.0.${last}:80`;
    pool = withHealth(pool, {
      checker: `${realServer}/check`,
      realServer,
      up: false,
      reason: 'refused',
      since: 1,
    }).pool;
  }
  return pool;
}

function plan(config: Partial<VirtualServerConfig>, down: readonly number[] = []): string {
  return tableText(planDestinations(poolOf(virtualServer(config), down)));
}

describe('the wanted table', () => {
  const sorry = sorryServer();
  const keeps = { inhibitOnFailure: true };
  const inhibited = [realServer(1, keeps), realServer(2, keeps)];
  const rows: readonly [what: string, Partial<VirtualServerConfig>, down: number[], table: string][] = [
    ['all up', {}, [], '10.0.0.1 w1, 10.0.0.2 w1, 10.0.0.3 w1'],
    ['one down: removed', {}, [2], '10.0.0.1 w1, 10.0.0.3 w1'],
    ['one down, inhibit_on_failure: weight 0', { realServers: inhibited }, [2], '10.0.0.1 w1, 10.0.0.2 w0'],
    ['all down, nobody to stand in', {}, [1, 2, 3], '(empty)'],
    ['all down, a sorry server', { sorryServers: [sorry] }, [1, 2, 3], '10.0.0.9 w1'],
    ['quorum there: no sorry server', { sorryServers: [sorry] }, [1], '10.0.0.2 w1, 10.0.0.3 w1'],
    [
      'quorum lost: the sorry server replaces even who is up',
      { sorryServers: [sorry], quorum: 2 },
      [1, 2],
      '10.0.0.9 w1',
    ],
    ['quorum lost, no sorry server: who is up goes on', { quorum: 3 }, [1, 2], '10.0.0.3 w1'],
    [
      'quorum lost, inhibit: all at weight 0 beside the sorry server',
      { sorryServers: [sorry], quorum: 2, realServers: inhibited },
      [2],
      '10.0.0.1 w0, 10.0.0.2 w0, 10.0.0.9 w1',
    ],
    [
      'sorry_server_inhibit, not needed',
      { sorryServers: [sorryServer({ inhibit: true })], realServers: [realServer(1)] },
      [],
      '10.0.0.1 w1, 10.0.0.9 w0',
    ],
    [
      'sorry_server_inhibit, needed',
      { sorryServers: [sorryServer({ inhibit: true })] },
      [1, 2, 3],
      '10.0.0.9 w1',
    ],
    [
      'alpha with inhibit: weight 0 from the start',
      { realServers: [realServer(1, { ...keeps, checkers: [checker(1, { alpha: true })] })] },
      [],
      '10.0.0.1 w0',
    ],
    [
      'weights as configured',
      { realServers: [realServer(1, { weight: 7 }), realServer(2, { weight: 0 })] },
      [],
      '10.0.0.1 w7, 10.0.0.2 w0',
    ],
  ];
  for (const [what, config, down, table] of rows) it(what, () => assert.equal(plan(config, down), table));

  describe('with a sorry server that is a real server too', () => {
    const sorryServerTwice = sorryServer({ address: '10.0.0.2' });
    it('holds it once, with its own weight while the quorum is there', () => {
      const realServers = [realServer(1), realServer(2, { weight: 5 })];
      assert.equal(plan({ sorryServers: [sorryServerTwice], realServers }), '10.0.0.1 w1, 10.0.0.2 w5');
    });
    it('lets it stand in at weight 1, also when it is down as a real server', () => {
      assert.equal(plan({ sorryServers: [sorryServerTwice], quorum: 3 }, [3]), '10.0.0.2 w1');
      assert.equal(plan({ sorryServers: [sorryServerTwice] }, [1, 2, 3]), '10.0.0.2 w1');
    });
    it('keeps it at weight 0 while down when either of the two inhibits', () => {
      const config = { sorryServers: [{ ...sorryServerTwice, inhibit: true }] };
      assert.equal(plan(config, [2]), '10.0.0.1 w1, 10.0.0.3 w1, 10.0.0.2 w0');
    });
  });

  it('holds two real servers of one address once, and prefers the one that serves', () => {
    const twin = realServer(1, { id: 'twin', weight: 3, checkers: [] });
    assert.equal(
      plan({ realServers: [realServer(1, { inhibitOnFailure: true }), twin] }, [1]),
      '10.0.0.1 w3',
    );
  });

  it('carries thresholds and forwarding of the real server, and none on the sorry server', () => {
    const forwarding = { method: 'tun', tunnel: { type: 'gue', port: 6080, checksum: 'csum' } } as const;
    const limited = realServer(1, { forwarding, upperThreshold: 50, lowerThreshold: 30 });
    const config = virtualServer({ realServers: [limited], sorryServers: [sorryServer({ inhibit: true })] });
    const [real, sorry] = planDestinations(poolOf(config));
    assert.deepEqual(real, {
      family: 'ipv4',
      address: '10.0.0.1',
      port: 80,
      weight: 1,
      forwarding,
      upperThreshold: 50,
      lowerThreshold: 30,
    });
    assert.deepEqual([sorry?.upperThreshold, sorry?.lowerThreshold], [0, 0]);
  });
});

describe('the wanted services', () => {
  it('are one for each key, alike but for the key', () => {
    const services = [
      { kind: 'address', family: 'ipv4', protocol: 'udp', address: '10.0.0.100', port: 53 },
      { kind: 'fwmark', family: 'ipv6', fwmark: 5 },
    ] as const;
    const persistence = { timeoutS: 360, prefixLength: 32 };
    const config = virtualServer({ services, persistence, persistenceEngine: 'sip', scheduler: 'mh' });
    const planned = planServices(poolOf(config));
    assert.deepEqual(
      planned.map(({ key }) => serviceText(key)),
      ['udp 10.0.0.100:53', 'fwmark 5 ipv6'],
    );
    for (const service of planned) {
      assert.deepEqual(
        [service.scheduler, service.persistence, service.persistenceEngine, service.destinations.length],
        ['mh', persistence, 'sip', 3],
      );
    }
  });

  it('give a server without a port of its own the port of each', () => {
    const services = [
      { kind: 'address', family: 'ipv4', protocol: 'tcp', address: '10.0.0.100', port: 80 },
      { kind: 'address', family: 'ipv4', protocol: 'tcp', address: '10.0.0.100', port: 443 },
      { kind: 'fwmark', family: 'ipv4', fwmark: 5 },
    ] as const;
    const realServers = [realServer(1, { port: 0 }), realServer(2, { port: 8080 })];
    const planned = planServices(poolOf(virtualServer({ services, realServers })));
    assert.deepEqual(
      planned.map(({ destinations }) => destinations.map(({ port }) => port)),
      [
        [80, 8080],
        [443, 8080],
        [0, 8080],
      ],
    );
  });

  it('leave out what is not configured, so that they compare with what is read back', () => {
    const [service] = planServices(poolOf(virtualServer()));
    assert.ok(service && !('persistence' in service) && !('persistenceEngine' in service));
  });
});

describe('two plans', () => {
  const [one] = planDestinations(poolOf(virtualServer()));
  assert.ok(one);
  const tunnel = { type: 'ipip', port: 0, checksum: 'none' } as const;
  const changes = [
    { address: '10.0.0.2' },
    { port: 81 },
    { weight: 2 },
    { upperThreshold: 9 },
    { lowerThreshold: 9 },
    { forwarding: { method: 'dr' } },
    { forwarding: { method: 'tun', tunnel } },
  ] as const;
  for (const change of changes) {
    it(`differ by ${JSON.stringify(change)}`, () =>
      assert.equal(sameDestinations([one], [{ ...one, ...change }]), false));
  }
  it('differ by any part of a tunnel', () => {
    const through = (more: object) => [
      { ...one, forwarding: { method: 'tun', tunnel: { ...tunnel, ...more } } as const },
    ];
    for (const more of [{ type: 'gre' }, { port: 6080 }, { checksum: 'csum' }]) {
      assert.equal(sameDestinations(through({}), through(more)), false);
    }
    assert.equal(sameDestinations(through({}), through({})), true);
  });
  it('are the same when made twice, and differ in length', () => {
    assert.equal(sameDestinations([one], [{ ...one }]), true);
    assert.equal(sameDestinations([one], [one, one]), false);
  });
});
