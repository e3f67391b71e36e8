import assert from 'node:assert/strict';
import type { Receiver } from '../../../src/vrrp/packets/receive.js';
import { createRepeats } from '../../../src/vrrp/packets/repeats.js';
import { CAPTURED } from '../../support/advert-bytes.js';

describe('vrrp/repeats', () => {
  const captured = CAPTURED.find(({ name }) => name === 'VRRPv2') ?? assert.fail();
  const payload = Buffer.from(captured.payload.replaceAll(/\s/g, ''), 'hex');
  const { source, destination, ttl } = captured;
  const receiver: Receiver = { ...captured.sender, skipCheckAdvAddr: false };
  const envelope = { source, destination, ttl };

  it('believes the same advert again at once', () => {
    const believe = createRepeats();
    const first = believe(receiver, payload, envelope);
    assert.equal(first.kind, 'advert');
    assert.equal(believe(receiver, Buffer.from(payload), { ...envelope }), first);
  });

  it('looks again at another byte, sender, TTL or receiver', () => {
    const believe = createRepeats();
    believe(receiver, payload, envelope);
    for (let at = 0; at < payload.length; at += 1) {
      const changed = Buffer.from(payload);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(believe(receiver, changed, envelope).kind, 'drop', `byte ${at}`);
    }
    assert.equal(believe(receiver, payload, { ...envelope, ttl: 64 }).kind, 'drop');
    assert.equal(believe({ ...receiver, virtualRouterId: 99 }, payload, envelope).kind, 'drop');
    const other = believe(receiver, payload, { ...envelope, source: '192.0.2.7' });
    assert.ok(other.kind === 'advert' && other.advert.source === '192.0.2.7');
  });

  it('what was dropped is looked at anew', () => {
    const believe = createRepeats();
    const stranger = { ...receiver, virtualRouterId: 99 };
    assert.equal(believe(stranger, payload, envelope).kind, 'drop');
    assert.notEqual(believe(stranger, payload, envelope), believe(stranger, payload, envelope));
  });
});
