import assert from 'node:assert/strict';
import type { ConnectionOptions, PingCheckConfig } from '../../src/checkers/config.js';
import * as libc from '../../src/net/libc.js';
import { AF_INET, IPPROTO_ICMP, SOCK_RAW } from '../../src/net/linux.js';
import { itOverIpv6 } from '../support/ipv6.js';
import { COMMON, connectionTo, probeOnce, useProbes } from '../support/probing.js';

/** Pings need a ping_group_range with our group in it, or the right to raw sockets. */
const allowed = (() => {
  const fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd >= 0) libc.close(fd);
  return fd >= 0;
})();

describe('checkers/ping-check', () => {
  before(function () {
    if (!allowed) this.skip();
  });
  const probes = useProbes();
  const check = (address: string, options: Partial<ConnectionOptions> = {}) => {
    const family = address.includes(':') ? ('ipv6' as const) : ('ipv4' as const);
    const connection = connectionTo(0, { family, address, ...options });
    const config: PingCheckConfig = { ...COMMON, type: 'PING_CHECK', connection };
    return probeOnce(probes(), config);
  };

  it('passes when the server answers', async () => {
    assert.deepEqual(await check('127.0.0.1'), { kind: 'ok' });
  });

  itOverIpv6('passes when the server answers over IPv6', async () => {
    assert.deepEqual(await check('::1'), { kind: 'ok' });
  });

  it('tells a thousand servers apart on one socket', async () => {
    const results = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => check(`127.1.${i >> 8}.${i & 255}`)),
    );
    assert.ok(results.every(({ kind }) => kind === 'ok'));
  });

  it('fails at its deadline when no answer comes, and when there is no way', async () => {
    // What leaves by the loopback interface for an address that is not there is lost.
    const lost = { timeoutMs: 50, bindInterface: 'lo' };
    assert.deepEqual(await check('192.0.2.1', lost), { kind: 'failed', reason: 'no answer within 50 ms' });
    const nowhere = await check('255.255.255.255');
    // The kernel says which: there is a default route, or there is none.
    const reason = 'reason' in nowhere ? nowhere.reason : '';
    assert.match(`${nowhere.kind}: ${reason}`, /^failed: (permission denied|network is unreachable)$/);
  });

  it('binds as asked, and says what it cannot bind to', async () => {
    assert.deepEqual(await check('127.0.0.1', { bindAddress: '127.0.0.8', bindInterface: 'lo', fwmark: 7 }), {
      kind: 'ok',
    });
    assert.deepEqual(await check('127.0.0.1', { bindAddress: '192.0.2.1' }), {
      kind: 'failed',
      reason: 'bind to 192.0.2.1: address not available',
    });
  });
});
