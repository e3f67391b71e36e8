/** Adverts between real hosts: who hears what, and what a flood does. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { interfaceIndex } from '../../../../src/net/libc.js';
import type { TransportConfig } from '../../../../src/vrrp/config.js';
import { type Stray, type Transport, Transports } from '../../../../src/vrrp/packets/transport.js';
import { value } from '../../../support/kernel-routes.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

const FLOOD = fileURLToPath(new URL('../../../support/flood.js', import.meta.url));

/** Packets that a socket's buffer holds easily, and those that are read of it at a time. */
const PILE = 500;
const BATCH = 32;

const MULTICAST: TransportConfig = { kind: 'multicast', group: '224.0.0.18' };
const MULTICAST6: TransportConfig = { kind: 'multicast', group: 'ff02::12' };

function unicast(peers: readonly string[], ttl = 255): TransportConfig {
  return {
    kind: 'unicast',
    peers: peers.map((address) => ({ address })),
    ttl,
    checkSource: false,
    faultNoPeer: false,
    oldChecksum: 'auto',
  };
}

function advert(virtualRouterId: number): Uint8Array {
  return Uint8Array.of(0x31, virtualRouterId, 100, 1, 0, 100, 0, 0, 192, 0, 2, 1);
}

class Station {
  readonly heard: string[] = [];
  readonly strays: Stray[] = [];
  /** Called with each packet of an instance. */
  listener = (): void => {};
  readonly transports = new Transports(
    (stray) => this.strays.push(stray),
    () => {},
  );
  readonly #open: Transport[] = [];
  constructor(readonly host: Host) {}

  open(virtualRouterId: number, config: TransportConfig, family: 'ipv4' | 'ipv6' = 'ipv4') {
    const on = { name: 'eth0', index: this.host.enter(() => interfaceIndex('eth0')) };
    const primaryAddress = this.host[family];
    const transport = this.host.enter(() =>
      this.transports.open(
        { family, virtualRouterId, config, interface: on, primaryAddress },
        (payload, { source, ttl }) => {
          this.heard.push(`${virtualRouterId} ${payload[1]} ${source} ${ttl}`);
          this.listener();
        },
      ),
    );
    const opened = value(transport);
    this.#open.push(opened);
    return opened;
  }

  close(): void {
    for (const transport of this.#open) transport.close();
  }
}

function withStations(
  names: readonly string[],
  body: (stations: readonly Station[]) => Promise<void> | void,
): Promise<void> {
  return withNetwork(names, async ({ host }) => {
    const stations = names.map((name) => new Station(host(name)));
    try {
      await body(stations);
    } finally {
      for (const station of stations) station.close();
    }
  });
}

describe('transport between real hosts', () => {
  for (const [family, config] of [
    ['ipv4', MULTICAST],
    ['ipv6', MULTICAST6],
  ] as const) {
    it(`${family} multicast: each instance hears its own virtual router, the rest is a stray, the sender hears nothing`, () =>
      withStations(['a', 'b'], async ([a, b]) => {
        assert.ok(a && b);
        const [one, two] = [1, 2].map((vrid) => a.open(vrid, config, family));
        for (const vrid of [1, 2]) b.open(vrid, config, family);
        const source = a.host[family];
        for (const vrid of [1, 2, 3]) one?.send(advert(vrid), source, config.group);
        two?.send(Uint8Array.of(0x31), source, config.group);
        await eventually('all four', () => b.heard.length + b.strays.length === 4);
        assert.deepEqual(b.heard, [`1 1 ${source} 255`, `2 2 ${source} 255`]);
        assert.deepEqual(
          b.strays.map(({ reason, virtualRouterId }) => [reason, virtualRouterId]),
          [
            ['vrid_err', 3],
            ['ip_header_err', undefined],
          ],
        );
        assert.deepEqual([a.heard, a.strays], [[], []]);
      }));

    it(`${family} unicast: heard by the peers it is sent to, with their TTL, and by no multicast instance`, () =>
      withStations(['a', 'b', 'c'], async ([a, b, c]) => {
        assert.ok(a && b && c);
        const sender = a.open(7, unicast([b.host[family], c.host[family]], 64), family);
        assert.deepEqual(sender.destinations, [b.host[family], c.host[family]]);
        for (const station of [b, c]) station.open(7, unicast([a.host[family]]), family);
        c.open(7, config, family);
        for (const to of sender.destinations) sender.send(advert(7), a.host[family], to);
        await eventually('both', () => b.heard.length === 1 && c.heard.length >= 1);
        await sleep(30);
        assert.deepEqual([b.heard, c.heard], [[`7 7 ${a.host[family]} 64`], [`7 7 ${a.host[family]} 64`]]);
      }));
  }

  it('two instances cannot have one virtual router on one interface; after close the place is free', () =>
    withStations(['a'], ([a]) => {
      assert.ok(a);
      const first = a.open(1, MULTICAST);
      assert.throws(() => a.open(1, MULTICAST), /EEXIST: another instance/);
      a.open(2, MULTICAST);
      first.close();
      a.open(1, MULTICAST);
    }));

  it('after the interface was deleted and made anew, a transport opened anew hears again', () =>
    withStations(['a', 'b'], async ([a, b]) => {
      assert.ok(a && b);
      const old = b.open(1, MULTICAST);
      b.host.run('ip link del eth0');
      assert.ok(old.send(advert(1), b.host.ipv4, '224.0.0.18'), 'an error, no exception');
      old.close();
      b.host.plugInAnew();
      b.open(1, MULTICAST);
      const sender = a.open(1, MULTICAST);
      await eventually('an advert', () => {
        sender.send(advert(1), a.host.ipv4, '224.0.0.18');
        return b.heard.length > 0;
      });
    }));

  it('adverts that come close together are left to gather, and are handed over at once where a timer asks', () =>
    withStations(['a', 'b'], async ([a, b]) => {
      assert.ok(a && b);
      b.transports.restMs = 100_000;
      const hearing = b.open(1, MULTICAST);
      const sender = a.open(1, MULTICAST);
      const send = () => sender.send(advert(1), a.host.ipv4, '224.0.0.18');
      // Only the second shows that they come close together.
      for (const count of [1, 2]) {
        send();
        await eventually(`${count}`, () => b.heard.length === count);
      }
      send();
      await sleep(50);
      assert.equal(b.heard.length, 2);
      hearing.drain();
      assert.equal(b.heard.length, 3);
    }));

  it('a timer waits for a few batches of packets at the most, however many have piled up', () =>
    withStations(['a', 'b'], async ([a, b]) => {
      assert.ok(a && b);
      b.open(1, MULTICAST);
      const sender = a.open(1, MULTICAST);
      // No turn of the event loop in between: nothing is read yet.
      for (let i = 0; i < PILE; i += 1) sender.send(advert(1), a.host.ipv4, '224.0.0.18');
      let overdue = 0;
      b.listener = () => {
        spin(0.05);
        if (performance.now() > dueAt) overdue += 1;
      };
      const timer = sleep(2);
      // Timers count whole milliseconds.
      const dueAt = performance.now() + 3;
      await timer;
      const before = { overdue, heard: b.heard.length };
      // The kernel may have lost some where the machine is busy; these are many still.
      await eventually('the pile', () => b.heard.length >= 10 * BATCH);
      assert.ok(before.heard < 10 * BATCH, `${before.heard} packets before it came`);
      assert.ok(before.overdue <= 4 * BATCH, `${before.overdue} packets after it was due`);
    }));

  it('of adverts amid a flood of 10,000 packets of junk a second, most are heard', () =>
    withStations(['a', 'b', 'c'], async ([a, b, c]) => {
      assert.ok(a && b && c);
      b.open(1, MULTICAST);
      const sender = a.open(1, MULTICAST);
      const flood = c.host.start(`${process.execPath} ${FLOOD} ${c.host.ipv4} 224.0.0.18 10000 2`);
      await eventually('the flood', () => b.strays.length > 100);
      let adverts = 0;
      for (; flood.exitCode === null; adverts += 1) {
        await sleep(10);
        sender.send(advert(1), a.host.ipv4, '224.0.0.18');
      }
      const heard = () => b.heard.filter((line) => line.startsWith('1 1 10.77.0.1 ')).length;
      // All of them, as a rule; a machine that is too busy to read loses some.
      await eventually(`most of ${adverts} adverts`, () => heard() > adverts / 2);
    }));
});

function spin(ms: number): void {
  const endAt = performance.now() + ms;
  while (performance.now() < endAt);
}
