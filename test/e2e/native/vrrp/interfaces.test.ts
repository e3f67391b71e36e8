/** What an administrator does to the interface of a director: it recovers by itself, and says what happened in log and status. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';
import type { VrrpProcess } from '../../../support/vrrp-process.js';

const ADVERT_MS = 500;

type Family = {
  readonly name: string;
  readonly vip: string;
  readonly change: Partial<InstanceConfig>;
};

const IPV4: Family = {
  name: 'IPv4',
  vip: '10.77.0.100',
  change: { virtualAddresses: [{ ...address('10.77.0.100'), prefixLength: 24 }] },
};
const IPV6: Family = {
  name: 'IPv6',
  vip: 'fd77::64',
  change: {
    family: 'ipv6',
    transport: { kind: 'multicast', group: 'ff02::12' },
    virtualAddresses: [address('fe80::64'), address('fd77::64')],
  },
};

const VMAC: Family = {
  name: 'use_vmac',
  vip: IPV4.vip,
  change: {
    ...IPV4.change,
    vmac: { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false },
  },
};

type Mishap = {
  readonly name: string;
  readonly begin: (host: Host) => void;
  readonly end: (host: Host) => void;
  /** As status has it. */
  readonly fault: string;
  /** In the log when it begins and when it is over. */
  readonly told: RegExp;
};

const MISHAPS: readonly Mishap[] = [
  {
    name: '`ip link set down`, and up',
    begin: ({ run }) => run('ip link set eth0 down'),
    end: ({ run }) => run('ip link set eth0 up'),
    fault: 'interface eth0 is down',
    told: /interface eth0 is down[\s\S]*→ FAULT: interface eth0 is down[\s\S]*interface eth0 is up[\s\S]*FAULT → BACKUP/,
  },
  {
    name: 'an interface that is deleted, and made anew',
    begin: ({ run }) => run('ip link del eth0'),
    end: (host) => host.plugInAnew(),
    fault: 'interface eth0 does not exist',
    told: /→ FAULT: interface eth0 is down[\s\S]*interface eth0 was deleted[\s\S]*interface eth0 is there now[\s\S]*interface eth0 is up[\s\S]*FAULT → BACKUP/,
  },
  {
    name: 'an interface that is called otherwise, and as before again',
    begin: ({ run }) => {
      run('ip link set eth0 down');
      run('ip link set eth0 name lan0 up');
    },
    end: ({ run }) => {
      run('ip link set lan0 down');
      run('ip link set lan0 name eth0 up');
    },
    fault: 'interface eth0 does not exist',
    told: /interface eth0 is called lan0 now[\s\S]*interface eth0 is there now[\s\S]*FAULT → BACKUP/,
  },
];

describe('the interface of a director', () => {
  function withPair({ change }: Family, body: (pair: Pair) => Promise<void>): Promise<void> {
    return startPair((own) => vrrpConfig([instance({ advertIntMs: ADVERT_MS, ...change, ...own })]), body);
  }

  /** A fault may change its reason: an interface is down before it is deleted. */
  async function faulty(director: VrrpProcess, fault: string): Promise<void> {
    await director.until('FAULT');
    await eventually(fault, async () => (await director.instance()).fault === fault);
  }

  for (const family of [IPV4, IPV6, VMAC]) {
    const has = ({ host }: VrrpProcess) => host.run('ip -br addr').includes(`${family.vip}/`);
    for (const { name, begin, end, fault, told } of MISHAPS) {
      it(`${family.name}: ${name} on the master: the peer has the address meanwhile`, async () => {
        await withPair(family, async ({ a, b }) => {
          begin(a.host);
          await faulty(a, fault);
          assert.ok(!has(a));
          await b.until('MASTER');
          assert.ok(has(b));
          end(a.host);
          await a.until('MASTER');
          await b.until('BACKUP');
          assert.deepEqual([has(a), has(b)], [true, false]);
          await eventually(`the log: ${told}`, () => told.test(a.log));
          const { fault: left, drifts } = await a.instance();
          assert.deepEqual([left, drifts], [undefined, 0], 'what goes with an interface was taken by nobody');
        });
      });

      it(`${family.name}: ${name} on the backup: the master stays, and the backup hears it again`, async () => {
        await withPair(family, async ({ a, b }) => {
          begin(b.host);
          await faulty(b, fault);
          end(b.host);
          await b.until('BACKUP');
          // Longer than a backup that hears nothing would wait.
          await sleep(6 * ADVERT_MS);
          const { state, counts, master } = await b.instance();
          assert.deepEqual([state, counts.becameMaster, master?.priority], ['BACKUP', 0, 150], b.log);
          assert.equal((await a.instance()).counts.transitions, 2);
          await eventually(`the log: ${told}`, () => told.test(b.log));
          await a.kill();
          await b.until('MASTER');
          assert.ok(has(b));
        });
      });
    }
  }

  it('down and up within a moment: one master with the address in the end', async () => {
    await withPair(IPV4, async ({ a, b }) => {
      for (let i = 0; i < 5; i += 1) {
        a.host.run('ip link set eth0 down');
        a.host.run('ip link set eth0 up');
      }
      await sleep(10 * ADVERT_MS);
      await a.until('MASTER');
      await b.until('BACKUP');
      const shows = ({ host }: VrrpProcess) => host.run('ip -br addr').includes(`${IPV4.vip}/`);
      assert.deepEqual([shows(a), shows(b)], [true, false]);
    });
  });

  it('its own address is deleted: a fault that names it, and gone when the address is back', async () => {
    await withPair(IPV4, async ({ a, b }) => {
      const { run, ipv4 } = a.host;
      run(`ip addr del ${ipv4}/24 dev eth0`);
      assert.equal((await a.until('FAULT')).fault, 'eth0 has no address to send from');
      await b.until('MASTER');
      run(`ip addr add ${ipv4}/24 dev eth0`);
      await a.until('MASTER');
      await b.until('BACKUP');
      await eventually('the log', () => /→ FAULT: eth0 has no address to send from/.test(a.log));
    });
  });
});
