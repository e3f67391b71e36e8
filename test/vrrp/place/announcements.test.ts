/** Gratuitous ARP and unsolicited neighbour advertisements against frames that keepalived 2.2.7 sent. */
import assert from 'node:assert/strict';
import { encodeGratuitousArp } from '../../../src/vrrp/place/arp.js';
import { encodeNeighbourAdvert } from '../../../src/vrrp/place/ndp.js';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 0x0a);
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('vrrp/arp', () => {
  it('a request for the address from itself, as keepalived sends it', () => {
    assert.equal(
      hex(encodeGratuitousArp(MAC, '192.0.2.100')),
      'ffffffffffff02000000000a0806000108000604000102000000000ac0000264ffffffffffffc0000264',
    );
  });

  it('or as a reply: only the operation differs', () => {
    const reply = encodeGratuitousArp(MAC, '192.0.2.100', 'reply');
    assert.equal(reply[21], 2);
    reply[21] = 1;
    assert.equal(hex(reply), hex(encodeGratuitousArp(MAC, '192.0.2.100')));
  });
});

describe('vrrp/ndp', () => {
  it('all nodes are told, from the address itself, with Override set: the bytes of keepalived', () => {
    assert.equal(
      hex(encodeNeighbourAdvert(MAC, '2001:db8::64', false)),
      '33330000000102000000000a86dd6000000000203aff20010db8000000000000000000000064' +
        'ff0200000000000000000000000000018800f85b2000000020010db8000000000000000000000064020102000000000a',
    );
    assert.equal(
      hex(encodeNeighbourAdvert(MAC, 'fe80::64', false)),
      '33330000000102000000000a86dd6000000000203afffe800000000000000000000000000064' +
        'ff020000000000000000000000000001880056cc20000000fe800000000000000000000000000064020102000000000a',
    );
  });

  it('RFC 9568 §6.4.2: "with the Router Flag (R) set, the Solicited Flag (S) clear, the Override flag (O) set"', () => {
    assert.equal(encodeNeighbourAdvert(MAC, 'fe80::64', true)[58], 0b1010_0000);
  });
});
