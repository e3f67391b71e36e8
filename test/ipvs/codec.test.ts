import assert from 'node:assert/strict';
import {
  type Attributes,
  daemonReply,
  decodeReplies,
  destinationReply,
  destinationStatusReply,
  encodeFamilyRequest,
  encodeRequests,
  familyReply,
  infoReply,
  type Reply,
  type Request,
  serviceReply,
  serviceStatusReply,
  timeoutsReply,
} from '../../src/ipvs/codec.js';
import { hex } from '../support/hex.js';
import * as datagrams from '../support/ipvs-datagrams.js';
import { destination, key, many, mark, NO_FLAGS, service, tun } from '../support/ipvs-values.js';

const FAMILY = 0x20;

const SERVICE = service({
  key: key('2001:db8::100', 443),
  scheduler: 'sh',
  flags: { ...NO_FLAGS, sched1: true, sched2: true },
  persistence: { timeoutS: 300, prefixLength: 64 },
});
const DESTINATION = destination('10.0.0.11', {
  port: 443,
  weight: 3,
  upperThreshold: 50,
  lowerThreshold: 30,
  forwarding: tun('gue', 6080, 'remcsum'),
});

function encode(firstSeq: number, ...requests: readonly Request[]): string {
  return encodeRequests(requests, FAMILY, firstSeq).toString('hex');
}

/** Attributes of the one message of a datagram. */
function bodyOf(datagram: Buffer): Attributes {
  const [reply] = decodeReplies(datagram);
  assert.ok(reply?.kind === 'data');
  return reply.body;
}

describe('IPVS requests as bytes', () => {
  it('are as the kernel took them: a service and a tunnelled destination in one datagram', () => {
    const added = encode(
      2,
      { command: 'add-service', service: SERVICE },
      { command: 'add-destination', key: SERVICE.key, destination: DESTINATION },
    );
    assert.equal(added, datagrams.ADD_SERVICE_AND_DESTINATION.toString('hex'));
  });

  it('are as the kernel took them: a firewall mark', () => {
    const added = encode(7, { command: 'add-service', service: service({ key: mark(5) }) });
    assert.equal(added, datagrams.ADD_MARK.toString('hex'));
  });

  it('are as the kernel took them: a sync daemon', () => {
    const daemon = {
      role: 'master',
      interface: 'eth0',
      syncId: 7,
      maxLength: 1400,
      port: 8849,
      ttl: 2,
    } as const;
    const started = encode(13, { command: 'start-daemon', daemon: { ...daemon, group: '224.0.0.99' } });
    assert.equal(started, datagrams.START_DAEMON.toString('hex'));
  });

  it('carry the number of their command, ask for one acknowledgement, at the end, and dumps for none', () => {
    const headers: [Request, command: number, flags: number][] = [
      [{ command: 'edit-service', service: SERVICE }, 2, 0x5],
      [{ command: 'delete-service', key: mark(1) }, 3, 0x5],
      [{ command: 'get-service', key: mark(1) }, 4, 0x5],
      [{ command: 'list-services' }, 4, 0x301],
      [{ command: 'edit-destination', key: mark(1), destination: DESTINATION }, 6, 0x5],
      [{ command: 'delete-destination', key: mark(1), destination: DESTINATION }, 7, 0x5],
      [{ command: 'list-destinations', key: mark(1) }, 8, 0x301],
      [{ command: 'stop-daemon', role: 'backup' }, 10, 0x5],
      [{ command: 'list-daemons' }, 11, 0x301],
      [{ command: 'set-timeouts', timeouts: {} }, 12, 0x5],
      [{ command: 'get-timeouts' }, 13, 0x5],
      [{ command: 'get-info' }, 15, 0x5],
      [{ command: 'zero' }, 16, 0x5],
      [{ command: 'flush' }, 17, 0x5],
    ];
    for (const [request, command, flags] of headers) {
      const bytes = encodeRequests([request], FAMILY, 1);
      assert.equal(bytes.readUInt8(16), command, request.command);
      assert.equal(bytes.readUInt16LE(6), flags, request.command);
      assert.equal(bytes.readUInt32LE(0), bytes.length, request.command);
    }
    const flush = { command: 'flush' } as const;
    const three = encodeRequests([flush, flush, flush], FAMILY, 0xfffffffe);
    const fields = [0, 20, 40].map((at) => [three.readUInt16LE(at + 6), three.readUInt32LE(at + 8)]);
    assert.deepEqual(fields, [
      [1, 0xfffffffe],
      [1, 0xffffffff],
      [5, 0],
    ]);
  });

  it('are the same bytes alone and in a batch, where what they share is copied', () => {
    const destinations = [
      ...many(3, { weight: 7, upperThreshold: 9, lowerThreshold: 8 }),
      destination('10.0.0.9', { port: 65535 }),
      destination('2001:db8::1'),
      destination('2001:db8:1:2:3:4:5:6', { port: 81 }),
      destination('10.0.0.10', { forwarding: tun('gue', 1) }),
      destination('10.0.0.11', { forwarding: tun('gue', 1), weight: 0xffffffff }),
      destination('10.0.0.12', { forwarding: tun('gue', 2) }),
      destination('10.0.0.13', { forwarding: { method: 'dr' } }),
    ];
    const keys = [mark(5), mark(5), mark(6)];
    const requests = keys.flatMap((of, turn) =>
      destinations.map((one): Request => {
        return { command: turn === 1 ? 'edit-destination' : 'add-destination', key: of, destination: one };
      }),
    );
    requests.splice(2, 0, { command: 'delete-destination', key: mark(5), destination: DESTINATION });
    const batch = encodeRequests(requests, FAMILY, 100);
    const alone = requests.map((request, index) => {
      const bytes = encodeRequests([request], FAMILY, 100 + index);
      bytes.writeUInt16LE(index === requests.length - 1 ? 5 : 1, 6);
      return bytes;
    });
    assert.equal(batch.toString('hex'), Buffer.concat(alone).toString('hex'));
  });

  it('name a destination by family, address and port when it is removed', () => {
    const deleted = encode(1, { command: 'delete-destination', key: mark(5), destination: DESTINATION });
    const expected = hex(`
      50000000 2000 0500 01000000 00000000  07 01 0000 # IPVS_CMD_DEL_DEST
      1400 0180  0600 0100 0200 0000  0800 0500 05000000
      2800 0280  0600 0b00 0200 0000  1400 0100 0a00000b000000000000000000000000  0600 0200 01bb 0000`);
    assert.equal(deleted, expected.toString('hex'));
  });

  it('set only the timeouts that are given', () => {
    const set = encode(1, { command: 'set-timeouts', timeouts: { tcpFinS: 30 } });
    assert.equal(
      set,
      hex('1c000000 2000 0500 01000000 00000000 0c010000 0800 0500 1e000000').toString('hex'),
    );
  });

  it('write an IPv4 persistence prefix as a mask in network order', () => {
    const persistent = service({ key: mark(5), persistence: { timeoutS: 360, prefixLength: 23 } });
    assert.match(encode(1, { command: 'add-service', service: persistent }), /08000900fffffe00$/);
  });

  it('write the whole IPv6 address for a service without persistence, as the kernel wants some prefix', () => {
    assert.match(
      encode(1, { command: 'add-service', service: service({ key: mark(5, 'ipv6') }) }),
      /0800090080000000$/,
    );
  });

  it('ask the ctrl family by name', () => {
    const expected = hex(`
      20000000 1000 0500 09000000 00000000       # GENL_ID_CTRL
      03 02 0000                                 # CTRL_CMD_GETFAMILY
      0900 0200 4950565300 000000                # CTRL_ATTR_FAMILY_NAME: "IPVS"`);
    assert.deepEqual(encodeFamilyRequest(9), expected);
  });

  it('are not made of numbers that do not fit, nor of names for addresses', () => {
    const add = (parts: object) => () =>
      encode(1, { command: 'add-destination', key: mark(1), destination: { ...DESTINATION, ...parts } });
    assert.throws(add({ port: 65536 }), RangeError);
    assert.throws(add({ weight: -1 }), RangeError);
    assert.throws(add({ upperThreshold: 2 ** 32 }), RangeError);
    assert.throws(add({ address: 'localhost' }), /address "localhost": expected a numeric/);
  });
});

describe('IPVS replies from bytes', () => {
  it('tell a service with the flag that is the kernel’s own', () => {
    const read = { ...serviceReply(bodyOf(datagrams.SERVICE_REPLY)), destinations: [] };
    assert.deepEqual(read, { ...SERVICE, flags: { ...SERVICE.flags, hashed: true } });
    assert.equal(serviceStatusReply(bodyOf(datagrams.SERVICE_REPLY)).counters.connections, 0n);
  });

  it('tell a destination with its connections', () => {
    const body = bodyOf(datagrams.DESTINATION_REPLY);
    assert.deepEqual(destinationReply(body, 'ipv6'), DESTINATION);
    const { counters, ...status } = destinationStatusReply(body, 'ipv6');
    const connections = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
    assert.deepEqual(status, { ...DESTINATION, ...connections });
    assert.deepEqual(new Set(Object.values(counters)), new Set([0n]));
  });

  it('tell version, table size and timeouts', () => {
    assert.deepEqual(infoReply(bodyOf(datagrams.INFO_REPLY)), {
      version: '1.2.1',
      connectionTableSize: 4096,
    });
    assert.deepEqual(timeoutsReply(bodyOf(datagrams.TIMEOUTS_REPLY)), { tcpS: 900, tcpFinS: 120, udpS: 300 });
  });

  it('tell a sync daemon, also of a kernel that says only what it must', () => {
    const full = Buffer.from(datagrams.START_DAEMON);
    const daemon = { role: 'master', interface: 'eth0', syncId: 7 } as const;
    assert.deepEqual(daemonReply(bodyOf(full)), {
      ...daemon,
      maxLength: 1400,
      group: '224.0.0.99',
      port: 8849,
      ttl: 2,
    });
    const old = hex(`3c000000 2000 0200 01000000 00000000 09010000
      2800 0300  0800 0100 01000000  0900 0200 6574683000 000000  0800 0300 07000000  0800 6300 00000000`);
    assert.deepEqual(daemonReply(bodyOf(old)), daemon);
  });

  it('tell acknowledgement, refusal and the end of a dump apart', () => {
    const all = Buffer.concat([datagrams.ACKNOWLEDGED, datagrams.EXISTS, datagrams.DONE]);
    const end = (seq: number, errno: number): Reply => ({ kind: 'end', seq, interrupted: false, errno });
    assert.deepEqual(decodeReplies(all), [end(3, 0), end(4, 17), end(6, 0)]);
    const bare = hex('10000000 0300 1200 06000000 a3000008 # NLMSG_DONE without a number, NLM_F_DUMP_INTR');
    assert.deepEqual(decodeReplies(bare), [{ ...end(6, 0), interrupted: true }]);
  });

  it('tell the family’s number', () => {
    const reply = hex(`28000000 1000 0000 01000000 a3000008 01020000
      0900 0200 4950565300 000000  0600 0100 2000 0000`);
    assert.equal(familyReply(bodyOf(reply)), 32);
  });

  it('fall back to 32-bit counters where there are no others, and to zero where there are none', () => {
    const counters = (stats: string, length: string) =>
      destinationStatusReply(
        bodyOf(
          hex(`${length}000000 2000 0000 01000000 00000000 05010000 ${(Number.parseInt(length, 16) - 20).toString(16)}00 0200
            0600 0200 0050 0000  1400 0100 0a00000b000000000000000000000000  0800 0300 00000000  0800 0400 01000000
            0800 0500 00000000  0800 0600 00000000  0800 0700 01000000  0800 0800 02000000  0800 0900 03000000 ${stats}`),
        ),
        'ipv4',
      );
    const old = counters(
      `5c00 0a00  0800 0100 01000000  0800 0200 02000000  0800 0300 03000000
       0c00 0400 ffffffff01000000  0c00 0500 0500000000000000
       0800 0600 06000000  0800 0700 07000000  0800 0800 08000000  0800 0900 09000000  0800 0a00 0a000000`,
      'c8',
    );
    assert.deepEqual(Object.values(old.counters), [1n, 2n, 3n, 0x1ffffffffn, 5n, 6n, 7n, 8n, 9n, 10n]);
    assert.equal(old.persistentConnections, 3);
    assert.equal(counters('', '6c').counters.inBytes, 0n);
  });

  it('read a persistence mask with holes as none that can be wanted', () => {
    const holes = Buffer.from(datagrams.ADD_MARK);
    holes[holes.indexOf(hex('0c000700')) + 4] = 1;
    holes.writeUInt32BE(0xff00ff00, holes.length - 4);
    assert.deepEqual(serviceReply(bodyOf(holes)).persistence, { timeoutS: 0, prefixLength: 0 });
    holes.writeUInt32BE(0xfffffe00, holes.length - 4);
    assert.deepEqual(serviceReply(bodyOf(holes)).persistence, { timeoutS: 0, prefixLength: 23 });
  });
});
