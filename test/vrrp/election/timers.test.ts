import assert from 'node:assert/strict';
import {
  advertIntFromWire,
  advertIntToWire,
  eagerStartMs,
  longestDownDelayMs,
  longestSkewMs,
  masterDownIntervalMs,
  readGrainMs,
  renewal,
  skewTimeMs,
  takeoverPossibleMs,
  vipLifetimeS,
  wakeGrainMs,
} from '../../../src/vrrp/election/timers.js';

const v3 = { version: 3, advertIntMs: 1000, downTimerAdverts: 3 } as const;
const v2 = { version: 2, advertIntMs: 1000, downTimerAdverts: 3 } as const;

describe('vrrp/timers', () => {
  it('RFC 9568 §6.1: Skew_Time is (((256 - Priority) * Active_Adver_Interval) / 256)', () => {
    assert.equal(skewTimeMs(3, 100, 1000), 609.375);
    assert.equal(skewTimeMs(3, 254, 10), (2 * 10) / 256);
    assert.ok(skewTimeMs(3, 254, 10) > 0, 'not truncated to 0');
  });

  it('RFC 3768 §6.1: Skew_Time is ((256 - Priority) / 256) seconds, whatever the interval', () => {
    assert.equal(skewTimeMs(2, 100, 1000), 609.375);
    assert.equal(skewTimeMs(2, 100, 10_000), 609.375);
  });

  it('RFC 9568 §6.1: Active_Down_Interval is (3 * Active_Adver_Interval) + Skew_time', () => {
    assert.equal(masterDownIntervalMs(v3, 100, 1000), 3609.375);
    assert.equal(masterDownIntervalMs(v3, 100, 10), 30 + 6.09375);
    assert.equal(masterDownIntervalMs(v2, 100, 1000), 3609.375);
    assert.equal(masterDownIntervalMs({ ...v2, advertIntMs: 2000 }, 100, 2000), 6609.375);
  });

  it('down_timer_adverts replaces the three', () => {
    assert.equal(masterDownIntervalMs({ ...v3, downTimerAdverts: 1 }, 100, 1000), 1609.375);
    assert.equal(takeoverPossibleMs({ ...v3, downTimerAdverts: 10 }, 254), 10_000 + (2 * 1000) / 256);
  });

  it('the wire counts seconds in VRRPv2 and hundredths in VRRPv3', () => {
    assert.equal(advertIntFromWire(2, 3), 3000);
    assert.equal(advertIntFromWire(3, 3), 30);
    assert.equal(advertIntToWire(2, 1400), 1);
    assert.equal(advertIntToWire(3, 10), 1);
    assert.equal(advertIntToWire(3, 40_950), 4095);
  });

  it('never writes an interval that does not fit its field, nor 0', () => {
    assert.equal(advertIntToWire(2, 1), 1);
    assert.equal(advertIntToWire(2, 1_000_000), 255);
    assert.equal(advertIntToWire(3, 1), 1);
    assert.equal(advertIntToWire(3, 1_000_000), 4095);
  });

  it('state MASTER waits little more than one advert', () => {
    assert.equal(eagerStartMs(v3), 1000 + (2 * 1000) / 256);
  });

  it('the addresses live at least as long as the slowest backup waits, in whole seconds', () => {
    const auto = { vipLifetime: 'auto' } as const;
    assert.equal(vipLifetimeS({ ...v3, ...auto }), 4);
    assert.equal(vipLifetimeS({ ...v2, ...auto, advertIntMs: 2000 }), 7);
    assert.equal(
      vipLifetimeS({ ...v3, ...auto, advertIntMs: 40_950 }),
      Math.ceil(3 * 40.95 + 40.95 * (255 / 256)),
    );
    for (const advertIntMs of [10, 20, 50, 100, 250, 1000, 3330, 40_950]) {
      const lifetimeMs = 1000 * (vipLifetimeS({ ...v3, ...auto, advertIntMs }) ?? 0);
      assert.ok(lifetimeMs >= masterDownIntervalMs({ ...v3, advertIntMs }, 1, advertIntMs));
    }
  });

  it('adverts of 10 ms leave two seconds, so that a late timer of a lone master costs nothing', () => {
    assert.equal(vipLifetimeS({ ...v3, advertIntMs: 10, vipLifetime: 'auto' }), 2);
  });

  it('vip_lifetime off and a number of seconds are taken as they are', () => {
    assert.equal(vipLifetimeS({ ...v3, vipLifetime: 'off' }), undefined);
    assert.equal(vipLifetimeS({ ...v3, vipLifetime: { seconds: 30 } }), 30);
  });

  it('renews with every advert at one second, five times a lifetime at 10 ms, and by half the lifetime at the latest', () => {
    const of = (change: { readonly advertIntMs?: number }) =>
      renewal({ ...v3, ...change, vipLifetime: 'auto' }, 100);
    assert.deepEqual(of({}), { softAt: 100 + 1000 / 256, hardAt: 2100, expiresAt: 4100 });
    assert.deepEqual(of({ advertIntMs: 10 }), { softAt: 500, hardAt: 1100, expiresAt: 2100 });
    assert.equal(renewal({ ...v3, vipLifetime: 'off' }, 0).hardAt, Number.POSITIVE_INFINITY);
  });

  it('renews so often that from each advert on the addresses last as long as the slowest backup waits', () => {
    const seldom = { ...v3, downTimerAdverts: 10, vipLifetime: 'auto' } as const;
    const { softAt, expiresAt } = renewal(seldom, 0);
    assert.ok(expiresAt - softAt >= masterDownIntervalMs(seldom, 1, 1000), `renews after ${softAt} ms`);
  });

  it("a link's loss is kept back for less than two adverts, or for all that down_timer_adverts leaves", () => {
    assert.equal(longestDownDelayMs(v3, 1000), 2000 - 1000 / 256);
    assert.equal(longestDownDelayMs({ ...v3, downTimerAdverts: 5 }, 10), 40 - 10 / 256);
    assert.equal(longestDownDelayMs({ ...v3, downTimerAdverts: 1 }, 1000), Number.POSITIVE_INFINITY);
  });

  it('a resignation is waited for as long as a backup of priority 1 skews', () => {
    assert.equal(longestSkewMs(v3), (255 * 1000) / 256);
    assert.equal(longestSkewMs({ ...v3, advertIntMs: 10 }), (255 * 10) / 256);
    assert.equal(longestSkewMs({ ...v2, advertIntMs: 10_000 }), (255 * 1000) / 256);
  });

  it('many instances wake together, and read together, within a twentieth of the interval and 5 ms', () => {
    const many = (count: number, advertIntMs: number) =>
      Array.from({ length: count }, () => ({ version: 3, advertIntMs, downTimerAdverts: 3 }) as const);
    const configurations = [many(31, 100), many(32, 100), many(255, 1000), many(255, 40), many(255, 10)];
    assert.deepEqual(
      configurations.map((each) => each[0] && wakeGrainMs(each[0], each.length)),
      [0, 5, 5, 2, 0],
    );
    assert.deepEqual(configurations.map(readGrainMs), [1, 5, 5, 2, 1]);
  });
});
