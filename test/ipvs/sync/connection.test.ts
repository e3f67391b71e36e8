import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createNews, parseConnection } from '../../../src/ipvs/sync/connection.js';
import { SEED } from '../../support/seed.js';

const HEADING = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData';
const V4 = 'TCP 0A000001 C350 0A000064 0050 0A00000B 1F90 ESTABLISHED     899';
const V6 =
  'UDP fd00:0000:0000:0000:0000:0000:0000:0001 D431 fd00:0000:0000:0000:0000:0000:0000:0064 0035 ' +
  'fd00:0000:0000:0000:0000:0000:0000:0011 0035 UDP             299';
const TEMPLATE = 'IP  0A000000 0000 00000005 0000 0A00000B 0000 NONE             50';
const ENGINE = 'UDP 0A000001 0000 0A000064 13C4 0A00000B 13C4 NONE            298 sip 81047a3a@10.0.0.1';

describe('a line of /proc/net/ip_vs_conn', () => {
  it('is read, whatever its family and protocol', () => {
    assert.deepEqual(parseConnection(V4), {
      protocol: 6,
      clientAddress: Uint8Array.of(10, 0, 0, 1),
      clientPort: 50000,
      virtualAddress: Uint8Array.of(10, 0, 0, 100),
      virtualPort: 80,
      realAddress: Uint8Array.of(10, 0, 0, 11),
      realPort: 8080,
      state: 'ESTABLISHED',
      expiresS: 899,
    });
    const v6 = parseConnection(V6);
    assert.equal(v6?.protocol, 17);
    assert.deepEqual(v6?.realAddress, Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11));
    const template = parseConnection(TEMPLATE);
    assert.deepEqual([template?.protocol, template?.virtualAddress], [0, Uint8Array.of(0, 0, 0, 5)]);
    assert.equal(parseConnection(V4.replace('TCP ', 'SCTP '))?.protocol, 132);
  });

  it('is left alone where it is a heading, of another protocol, or has what text cannot carry', () => {
    const mixed = V4.replace('0A000064', 'fd00:0000:0000:0000:0000:0000:0000:0064');
    for (const line of [HEADING, '', ENGINE, V4.replace('TCP', 'ESP'), mixed, V4.replace('0A00000B', 'A0B')])
      assert.equal(parseConnection(line), undefined, line);
  });

  it(`never throws, whatever it is (FUZZ_SEED=${SEED})`, () => {
    const damaged = fc
      .tuple(fc.constantFrom(V4, V6, TEMPLATE, ENGINE), fc.nat(200), fc.string({ maxLength: 9 }))
      .map(([line, at, junk]) => line.slice(0, at) + junk + line.slice(at + junk.length));
    const news = createNews(100);
    const property = fc.property(fc.oneof(damaged, fc.string()), (line) => {
      const connection = parseConnection(line);
      assert.ok(connection === undefined || [4, 16].includes(connection.realAddress.length));
      news([line]);
    });
    fc.assert(property, { numRuns: 3000 });
  });
});

describe('what is new in a listing', () => {
  it('is what was not there, or went to another state or server; the time it has left is no news', () => {
    const news = createNews(10);
    assert.deepEqual(news([HEADING, V4, V6]), [V4, V6]);
    assert.deepEqual(news([HEADING, V4.replace('899', '898'), V6]), []);
    const closing = V4.replace('ESTABLISHED', 'FIN_WAIT   ');
    assert.deepEqual(news([closing, V6]), [closing]);
    const moved = V4.replace('0A00000B', '0A00000C');
    assert.deepEqual(news([moved, V6, TEMPLATE]), [moved, TEMPLATE]);
    assert.deepEqual(news([moved, V6, TEMPLATE]), []);
  });

  it('is remembered of so many connections and no more', () => {
    const news = createNews(1);
    assert.deepEqual(news([V4, V6]), [V4]);
    assert.deepEqual(news([V4.replace('ESTABLISHED', 'CLOSE      '), V6]).length, 1);
  });
});
