/** Sync groups on both sides of a pair of lvsd and keepalived: what happens to one instance happens to both, and no more than once. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { complaintsOf } from '../../../support/complaints.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { Keepalived } from '../../../support/keepalived.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIPS = ['10.77.0.100', '10.77.0.101'];
const ADVERT_MS = 500;
/** Followed by the second instance alone. */
const TRACKED = 'eth1';

function lvsdGroup(priority: number) {
  const instances = VIPS.map((vip, i) => {
    const interfaces = i === 1 ? [{ name: TRACKED, weight: 0, reverse: false }] : [];
    return instance({
      name: `VI_${i + 1}`,
      virtualRouterId: 51 + i,
      priority,
      advertIntMs: ADVERT_MS,
      virtualAddresses: [{ ...address(vip), prefixLength: 24 }],
      track: { interfaces, scripts: [], files: [], processes: [], pools: [] },
    });
  });
  const { track, notify } = instance();
  const group = { name: 'VG', instances: ['VI_1', 'VI_2'], track, trackingWeight: false, notify };
  return vrrpConfig(instances, { syncGroups: [group] });
}

function keepalivedGroup(priority: number): string {
  const instances = VIPS.map((vip, i) => {
    const track = i === 1 ? `track_interface {\n ${TRACKED}\n }\n` : '';
    return `vrrp_instance VI_${i + 1} {
  state BACKUP
  interface eth0
  virtual_router_id ${51 + i}
  version 3
  priority ${priority}
  advert_int ${ADVERT_MS / 1000}
  ${track}
  virtual_ipaddress {
    ${vip}/24
  }
}\n`;
  });
  return `vrrp_sync_group VG {\n group {\n VI_1\n VI_2\n }\n}\n${instances.join('')}`;
}

type Who = 'lvsd' | 'keepalived';

const other = (who: Who): Who => (who === 'lvsd' ? 'keepalived' : 'lvsd');

describe('sync groups between lvsd and keepalived', () => {
  for (const master of ['lvsd', 'keepalived'] as const) {
    const backup = other(master);
    it(`${master} is master of both: a fault of one moves both to ${backup}, its end moves both back, and so does a stop`, async () => {
      await meet(master, async ({ hosts, owner, masterships, stop }) => {
        await owner(master);
        await sleep(5 * ADVERT_MS);
        const before = await masterships();
        hosts[master].run(`ip link set ${TRACKED} down`);
        await owner(backup);
        hosts[master].run(`ip link set ${TRACKED} up`);
        await owner(master);
        await sleep(5 * ADVERT_MS);
        const once = { lvsd: before.lvsd + 2, keepalived: before.keepalived + 2 };
        assert.deepEqual(await masterships(), once, 'both became master once more');
        await stop(master);
        await owner(backup);
      });
    });
  }
});

type Scene = {
  readonly hosts: Readonly<Record<Who, Host>>;
  /** Waits until one has both addresses and the other none. */
  readonly owner: (who: Who) => Promise<void>;
  /** How often instances of each became master. */
  readonly masterships: () => Promise<Record<Who, number>>;
  readonly stop: (who: Who) => Promise<void>;
};

/** The master has priority 150, the other 100; each has an interface that its second instance follows. */
async function meet(master: Who, body: (scene: Scene) => Promise<void>): Promise<void> {
  await withNetwork(['l', 'k'], async (network) => {
    const hosts = { lvsd: network.host('l'), keepalived: network.host('k') };
    for (const { run } of Object.values(hosts)) {
      run(`ip link add ${TRACKED} type veth peer name ${TRACKED}p`);
      for (const end of [TRACKED, `${TRACKED}p`]) run(`ip link set ${end} up`);
    }
    const lvsd = new VrrpProcess(hosts.lvsd);
    const keepalived = new Keepalived(hosts.keepalived);
    const priority = (who: Who) => (who === master ? 150 : 100);
    try {
      await lvsd.start(lvsdGroup(priority('lvsd')));
      keepalived.start(keepalivedGroup(priority('keepalived')));
      await body({
        hosts,
        owner: (who) =>
          eventually(`${who} has both`, () => held(hosts[who]) === 2 && held(hosts[other(who)]) === 0),
        masterships: async () => ({ lvsd: await mastershipsOf(lvsd), keepalived: keepalived.masterships }),
        stop: (who) => (who === 'lvsd' ? lvsd.end('stop') : keepalived.stop()),
      });
      assert.deepEqual(complaintsOf(keepalived.log), []);
      assert.doesNotMatch(lvsd.log, /dropped|ERROR/);
    } finally {
      await Promise.all([lvsd.dispose(), keepalived.dispose()]);
    }
  });
}

async function mastershipsOf(lvsd: VrrpProcess): Promise<number> {
  const { instances } = await lvsd.status();
  return instances.reduce((sum, { counts }) => sum + counts.becameMaster, 0);
}

function held({ run }: Host): number {
  const shown = run('ip -br addr show dev eth0');
  return VIPS.filter((vip) => shown.includes(`${vip}/`)).length;
}
