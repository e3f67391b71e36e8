/** A neighbour whose packets do not belong: nothing changes, each is counted by its reason, and adverts stay on time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { interfaceIndex } from '../../../../src/net/libc.js';
import { openRawSender } from '../../../../src/net/raw-sender.js';
import { SystemError } from '../../../../src/net/system-error.js';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import type { DropReason } from '../../../../src/vrrp/packets/drop-reasons.js';
import type { VrrpStatus } from '../../../../src/vrrp/status.js';
import { faultsOf, goodPacket, ipPacket, type Packet, spoiled, Tally } from '../../../support/hostile.js';
import { type HostileRouter, hostileRouters } from '../../../support/hostile-routers.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';

const FLOOD = fileURLToPath(new URL('../../../support/flood.js', import.meta.url));
const GROUP = '224.0.0.18';

const NETWORKS = { ipv4: '10.77.0.', ipv6: 'fd77::' };
const ROUNDS = 100;

function pairOf(change: Partial<InstanceConfig>) {
  return vrrpConfig([
    instance({ virtualAddresses: [{ ...address('10.77.0.100'), prefixLength: 24 }], ...change }),
  ]);
}

function pairOfAll(change: Partial<InstanceConfig>, number: 1 | 2) {
  const on = { interface: 'eth0' };
  const instances = hostileRouters(number, NETWORKS).map(({ config }) => ({
    ...config,
    ...on,
    virtualAddresses: config.virtualAddresses.map((each) => ({ ...each, ...on })),
    ...change,
  }));
  return vrrpConfig(instances);
}

describe('a hostile neighbour', () => {
  function withPair(change: Partial<InstanceConfig>, body: (pair: Pair) => Promise<void>): Promise<void> {
    return startPair((own) => pairOf({ ...own, ...change }), body);
  }

  it('every reason there can be is counted, packet by packet, by master and backup, and adverts go on', async () => {
    const routers = ([1, 2] as const).map((number) => hostileRouters(number, NETWORKS));
    await startPair(pairOfAll, async ({ network, a, b }) => {
      const client = network.host('client');
      // Without it the kernel itself drops IPv4 packets from a host's own address.
      for (const { host } of [a, b]) host.run('sysctl -qw net.ipv4.conf.all.accept_local=1');
      const sendings = routers.flatMap((each, i) => sendingsOf(each, i));
      const look = () => Promise.all([a.status(), b.status()]);
      const before = await look();
      await send(client, sendings);
      let after = before;
      const all = async () => {
        after = await look();
        return ([0, 1] as const).every((i) => sumOf(dropped(after[i])) >= sumOf(wantedOf(sendings, i)));
      };
      // What is missing is told below.
      await eventually('all are counted', all).catch(() => {});
      // One too many would be counted by then as well.
      await sleep(300);
      after = await look();
      for (const director of [0, 1] as const) {
        assert.deepEqual(dropped(after[director]), wantedOf(sendings, director));
        assert.deepEqual(stood(after[director]), stood(before[director]));
      }
      const heard = heardOf(after[1]).map((adverts, i) => adverts - (heardOf(before[1])[i] ?? 0));
      assert.ok(
        heard.every((adverts) => adverts >= 2),
        `${heard} adverts heard by the backup meanwhile`,
      );
    });
  });

  it('20,000 packets of junk a second: nobody moves, all are counted, and adverts keep their beat', async () => {
    const advertIntMs = 200;
    await withPair({ advertIntMs }, async ({ network, a, b }) => {
      const client = network.host('client');
      const sniffer = b.host.start(`tcpdump -l -tt -n -i eth0 proto 112 and src host ${a.host.ipv4}`);
      let seen = '';
      sniffer.stdout?.on('data', (data: Buffer) => {
        seen += data.toString();
      });
      await eventually('the sniffer', () => seen !== '');
      const before = await b.instance();
      const flood = client.start(`${process.execPath} ${FLOOD} ${client.ipv4} ${GROUP} 20000 5`);
      let sent = 0;
      flood.stdout?.on('data', (data: Buffer) => {
        sent += Number(data.toString());
      });
      await once(flood, 'close');
      const counted = async () => sumOf(dropped(await b.status()));
      // The kernel may drop some of them itself where the machine is too busy to read, and counts those.
      const isAll = async () => (await counted()) + lostBy(b.host) >= 0.99 * sent;
      await eventually(`${sent} packets are counted`, isAll).catch(() => {});
      const [total, lost] = [await counted(), lostBy(b.host)];
      assert.ok(total > 0 && total + lost >= 0.99 * sent && total <= sent, `${total} and ${lost} of ${sent}`);
      assert.equal((await b.instance()).counts.transitions, before.counts.transitions);
      assert.equal((await a.instance()).state, 'MASTER');
      const times = [...seen.matchAll(/^(\d+\.\d+) /gm)].map(([, at]) => Number(at) * 1000);
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
      assert.ok(gaps.length >= 15, `${gaps.length} gaps`);
      // The machine itself may stand still for a moment.
      const late = gaps.filter((gap) => gap >= 2 * advertIntMs);
      assert.ok(late.length <= 0.1 * gaps.length, `of ${gaps.length} gaps, in ms: ${late}`);
    });
  });
});

type Sending = {
  /** The directors that hear it: 0 or 1, or both. */
  readonly to: readonly number[];
  readonly instance: string;
  readonly packets: readonly { readonly reason: DropReason; readonly packet: Packet }[];
};

/** A packet with each fault, for director 0 or 1; what goes to a group is sent once. */
function sendingsOf(routers: readonly HostileRouter[], number: number): readonly Sending[] {
  return routers.flatMap(({ config, primaryAddress, peer, stranger }) => {
    const multicast = config.transport.kind === 'multicast';
    if (multicast && number > 0) return [];
    const receiver = { ...config, primaryAddress };
    const good = goodPacket(receiver, multicast ? stranger : peer);
    const packets = faultsOf(receiver, stranger)
      // No socket hears what is sent to another address; and a group has two directors, each with an address of its own.
      .filter(({ reason }) => reason !== 'destination_err' && !(multicast && reason === 'own_source'))
      .map((fault) => ({ reason: fault.reason, packet: spoiled(receiver, good, [fault]) }));
    const empty = { reason: 'ip_header_err', packet: { ...good, payload: new Uint8Array() } } as const;
    const to = multicast ? [0, 1] : [number];
    return [{ to, instance: config.name, packets: [...packets, empty] }];
  });
}

/** By instance, and `none` for what names none of them. */
function wantedOf(sendings: readonly Sending[], director: number): Tally['counts'] {
  const wanted = new Tally();
  for (const { instance, packets } of sendings.filter(({ to }) => to.includes(director))) {
    for (const { reason } of packets) {
      const nobodys = reason === 'vrid_err' || reason === 'ip_header_err';
      wanted.add(nobodys ? 'none' : instance, reason, ROUNDS);
    }
  }
  return wanted.counts;
}

function dropped({ instances, drops }: VrrpStatus): Tally['counts'] {
  return { ...Object.fromEntries(instances.map(({ name, counts }) => [name, counts.drops])), none: drops };
}

function sumOf(counts: Tally['counts']): number {
  return Object.values(counts)
    .flatMap((each) => Object.values(each))
    .reduce((sum, each) => sum + each, 0);
}

/** Packets that found the receive buffers of raw sockets full. */
function lostBy({ run }: Host): number {
  const sockets = run('cat /proc/net/raw').trim().split('\n').slice(1);
  return sockets.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}

function stood({ instances }: VrrpStatus) {
  return instances.map(({ name, state, counts }) => [name, state, counts.transitions]);
}

function heardOf({ instances }: VrrpStatus): readonly number[] {
  return instances.map(({ counts }) => counts.advertsReceived);
}

async function send(client: Host, sendings: readonly Sending[]): Promise<void> {
  const on = { name: 'eth0', index: client.enter(() => interfaceIndex('eth0')) };
  const senders = client.enter(() => [openRawSender('ipv4', on), openRawSender('ipv6', on)]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { packet } of sendings.flatMap(({ packets }) => packets)) {
      const sender = senders[packet.source.includes(':') ? 1 : 0];
      assert.ok(sender !== undefined && !(sender instanceof SystemError));
      assert.equal(sender.send(ipPacket(packet), packet.destination), undefined);
    }
    await sleep(30);
  }
  for (const sender of senders) if (!(sender instanceof SystemError)) sender.close();
}
