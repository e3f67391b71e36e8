/** A neighbour whose packets do not belong: nothing changes, each is counted by its reason, and adverts stay on time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openRawSender } from '../../../../src/net/raw-sender.js';
import { SystemError } from '../../../../src/net/system-error.js';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { hostilePackets } from '../../../support/hostile.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, sleep } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';

const FLOOD = fileURLToPath(new URL('../../../support/flood.js', import.meta.url));
const GROUP = '224.0.0.18';

function pairOf(change: Partial<InstanceConfig>) {
  return vrrpConfig([
    instance({ virtualAddresses: [{ ...address('10.77.0.100'), prefixLength: 24 }], ...change }),
  ]);
}

describe('a hostile neighbour', function () {
  this.timeout(60_000);

  function withPair(change: Partial<InstanceConfig>, body: (pair: Pair) => Promise<void>): Promise<void> {
    return startPair((own) => pairOf({ ...own, ...change }), body);
  }

  it('every reason of VRRPv2 with a password is counted, packet by packet, by master and backup', async () => {
    const password = { authentication: { type: 'PASS', password: 'secret' }, version: 2 } as const;
    await withPair(password, async ({ network, a, b }) => {
      const client = network.host('client');
      const index = Number(client.run('cat /sys/class/net/eth0/ifindex'));
      const sender = client.enter(() => openRawSender('ipv4', { name: 'eth0', index }));
      assert.ok(!(sender instanceof SystemError));
      const packets = hostilePackets(
        instance({ ...password, virtualAddresses: [address('10.77.0.100')] }),
        client.ipv4,
      );
      for (let round = 0; round < 100; round += 1)
        for (const { packet } of packets) sender.send(packet, GROUP);
      sender.close();
      const wanted: Record<string, number> = {};
      for (const { reason } of packets) wanted[reason] = (wanted[reason] ?? 0) + 100;
      for (const director of [a, b]) {
        const dropped = async () => {
          const { drops, instances } = await director.status();
          return { ...instances[0]?.counts.drops, ...drops };
        };
        await sleep(300);
        assert.deepEqual(sorted(await dropped()), sorted(wanted));
      }
      assert.deepEqual([(await a.instance()).state, (await b.instance()).state], ['MASTER', 'BACKUP']);
      assert.equal((await b.instance()).counts.transitions, 1);
    });
  });

  it('20,000 packets of junk a second: nobody moves, all are counted, and adverts keep their beat', async () => {
    await withPair({ advertIntMs: 100 }, async ({ network, a, b }) => {
      const client = network.host('client');
      const sniffer = b.host.start(`tcpdump -l -tt -n -i eth0 proto 112 and src host ${a.host.ipv4}`);
      let seen = '';
      sniffer.stdout?.on('data', (data: Buffer) => {
        seen += data.toString();
      });
      await eventually('the sniffer', () => seen !== '');
      const before = await b.instance();
      const flood = client.start(`${process.execPath} ${FLOOD} ${client.ipv4} ${GROUP} 20000 5`);
      await once(flood, 'exit');
      await sleep(500);
      const { drops, instances } = await b.status();
      const dropped = [drops, instances[0]?.counts.drops ?? {}].flatMap((each) => Object.values(each));
      const total = dropped.reduce((sum, each) => sum + each, 0);
      // The kernel may drop some of them itself where the machine is too busy to read.
      assert.ok(total > 90_000 && total <= 100_000, `${total} of 100000 counted`);
      assert.equal(instances[0]?.counts.transitions, before.counts.transitions);
      assert.equal((await a.instance()).state, 'MASTER');
      const times = [...seen.matchAll(/^(\d+\.\d+) /gm)].map(([, at]) => Number(at) * 1000);
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
      assert.ok(gaps.length > 40);
      // Three missed adverts and it would be a failover.
      assert.ok(Math.max(...gaps) < 200, `${Math.max(...gaps)} ms between two adverts`);
    });
  });
});

function sorted(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
}
