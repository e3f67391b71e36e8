/** How long the loss of a link may be kept back. */
import assert from 'node:assert/strict';
import { boundDelay, delayBound } from '../../../src/vrrp/track/down-delay.js';
import { instance } from '../../support/instances.js';

const SLOW = instance({ name: 'slow', advertIntMs: 1000 });
const QUICK = instance({ name: 'quick', advertIntMs: 100 });
const ELSEWHERE = instance({ name: 'elsewhere', interface: 'eth1', advertIntMs: 10 });
const ALL = [SLOW, QUICK, ELSEWHERE];

const delay = (downDelayMs: number, on = 'eth0') => ({ interface: on, downDelayMs, upDelayMs: 7000 });

describe('vrrp/track/down-delay', () => {
  it('is bound by the instance there that is missed first: two adverts, less a 256th of one', () => {
    assert.deepEqual(delayBound('eth0', ALL), { of: 'quick', ms: 200 - 100 / 256 });
    assert.equal(delayBound('eth9', ALL), undefined);
  });

  it('a longer one is cut; a shorter one, one of another interface and that of the return stay', () => {
    assert.deepEqual(boundDelay(delay(5000), ALL), delay(200 - 100 / 256));
    assert.deepEqual(boundDelay(delay(150), ALL), delay(150));
    assert.deepEqual(boundDelay(delay(5000, 'eth9'), ALL), delay(5000, 'eth9'));
  });
});
