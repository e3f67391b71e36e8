/**
 * With a real keepalived of Debian as the peer: each is master and backup of the other, takes over in the protocol's time and no more
 * often than it should, and neither complains.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { masterDownIntervalMs, skewTimeMs } from '../../../../src/vrrp/timers.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { COMPLAINTS, KEEPALIVED, Keepalived } from '../../../support/keepalived.js';
import { eventually, type Host, sleep, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';
const VIP6 = 'fd77::64';

type Way = {
  readonly name: string;
  readonly vip: string;
  readonly lvsd: Partial<InstanceConfig>;
  /** Lines of keepalived's vrrp_instance. */
  readonly keepalived: (self: Host, peer: Host) => string;
  /** What lvsd must know of the hosts. */
  readonly transport?: (self: Host, peer: Host) => InstanceConfig['transport'];
};

const WAYS: readonly Way[] = [
  {
    name: 'VRRPv2 with a password',
    vip: VIP,
    lvsd: { version: 2, advertIntMs: 1000, authentication: { type: 'PASS', password: 's3cret' } },
    keepalived: () =>
      `version 2\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass s3cret\n }\n virtual_ipaddress {\n ${VIP}/24\n }`,
  },
  {
    name: 'VRRPv3',
    vip: VIP,
    lvsd: { advertIntMs: 200 },
    keepalived: () => `version 3\n advert_int 0.2\n virtual_ipaddress {\n ${VIP}/24\n }`,
  },
  {
    name: 'IPv6',
    vip: VIP6,
    lvsd: { advertIntMs: 200 },
    keepalived: () => `version 3\n advert_int 0.2\n virtual_ipaddress {\n fe80::64\n ${VIP6}\n }`,
  },
  {
    name: 'unicast',
    vip: VIP,
    lvsd: { advertIntMs: 200 },
    transport: (self, peer) => ({
      kind: 'unicast',
      peers: [{ address: peer.ipv4 }],
      sourceAddress: self.ipv4,
      ttl: 255,
      checkSource: true,
      faultNoPeer: false,
      oldChecksum: 'auto',
    }),
    keepalived: (self, peer) =>
      `version 3\n advert_int 0.2\n unicast_src_ip ${self.ipv4}\n unicast_peer {\n ${peer.ipv4}\n }\n virtual_ipaddress {\n ${VIP}/24\n }`,
  },
];

/** What lvsd's log has against its peer: a cable that was cut is not the peer's fault. */
function complaintsOf(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => /dropped|WARN|ERROR/.test(line));
  return lines.filter((line) => !/FAULT: interface eth0 is down|: send "to .*: ENET/.test(line));
}

type Who = 'lvsd' | 'keepalived';

/** What a busy machine may add to the time of a takeover. */
const BUSY_MS = 1000;

function blockOf(priority: number, lines: string): string {
  return `vrrp_instance VI_1 {\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority ${priority}\n ${lines}\n}\n`;
}

function has({ run }: Host, ip: string): boolean {
  return run('ip -br addr show dev eth0').includes(`${ip}/`);
}

describe('interoperation with keepalived', function () {
  this.timeout(60_000);
  before(function () {
    if (!existsSync(KEEPALIVED)) this.skip();
  });

  type Scene = {
    readonly hosts: Readonly<Record<Who, Host>>;
    readonly lvsd: VrrpProcess;
    readonly keepalived: Keepalived;
    readonly startLvsd: (priority: number) => Promise<void>;
    readonly startKeepalived: (priority: number) => void;
    /** Waits until one of them has the address and the other has not: how long that took, in ms. */
    readonly owner: (who: Who) => Promise<number>;
  };

  async function meet(
    { vip, lvsd: change, keepalived: lines, transport }: Way,
    body: (scene: Scene) => Promise<void>,
  ) {
    await withNetwork(['l', 'k'], async (network) => {
      const [l, k] = [network.host('l'), network.host('k')];
      const lvsd = new VrrpProcess(l);
      const keepalived = new Keepalived(k);
      const virtualAddresses =
        vip === VIP6 ? [address('fe80::64'), address(VIP6)] : [{ ...address(vip), prefixLength: 24 }];
      const basis = instance({ addresses: [vip], virtualAddresses, ...change });
      const way = transport === undefined ? {} : { transport: transport(l, k) };
      try {
        await body({
          hosts: { lvsd: l, keepalived: k },
          lvsd,
          keepalived,
          startLvsd: (priority) => lvsd.start(vrrpConfig([{ ...basis, ...way, priority }])),
          startKeepalived: (priority) => keepalived.start(blockOf(priority, lines(k, l))),
          owner: async (who) => {
            const sole = () => has(l, vip) === (who === 'lvsd') && has(k, vip) === (who === 'keepalived');
            const startAt = performance.now();
            await eventually(`${who} alone has ${vip}`, sole, 8000).catch((error: Error) => {
              throw new Error(`${error.message}\n${lvsd.log}\n${keepalived.log}`);
            });
            return performance.now() - startAt;
          },
        });
        assert.doesNotMatch(keepalived.log, COMPLAINTS);
        assert.deepEqual(complaintsOf(lvsd.log), []);
      } finally {
        await Promise.all([lvsd.dispose(), keepalived.dispose()]);
      }
    });
  }

  for (const way of WAYS) {
    it(`${way.name}: keepalived is backup, takes over at a stop, and gives way to a higher priority`, async () => {
      await meet(way, async ({ lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
        await startLvsd(150);
        startKeepalived(100);
        await owner('lvsd');
        await sleep(3 * (way.lvsd.advertIntMs ?? 1000) + 1500);
        assert.equal(keepalived.masterships, 0, keepalived.log);
        await lvsd.end('stop');
        await owner('keepalived');
        await startLvsd(150);
        await owner('lvsd');
        assert.equal(keepalived.masterships, 1);
      });
    });

    it(`${way.name}: lvsd is backup of keepalived, takes over at its stop, and gives way`, async () => {
      await meet(way, async ({ lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
        startKeepalived(150);
        await startLvsd(100);
        await owner('keepalived');
        await sleep(3 * (way.lvsd.advertIntMs ?? 1000) + 1500);
        const { state, counts, master } = await lvsd.instance();
        assert.equal(state, 'BACKUP');
        assert.equal(master?.priority, 150);
        assert.deepEqual(counts.drops, {});
        await keepalived.stop();
        await owner('lvsd');
        startKeepalived(150);
        await owner('keepalived');
        assert.equal((await lvsd.instance()).counts.becameMaster, 1);
      });
    });

    for (const [master, backup] of [
      ['lvsd', 'keepalived'],
      ['keepalived', 'lvsd'],
    ] as const) {
      it(`${way.name}: ${master}'s cable is cut: ${backup} is master in Master_Down_Interval, once, and gives way after`, async () => {
        await meet(way, async ({ hosts, lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
          await startLvsd(master === 'lvsd' ? 150 : 100);
          startKeepalived(master === 'lvsd' ? 100 : 150);
          await owner(master);
          await sleep(BUSY_MS);
          const config = instance(way.lvsd);
          const before = {
            lvsd: (await lvsd.instance()).counts.becameMaster,
            keepalived: keepalived.masterships,
          };
          hosts[master].unplug();
          const tookMs = await owner(backup);
          const wantedMs = masterDownIntervalMs(config, 100, config.advertIntMs);
          assert.ok(tookMs < wantedMs + BUSY_MS, `${tookMs} ms, wanted ${wantedMs}`);
          hosts[master].plug();
          await owner(master);
          await sleep(2 * wantedMs);
          const after = {
            lvsd: (await lvsd.instance()).counts.becameMaster,
            keepalived: keepalived.masterships,
          };
          assert.deepEqual(
            after,
            { lvsd: before.lvsd + 1, keepalived: before.keepalived + 1 },
            keepalived.log,
          );
        });
      });
    }
  }

  for (const [name, lvsd, version] of [
    ['VRRPv2', { version: 2, advertIntMs: 1000 }, 2],
    ['VRRPv3', { advertIntMs: 1000 }, 3],
  ] as const) {
    it(`${name}: priority 0 of either is answered after Skew_Time, not after three adverts`, async () => {
      const keepalivedLines = `version ${version}\n advert_int 1\n virtual_ipaddress {\n ${VIP}/24\n }`;
      const way: Way = { name, vip: VIP, lvsd, keepalived: () => keepalivedLines };
      const least = 3 * lvsd.advertIntMs - lvsd.advertIntMs;
      assert.ok(skewTimeMs(version, 100, lvsd.advertIntMs) + BUSY_MS < least, 'the two must be told apart');
      await meet(way, async ({ lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
        await startLvsd(150);
        startKeepalived(100);
        await owner('lvsd');
        await sleep(BUSY_MS);
        const ended = lvsd.end('stop');
        assert.ok((await owner('keepalived')) < least);
        await ended;
        await startLvsd(90);
        await sleep(BUSY_MS);
        const stopped = keepalived.stop();
        assert.ok((await owner('lvsd')) < least);
        await stopped;
      });
    });
  }
});
