/** What a process tells and undoes that follows one that was killed, or left on purpose. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { News } from '../../../../src/processes/messages.js';
import { Daemon } from '../../../support/daemon.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { withPair } from '../../../support/pair.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { sniffAdverts } from '../../../support/sniffer.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';

/** Two instances with an address each, which is there long after a process was killed. */
const config = vrrpConfig(
  ['VI_1', 'VI_2'].map((name, i) =>
    instance({
      name,
      virtualRouterId: 51 + i,
      advertIntMs: 100,
      vipLifetime: { seconds: 60 },
      virtualAddresses: [{ ...address(`10.77.0.10${i}`), prefixLength: 24 }],
    }),
  ),
);

/** The masters that it told of first, after a message. */
async function firstMasters({ told }: VrrpProcess, from: number): Promise<readonly string[]> {
  const found = () => told.slice(from).find((message) => message.kind === 'masters');
  await eventually('the masters are told', () => found() !== undefined);
  return found()?.names ?? assert.fail();
}

describe('a successor of lvsd-vrrp', () => {
  async function withMaster(body: (a: VrrpProcess) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const a = new VrrpProcess(network.host('a'));
      try {
        await a.start(config);
        await a.until('MASTER');
        await a.until('MASTER', PATIENCE_MS, 'VI_2');
        const saved = join(a.stateDir, 'vrrp.json');
        await eventually('it is saved', () => readFileSync(saved, 'utf8').includes('["VI_1","VI_2"]'));
        await body(a);
      } finally {
        await a.dispose();
      }
    });
  }

  it('that is no master says so: the connection synchronisation must not send any more', () =>
    withMaster(async (a) => {
      await a.kill();
      for (const ip of [VIP, '10.77.0.101']) a.host.run(`ip addr del ${ip}/24 dev eth0`);
      const before = a.told.length;
      await a.start(config);
      assert.deepEqual(await firstMasters(a, before), []);
    }));

  it('that goes on as master tells of all its instances at once', () =>
    withMaster(async (a) => {
      await a.kill();
      const before = a.told.length;
      await a.start(config);
      assert.deepEqual(await firstMasters(a, before), ['VI_1', 'VI_2']);
    }));

  describe('whose priority depends on a quorum', () => {
    const pools = [{ name: 'web', weight: 100, reverse: false }];
    const track = { interfaces: [], scripts: [], files: [], processes: [], pools };
    const virtualAddresses = [{ ...address(VIP), prefixLength: 24 }];
    const tracking = vrrpConfig([
      instance({ priority: 50, advertIntMs: 100, vipLifetime: { seconds: 60 }, virtualAddresses, track }),
    ]);
    const [well, lost] = [true, false].map((web) => ({ kind: 'pools', up: { web } }) as const);

    /** The priorities of all adverts of one that follows a killed one, which was told that all is well. */
    async function prioritiesAfter(news: readonly News[]): Promise<readonly number[]> {
      let priorities: readonly number[] = [];
      await withNetwork(['a'], async (network) => {
        const a = new VrrpProcess(network.host('a'));
        try {
          await a.start(tracking);
          a.send(well ?? assert.fail());
          await a.until('MASTER');
          const saved = join(a.stateDir, 'vrrp.json');
          await eventually('it is saved', () => /"VI_1".*"web":true/.test(readFileSync(saved, 'utf8')));
          await a.kill();
          const adverts = await sniffAdverts(a.host);
          await a.start(tracking, news);
          await eventually('adverts', () => adverts().length >= 3);
          priorities = [...new Set(adverts().map(({ priority }) => priority))];
        } finally {
          await a.dispose();
        }
      });
      return priorities;
    }

    it('goes on with what the last one was told, as long as it is told nothing', async () => {
      assert.deepEqual(await prioritiesAfter([]), [150]);
    });

    it('knows from its first advert on what it is told with its start', async () => {
      assert.deepEqual(await prioritiesAfter([lost ?? assert.fail()]), [50]);
    });
  });

  it('that comes back when its peer is master has its clients know it', () => {
    const virtualAddresses = [{ ...address(VIP), prefixLength: 24 }];
    const common = { advertIntMs: 100, vipLifetime: { seconds: 60 }, virtualAddresses } as const;
    return withPair(
      (change) => vrrpConfig([instance({ ...common, ...change })]),
      async ({ network, a, b }) => {
        const client = network.host('client');
        const macOf = ({ host }: VrrpProcess) => host.run('cat /sys/class/net/eth0/address').trim();
        const known = () => /lladdr (\S+)/.exec(client.run(`ip neigh show ${VIP} dev eth0`))?.[1];
        client.run(`ping -c 1 -W 1 ${VIP}`);
        assert.equal(known(), macOf(a));
        await a.kill();
        await b.until('MASTER');
        await eventually('the client knows the peer', () => known() === macOf(b));
        await a.start(vrrpConfig([instance({ ...common, priority: 150 })]));
        await b.until('BACKUP');
        await eventually('the client knows the old master again', () => known() === macOf(a));
        assert.equal((await a.instance()).counts.becameMaster, 1, 'it was that from the first');
      },
    );
  });
});

describe('a successor of lvsd', () => {
  const file = (more: string) => `vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    version 3
    advert_int 0.1
    ${more}
    virtual_ipaddress {
      ${VIP}/24
    }
  }\n`;

  const isClosed = ({ run }: Host) => run('nft list ruleset').includes('table inet lvsd_vrrp');

  it('opens what no_accept had closed, when the file does not have that any more', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace);
      try {
        daemon.configure(file('no_accept'));
        daemon.start('-P');
        await eventually('it is closed', () => isClosed(host));
        daemon.signal('SIGQUIT');
        assert.equal(await daemon.ended(), 0);
        assert.ok(isClosed(host), 'left for the successor');
        daemon.configure(file(''));
        daemon.start('-P');
        await eventually('it is open', () => !isClosed(host));
      } finally {
        await daemon.dispose();
      }
    }));
});
