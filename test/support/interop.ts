/**
 * lvsd and a real keepalived of Debian as each other's peer: each is master and backup of the other, takes over in the protocol's
 * time and no more often than it should, and neither complains.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { masterDownIntervalMs, skewTimeMs } from '../../src/vrrp/election/timers.js';
import { complaintsOf } from './complaints.js';
import { address, instance, vrrpConfig } from './instances.js';
import { Keepalived } from './keepalived.js';
import { eventually, type Host, withNetwork } from './namespaces.js';
import { silenceMs, sniffAdverts } from './sniffer.js';
import { VrrpProcess } from './vrrp-process.js';

export const VIP = '10.77.0.100';
export const VIP6 = 'fd77::64';

export type Way = {
  readonly name: string;
  readonly vip: string;
  readonly lvsd: Partial<InstanceConfig>;
  /** Lines of keepalived's vrrp_instance. */
  readonly keepalived: (self: Host, peer: Host) => string;
  /** What lvsd must know of the hosts. */
  readonly transport?: (self: Host, peer: Host) => InstanceConfig['transport'];
};

/** Between adverts where nothing else is wanted: a machine that stands still for half a second causes no takeover. */
export const OFTEN_MS = 500;

/** What a busy machine may add to the time of a takeover. */
const BUSY_MS = 1000;

/** The claims of one way to be configured. Call it in a describe. */
export function claimInterop(way: Way): void {
  it(`${way.name}: keepalived is backup, takes over at a stop, and gives way to a higher priority`, async () => {
    await meet(way, async ({ lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
      await startLvsd(150);
      await owner('lvsd');
      await startKeepalived(100);
      await sleep(3 * (way.lvsd.advertIntMs ?? 1000) + 1500);
      assert.equal(keepalived.masterships, 0, keepalived.log);
      await lvsd.end('stop');
      await owner('keepalived');
      await startLvsd(150);
      await owner('lvsd');
      await eventually('its log', () => keepalived.masterships > 0);
      assert.equal(keepalived.masterships, 1);
    });
  });

  it(`${way.name}: lvsd is backup of keepalived, takes over at its stop, and gives way`, async () => {
    await meet(way, async ({ lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
      await startKeepalived(150);
      await owner('keepalived');
      await startLvsd(100);
      await sleep(3 * (way.lvsd.advertIntMs ?? 1000) + 1500);
      const { state, counts, master } = await lvsd.instance();
      assert.equal(state, 'BACKUP');
      assert.equal(master?.priority, 150);
      assert.deepEqual(counts.drops, {});
      await keepalived.stop();
      await owner('lvsd');
      await startKeepalived(150);
      await owner('keepalived');
      assert.equal((await lvsd.instance()).counts.becameMaster, 1);
    });
  });

  for (const [master, backup] of [
    ['lvsd', 'keepalived'],
    ['keepalived', 'lvsd'],
  ] as const) {
    it(`${way.name}: ${master}'s cable is cut: ${backup} is master in Master_Down_Interval, once, and gives way after`, async () => {
      await meet(way, async ({ hosts, lvsd, keepalived, startLvsd, startKeepalived, owner, forgive }) => {
        const start = { lvsd: startLvsd, keepalived: startKeepalived };
        await start[master](150);
        await owner(master);
        await start[backup](100);
        await sleep(BUSY_MS);
        const config = instance(way.lvsd);
        const before = {
          lvsd: (await lvsd.instance()).counts.becameMaster,
          keepalived: keepalived.masterships,
        };
        const adverts = await sniffAdverts(hosts[backup]);
        await eventually('an advert', () => adverts().length > 0);
        // Plugged in again, both are masters until each has heard the other.
        forgive(/heard a master of lower priority/);
        hosts[master].unplug();
        await owner(backup);
        const wantedMs = masterDownIntervalMs(config, 100, config.advertIntMs);
        hosts[master].plug();
        await owner(master);
        await sleep(2 * wantedMs);
        const tookMs = silenceMs(adverts(), 150, 100);
        assert.ok(
          tookMs > wantedMs - config.advertIntMs / 10,
          `${tookMs} ms are too early, wanted ${wantedMs}`,
        );
        assert.ok(tookMs < wantedMs + 2 * BUSY_MS, `${tookMs} ms, wanted ${wantedMs}`);
        await eventually('its log', () => keepalived.masterships > before.keepalived);
        const after = {
          lvsd: (await lvsd.instance()).counts.becameMaster,
          keepalived: keepalived.masterships,
        };
        assert.deepEqual(after, { lvsd: before.lvsd + 1, keepalived: before.keepalived + 1 }, keepalived.log);
      });
    });
  }
}

/** Of adverts a second apart: a shorter interval would not tell the two times apart. */
export function claimPriorityZero(way: Way): void {
  const version = way.lvsd.version ?? 3;
  const advertIntMs = way.lvsd.advertIntMs ?? 1000;
  it(`${way.name}: priority 0 of either is answered after Skew_Time, not after three adverts`, async () => {
    // Who does not heed it waits for three adverts and Skew_Time, the last advert being one interval old at the most.
    const least = 2.5 * advertIntMs;
    assert.ok(skewTimeMs(version, 90, advertIntMs) + BUSY_MS < least, 'the two must be told apart');
    await meet(way, async ({ hosts, lvsd, keepalived, startLvsd, startKeepalived, owner }) => {
      await startLvsd(150);
      await owner('lvsd');
      await startKeepalived(100);
      await sleep(BUSY_MS);
      const ofKeepalived = await sniffAdverts(hosts.keepalived);
      await lvsd.end('stop');
      await owner('keepalived');
      await eventually('its advert', () => ofKeepalived().some(({ priority }) => priority === 100));
      assert.ok(silenceMs(ofKeepalived(), 0, 100) < least, JSON.stringify(ofKeepalived()));
      await startLvsd(90);
      await sleep(BUSY_MS);
      const ofLvsd = await sniffAdverts(hosts.lvsd);
      await keepalived.stop();
      await owner('lvsd');
      await eventually('its advert', () => ofLvsd().some(({ priority }) => priority === 90));
      assert.ok(silenceMs(ofLvsd(), 0, 90) < least, JSON.stringify(ofLvsd()));
    });
  });
}

/** What lvsd's log has against its peer: a cable that was cut is not the peer's fault. */
function reproachesOf(log: string, forgiven: readonly RegExp[]): readonly string[] {
  const lines = log.split('\n').filter((line) => /dropped|WARN|ERROR/.test(line));
  const none = [/FAULT: interface eth0 is down|: send "to .*: ENET/, ...forgiven];
  return lines.filter((line) => !none.some((each) => each.test(line)));
}

type Who = 'lvsd' | 'keepalived';

function blockOf(priority: number, lines: string): string {
  return `vrrp_instance VI_1 {\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority ${priority}\n ${lines}\n}\n`;
}

function has({ run }: Host, ip: string): boolean {
  return run('ip -br addr show dev eth0').includes(`${ip}/`);
}

type Scene = {
  readonly hosts: Readonly<Record<Who, Host>>;
  readonly lvsd: VrrpProcess;
  readonly keepalived: Keepalived;
  readonly startLvsd: (priority: number) => Promise<void>;
  /** Waits until it takes part. */
  readonly startKeepalived: (priority: number) => Promise<void>;
  /** Waits until one of them has the address and the other has not. */
  readonly owner: (who: Who) => Promise<void>;
  /** Lines of lvsd's log like this are no reproach. */
  readonly forgive: (line: RegExp) => void;
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
    const forgiven: RegExp[] = [];
    const way = transport === undefined ? {} : { transport: transport(l, k) };
    try {
      await body({
        hosts: { lvsd: l, keepalived: k },
        lvsd,
        keepalived,
        startLvsd: (priority) => lvsd.start(vrrpConfig([{ ...basis, ...way, priority }])),
        startKeepalived: async (priority) => {
          const entered = () => [...keepalived.log.matchAll(/\) Entering BACKUP STATE/g)].length;
          const before = entered();
          keepalived.start(blockOf(priority, lines(k, l)));
          await eventually('keepalived takes part', () => entered() > before);
        },
        owner: async (who) => {
          const sole = () => has(l, vip) === (who === 'lvsd') && has(k, vip) === (who === 'keepalived');
          await eventually(`${who} alone has ${vip}`, sole).catch((error: Error) => {
            throw new Error(`${error.message}\n${lvsd.log}\n${keepalived.log}`);
          });
        },
        forgive: (line) => void forgiven.push(line),
      });
      assert.deepEqual(complaintsOf(keepalived.log), []);
      assert.deepEqual(reproachesOf(lvsd.log, forgiven), []);
    } finally {
      await Promise.all([lvsd.dispose(), keepalived.dispose()]);
    }
  });
}
