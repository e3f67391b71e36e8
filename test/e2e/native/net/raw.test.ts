/** Raw sockets against the real kernel: what leaves is what was asked for, what arrives is told as it was. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../../../../src/net/address.js';
import { encodeIpPacket } from '../../../../src/net/ip-packet.js';
import { interfaceIndex } from '../../../../src/net/libc.js';
import { openRawReceiver, type RawPacket, type Receiver } from '../../../../src/net/raw-receiver.js';
import { openRawSender } from '../../../../src/net/raw-sender.js';
import type { Interface } from '../../../../src/net/socket-options.js';
import { SystemError } from '../../../../src/net/system-error.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { PATIENCE_MS } from '../../../support/patience.js';

const GROUP4 = '224.0.0.18';
const GROUP6 = 'ff02::12';
const PAYLOAD = Uint8Array.of(0x31, 7, 100, 1, 0, 100, 0, 0, 10, 0, 0, 1);

function ok<T>(value: T | SystemError): T {
  assert.ok(!(value instanceof SystemError), String(value));
  return value;
}

function eth0(host: Host): Interface {
  return { name: 'eth0', index: host.enter(() => interfaceIndex('eth0')) };
}

type Heard = {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly bytes: string;
};

function listen(
  host: Host,
  options: { readonly family: 'ipv4' | 'ipv6'; readonly group?: string; readonly localAddress?: string },
): { readonly receiver: Receiver; readonly heard: Heard[]; readonly errors: string[] } {
  const heard: Heard[] = [];
  const errors: string[] = [];
  const receiver = host.enter(() =>
    openRawReceiver(
      { protocol: 112, interface: eth0(host), ...options },
      (packet) => heard.push(note(packet)),
      (error) => errors.push(error.code),
    ),
  );
  return { receiver: ok(receiver), heard, errors };
}

function note(packet: RawPacket): Heard {
  if (packet.family === 'ipv6') {
    return {
      source: formatAddress(packet.source),
      destination: formatAddress(packet.destination),
      ttl: packet.hopLimit,
      bytes: Buffer.from(packet.payload).toString('hex'),
    };
  }
  const { packet: p } = packet;
  return {
    source: formatAddress(p.subarray(12, 16)),
    destination: formatAddress(p.subarray(16, 20)),
    ttl: p[8] ?? 0,
    bytes: Buffer.from(p.subarray(20)).toString('hex'),
  };
}

const PAYLOAD_HEX = Buffer.from(PAYLOAD).toString('hex');

describe('raw sockets in a real network', () => {
  it('IPv4 multicast: TTL 255 and TOS 0xc0 on the wire, header whole at the receiver, no copy for ourselves', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const capture = capturing(b, 'ip proto 112');
      await capture.ready;
      const own = listen(a, { family: 'ipv4', group: GROUP4 });
      const { receiver, heard } = listen(b, { family: 'ipv4', group: GROUP4 });
      const sender = ok(a.enter(() => openRawSender('ipv4', eth0(a))));
      const header = { source: a.ipv4, destination: GROUP4, protocol: 112, ttl: 255, tos: 0xc0 };
      assert.equal(sender.send(encodeIpPacket(header, PAYLOAD), header.destination), undefined);
      await eventually('the packet at b', () => heard.length === 1);
      assert.deepEqual(heard, [{ source: a.ipv4, destination: GROUP4, ttl: 255, bytes: PAYLOAD_HEX }]);
      await eventually('tcpdump to show it', () => /tos 0xc0, ttl 255/.test(capture.text()));
      assert.match(capture.text(), new RegExp(`${a.ipv4} > ${GROUP4}`));
      assert.doesNotMatch(capture.text(), /bad cksum/);
      assert.equal(own.heard.length, 0);
      for (const { close } of [own.receiver, receiver, sender]) close();
    }));

  it('IPv6 multicast: hop limit, source and destination of each packet', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const { receiver, heard } = listen(b, { family: 'ipv6', group: GROUP6 });
      const sender = ok(a.enter(() => openRawSender('ipv6', eth0(a))));
      for (const ttl of [255, 254]) {
        const header = { source: a.ipv6, destination: GROUP6, protocol: 112, ttl, tos: 0xc0 };
        sender.send(encodeIpPacket(header, PAYLOAD), GROUP6);
      }
      await eventually('both packets', () => heard.length === 2);
      assert.deepEqual(
        heard,
        [255, 254].map((ttl) => ({ source: a.ipv6, destination: GROUP6, ttl, bytes: PAYLOAD_HEX })),
      );
      for (const { close } of [receiver, sender]) close();
    }));

  for (const { family, other, prefixLength } of [
    { family: 'ipv4', other: '10.77.0.99', prefixLength: 24 },
    { family: 'ipv6', other: 'fd77::99', prefixLength: 64 },
  ] as const) {
    it(`${family} unicast: only what is sent to the bound address`, () =>
      withNetwork(['a', 'b'], async ({ host }) => {
        const [a, b] = [host('a'), host('b')];
        const { receiver, heard } = listen(b, { family, localAddress: b[family] });
        const sender = ok(a.enter(() => openRawSender(family, undefined)));
        b.run(`ip addr add ${other}/${prefixLength} dev eth0`);
        for (const destination of [other, b[family]]) {
          const header = { source: a[family], destination, protocol: 112, ttl: 64, tos: 0xc0 };
          assert.equal(sender.send(encodeIpPacket(header, PAYLOAD), header.destination), undefined);
        }
        await eventually('one packet', () => heard.length > 0);
        await sleep(50);
        assert.deepEqual(
          heard.map(({ destination, ttl }) => [destination, ttl]),
          [[b[family], 64]],
        );
        for (const { close } of [receiver, sender]) close();
      }));
  }

  it('drain hands over what has arrived without waiting for the event loop', () =>
    withNetwork(['a', 'b'], ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const { receiver, heard } = listen(b, { family: 'ipv4', group: GROUP4 });
      const sender = ok(a.enter(() => openRawSender('ipv4', eth0(a))));
      const header = { source: a.ipv4, destination: GROUP4, protocol: 112, ttl: 255, tos: 0xc0 };
      const endAt = performance.now() + PATIENCE_MS;
      for (let i = 0; i < 40; i += 1) sender.send(encodeIpPacket(header, PAYLOAD), header.destination);
      // A busy kernel may still be passing them on.
      do receiver.drain();
      while (heard.length < 40 && performance.now() < endAt);
      assert.equal(heard.length, 40);
      for (const { close } of [receiver, sender]) close();
    }));

  it('an interface that goes down and up is heard again by the same socket', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const { receiver, heard } = listen(b, { family: 'ipv4', group: GROUP4 });
      const sender = ok(a.enter(() => openRawSender('ipv4', eth0(a))));
      const header = { source: a.ipv4, destination: GROUP4, protocol: 112, ttl: 255, tos: 0xc0 };
      a.run('ip link set eth0 down');
      b.run('ip link set eth0 down');
      assert.equal(sender.send(encodeIpPacket(header, PAYLOAD), header.destination)?.code, 'ENETUNREACH');
      for (const each of [a, b]) each.run('ip link set eth0 up');
      await eventually('a packet after both are up again', () => {
        sender.send(encodeIpPacket(header, PAYLOAD), header.destination);
        return heard.length > 0;
      });
      for (const { close } of [receiver, sender]) close();
    }));

  it('refusals are values that say what was tried', () =>
    withNetwork(['a'], ({ host }) => {
      const a = host('a');
      const bound = a.enter(() =>
        openRawReceiver(
          { family: 'ipv4', protocol: 112, localAddress: '10.9.9.9' },
          () => {},
          () => {},
        ),
      );
      assert.ok(bound instanceof SystemError);
      assert.match(String(bound), /^bind to 10\.9\.9\.9 "raw ipv4 .*": EADDRNOTAVAIL: /);
    }));
});

function capturing(
  host: Host,
  filter: string,
): { readonly ready: Promise<void>; readonly text: () => string } {
  const child = host.start(`tcpdump -n -v -l --immediate-mode -i eth0 ${filter}`);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (data) => {
    out += data;
  });
  child.stderr?.on('data', (data) => {
    err += data;
  });
  return { ready: eventually('tcpdump to listen', () => err.includes('listening')), text: () => out };
}
