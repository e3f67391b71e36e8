/** Gratuitous ARP and unsolicited neighbour advertisements of a real director, as its neighbours see them: how many, when, and where. */
import assert from 'node:assert/strict';
import type { GarpConfig, InstanceConfig, VrrpConfig } from '../../../../src/vrrp/config.js';
import type { AddressConfig } from '../../../../src/vrrp/place/network-config.js';
import { type Frame, type Sniffer, sniff } from '../../../support/frame-sniffer.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host } from '../../../support/namespaces.js';
import { withPair } from '../../../support/pair.js';
import { GARP } from '../../../support/routers.js';

const VIP = { ...address('10.77.0.100'), prefixLength: 24 };
const VIP6 = { ...address('fd77::100'), prefixLength: 64 };

/** Unsolicited advertisements go to all nodes. */
const ANNOUNCEMENTS = 'arp or (icmp6 and dst host ff02::1 and icmp6[0] == 136)';
/** Of the wall clock and of a busy machine, beside seconds. */
const SLACK_MS = 400;

/** One set and no more, unless a test says otherwise. */
const ONCE: GarpConfig = {
  ...GARP,
  masterDelayMs: 0,
  masterRepeat: 1,
  lowerPrioDelayMs: 0,
  lowerPrioRepeat: 0,
};

function holding(
  excludedAddresses: readonly AddressConfig[],
  garp: Partial<GarpConfig>,
  more: Partial<VrrpConfig> = {},
): (own: Partial<InstanceConfig>) => VrrpConfig {
  const common = { advertIntMs: 500, virtualAddresses: [VIP], excludedAddresses, garp: { ...ONCE, ...garp } };
  return (own) => vrrpConfig([instance({ ...common, ...own })], more);
}

/** Announcements of one address: it asks for itself, or advertises itself. */
function of(sniffer: Sniffer, { address: text, family }: AddressConfig): readonly Frame[] {
  if (family === 'ipv4') return sniffer.having(`who-has ${text} (ff:ff:ff:ff:ff:ff) tell ${text},`);
  return sniffer.having(`neighbor advertisement, tgt is ${text},`);
}

function macOf({ run }: Host, name = 'eth0'): string {
  return /link\/ether (\S+)/.exec(run(`ip link show dev ${name}`))?.[1] ?? '';
}

/** `eth1` with its other end `eth1p`, where its announcements can be seen. */
function addSecond({ run }: Host): void {
  run('ip link add eth1 type veth peer name eth1p');
  for (const end of ['eth1', 'eth1p']) run(`ip link set ${end} up`);
}

describe('announcements of a director', () => {
  it('garp_master_repeat at the takeover, again after garp_master_delay, then garp_master_refresh_repeat each refresh', async () => {
    const garp = { masterRepeat: 3, masterDelayMs: 2000, masterRefreshMs: 2000, masterRefreshRepeat: 2 };
    /** Which set begins with which frame, and how long after the takeover. */
    const sets = [
      { first: 0, count: 3, atMs: 0 },
      { first: 3, count: 3, atMs: 2000 },
      { first: 6, count: 2, atMs: 4000 },
      { first: 8, count: 2, atMs: 6000 },
    ];
    await withPair(holding([VIP6], garp), async ({ network, a, b }) => {
      const sniffer = await sniff(
        network.host('client'),
        `ether src ${macOf(b.host)} and (${ANNOUNCEMENTS})`,
      );
      await a.kill();
      for (const vip of [VIP, VIP6]) {
        await eventually(`ten of ${vip.address}`, () => of(sniffer, vip).length >= 10);
        const frames = of(sniffer, vip);
        const beganAt = frames[0]?.at ?? 0;
        const afterMs = frames.map(({ at }) => Math.round(at - beganAt));
        for (const { first, count, atMs } of sets) {
          const set = afterMs.slice(first, first + count);
          assert.ok(
            set.every((ms) => ms >= atMs - SLACK_MS && ms < atMs + 2000 - SLACK_MS),
            `${vip.address}: ${set} in ${afterMs}, wanted ${atMs}`,
          );
        }
      }
    });
  });

  it('garp_interval and gna_interval are kept between the packets of all addresses', async () => {
    const addresses = ['10.77.0.101', '10.77.0.102', 'fd77::101', 'fd77::102'].map(address);
    const garpGroups = [{ interfaces: ['eth0'], garpIntervalMs: 200, gnaIntervalMs: 100 }];
    const configure = holding(addresses, { masterRepeat: 2 }, { garpGroups });
    await withPair(configure, async ({ network, a, b }) => {
      const sniffer = await sniff(
        network.host('client'),
        `ether src ${macOf(b.host)} and (${ANNOUNCEMENTS})`,
      );
      await a.kill();
      const all = (family: 'ipv4' | 'ipv6') =>
        [VIP, ...addresses].filter((each) => each.family === family).flatMap((each) => of(sniffer, each));
      await eventually('all', () => all('ipv4').length >= 6 && all('ipv6').length >= 4);
      assert.deepEqual([all('ipv4').length, all('ipv6').length], [6, 4]);
      const spanOf = (frames: readonly Frame[]) => {
        const times = frames.map(({ at }) => at);
        return Math.max(...times) - Math.min(...times);
      };
      // One may leave late and the next on time, so that one gap is shorter.
      assert.ok(spanOf(all('ipv4')) >= 4 * 200, `ARP: ${spanOf(all('ipv4'))} ms`);
      assert.ok(spanOf(all('ipv6')) >= 2 * 100, `ND: ${spanOf(all('ipv6'))} ms`);
    });
  });

  it('garp_extra_if all: one address of a family on another interface, again and again', async () => {
    const on = (text: string) => ({ ...address(text), interface: 'eth1' });
    const [first, last, six] = [on('10.79.0.100'), on('10.79.0.101'), on('fd79::100')] as const;
    const configure = holding([first, last, six], { extraIf: { intervalMs: 1000, all: true } });
    await withPair(holding([], {}), async ({ network, a, b }) => {
      // Alone, it becomes master with one set and nothing more.
      await b.kill();
      await a.end('stop');
      addSecond(a.host);
      const far = await sniff(a.host, ANNOUNCEMENTS, 'eth1p');
      const near = await sniff(network.host('client'), ANNOUNCEMENTS);
      await a.start(configure({ priority: 150 }));
      await a.until('MASTER');
      await eventually('three refreshes', () => [last, six].every((each) => of(far, each).length >= 4));
      assert.equal(of(far, first).length, 1, 'the other one at the takeover alone');
      assert.equal(of(near, VIP).filter(({ source }) => source === macOf(a.host)).length, 1);
      const times = of(far, last).map(({ at }) => at);
      const spanMs = (times[3] ?? 0) - (times[0] ?? 0);
      assert.ok(spanMs >= 3000 - SLACK_MS, `three refreshes within ${spanMs} ms`);
    });
  });

  it('an address that somebody deletes is back and announced, garp_master_repeat times', async () => {
    await withPair(holding([VIP6], { masterRepeat: 3 }), async ({ network, a }) => {
      await eventually('the first set', () => a.host.run('ip -6 addr show dev eth0').includes('fd77::100/'));
      const sniffer = await sniff(network.host('client'), ANNOUNCEMENTS);
      assert.deepEqual(sniffer.frames, []);
      a.host.run('ip addr del 10.77.0.100/24 dev eth0');
      await eventually('three', () => [VIP, VIP6].every((vip) => of(sniffer, vip).length >= 3));
      assert.match(a.host.run('ip addr show dev eth0'), /10\.77\.0\.100\/24/);
      const sources = new Set([...of(sniffer, VIP), ...of(sniffer, VIP6)].map(({ source }) => source));
      assert.deepEqual([...sources], [macOf(a.host)]);
      const { counts } = await a.instance();
      assert.deepEqual([of(sniffer, VIP).length, of(sniffer, VIP6).length, counts.becameMaster], [3, 3, 1]);
    });
  });

  it('an address that comes by a reload is announced, garp_master_repeat times', async () => {
    const added = address('10.77.0.101');
    await withPair(holding([], { masterRepeat: 3 }), async ({ network, a }) => {
      const sniffer = await sniff(network.host('client'), ANNOUNCEMENTS);
      a.configure(holding([added, VIP6], { masterRepeat: 3 })({ priority: 150 }));
      await eventually('three', () => [added, VIP6].every((each) => of(sniffer, each).length >= 3));
      assert.deepEqual(
        [added, VIP6].map((each) => of(sniffer, each).length),
        [3, 3],
      );
    });
  });
});
