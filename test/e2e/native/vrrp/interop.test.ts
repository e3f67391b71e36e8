/** With a real keepalived of Debian as the peer: each is master and backup of the other, and neither complains. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, sleep, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const KEEPALIVED = '/usr/sbin/keepalived';
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

/** Words of keepalived's log that would mean it did not like what it heard. */
const COMPLAINTS = /invalid|mismatch|bogus|error|wrong|incorrect|differ|unexpected|ignoring/i;

class Keepalived {
  readonly #directory = mkdtempSync(join(tmpdir(), 'lvsd-interop-'));
  #log = '';
  #child: ChildProcess | undefined;

  constructor(private readonly host: Host) {}

  get log(): string {
    return this.#log;
  }

  /** How often it became master. */
  get masterships(): number {
    return [...this.#log.matchAll(/Entering MASTER STATE/g)].length;
  }

  start(priority: number, lines: string): void {
    const at = (name: string) => join(this.#directory, name);
    const block = `vrrp_instance VI_1 {\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority ${priority}\n ${lines}\n}\n`;
    writeFileSync(at('conf'), `global_defs {\n router_id K\n}\n${block}`);
    const files = `-p ${at('pid')} -r ${at('vrrp.pid')}`;
    const child = this.host.start(`${KEEPALIVED} -n -l -D -P -f ${at('conf')} ${files}`);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#log += data.toString();
      });
    }
    this.#child = child;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
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
    readonly lvsd: VrrpProcess;
    readonly keepalived: Keepalived;
    readonly startLvsd: (priority: number) => Promise<void>;
    readonly startKeepalived: (priority: number) => void;
    readonly owner: (who: 'lvsd' | 'keepalived') => Promise<void>;
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
          lvsd,
          keepalived,
          startLvsd: (priority) => lvsd.start(vrrpConfig([{ ...basis, ...way, priority }])),
          startKeepalived: (priority) => keepalived.start(priority, lines(k, l)),
          owner: async (who) => {
            const sole = () => has(l, vip) === (who === 'lvsd') && has(k, vip) === (who === 'keepalived');
            await eventually(`${who} alone has ${vip}`, sole, 8000).catch((error: Error) => {
              throw new Error(`${error.message}\n${lvsd.log}\n${keepalived.log}`);
            });
          },
        });
        assert.doesNotMatch(keepalived.log, COMPLAINTS);
        assert.doesNotMatch(lvsd.log, /dropped|WARN|ERROR/);
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
  }
});
