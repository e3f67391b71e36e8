/** Addresses and routes on another interface than that of the adverts: what becomes of the director when that interface fails. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';
import { by, routeLine } from '../../../support/route-lines.js';
import type { VrrpProcess } from '../../../support/vrrp-process.js';

const ADVERT_MS = 500;

function make({ run }: Host): void {
  run('ip link add eth1 type veth peer name eth1p');
  run('ip link set eth1p up');
  run('ip link set eth1 up');
}

const routeBy = (to: string, via: string, track = true) =>
  routeLine(to, { track, nexthops: [by('eth1', via)] });

const on = (text: string, track = true) => ({
  ...address(text),
  interface: 'eth1',
  prefixLength: 24,
  track,
});

const STATIC = {
  staticAddresses: [on('10.81.0.100')],
  staticRoutes: [routeBy('10.82.0.0', '10.81.0.1')],
};

/** Says what was there instead. */
function explain({ host, log }: VrrpProcess): (error: Error) => never {
  return (error) => {
    throw new Error(`${error.message}\n${host.run('ip -br addr')}${host.run('ip route')}${log}`);
  };
}

describe('another interface with addresses of a director', () => {
  /** Both begin without it, and get it with its lines by a reload. */
  async function withPair(
    lines: Partial<InstanceConfig>,
    body: (pair: Pair) => Promise<void>,
  ): Promise<void> {
    const plain = { addresses: ['10.77.0.100'], advertIntMs: ADVERT_MS };
    await startPair(
      (own) => vrrpConfig([instance({ ...plain, ...own })]),
      async (pair) => {
        for (const [director, priority] of [
          [pair.a, 150],
          [pair.b, 100],
        ] as const) {
          make(director.host);
          director.configure(vrrpConfig([instance({ ...plain, priority, ...lines })], STATIC));
        }
        await body(pair);
      },
    );
  }

  const has = ({ host }: VrrpProcess, ...what: readonly string[]) =>
    what.every((text) => `${host.run('ip -br addr')}${host.run('ip route')}`.includes(text));

  const all = ['10.79.0.100/24', '10.81.0.100/24', '10.80.0.0/24 via', '10.82.0.0/24 via'];

  const lines = {
    excludedAddresses: [on('10.79.0.100')],
    virtualRoutes: [routeBy('10.80.0.0', '10.79.0.1')],
  };

  for (const [what, begin, end] of [
    ['set down', 'ip link set eth1 down', ({ run }: Host) => run('ip link set eth1 up')],
    ['deleted', 'ip link del eth1', make],
  ] as const) {
    it(`${what} on the master: the peer takes over, until it is back with all that was there`, () =>
      withPair(lines, async ({ a, b }) => {
        await eventually('all of it', () => has(a, ...all)).catch(explain(a));
        a.host.run(begin);
        assert.equal((await a.until('FAULT')).fault, 'interface eth1 is down');
        await b.until('MASTER');
        await eventually('all of it with the peer', () => has(b, '10.77.0.100', ...all)).catch(explain(b));
        assert.ok(!has(a, '10.77.0.100') && !has(a, '10.79.0.100'));
        end(a.host);
        await a.until('MASTER');
        await b.until('BACKUP');
        await eventually('all of it again', () => has(a, '10.77.0.100', ...all)).catch(explain(a));
      }));
  }

  it('whose lines have `no_track`: it stays master, and the routes come back with the interface', () =>
    withPair(
      {
        excludedAddresses: [on('10.79.0.100', false)],
        virtualRoutes: [routeBy('10.80.0.0', '10.79.0.1', false)],
      },
      async ({ a, b }) => {
        await eventually('all of it', () => has(a, ...all)).catch(explain(a));
        a.host.run('ip link set eth1 down');
        assert.ok(!has(a, '10.80.0.0') && !has(a, '10.82.0.0'));
        // Longer than a fault would take to be handed over.
        await sleep(10 * ADVERT_MS);
        const { state, fault, counts } = await a.instance();
        assert.deepEqual([state, fault, counts.becameMaster], ['MASTER', undefined, 1]);
        assert.equal((await b.instance()).state, 'BACKUP');
        a.host.run('ip link set eth1 up');
        await eventually('all of it again', () => has(a, ...all)).catch(explain(a));
      },
    ));
});
