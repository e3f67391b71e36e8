import assert from 'node:assert/strict';
import type { ConnectionOptions, TcpCheckConfig } from '../../src/checkers/config.js';
import { itOverIpv6 } from '../support/ipv6.js';
import { COMMON, connectionTo, probeOnce, useProbes } from '../support/probing.js';
import { deafPort, hangingUp, resetting, silent, useKeepers } from '../support/zoo.js';

describe('checkers/tcp-check', () => {
  const probes = useProbes();
  const open = useKeepers();
  const check = (port: number, options: Partial<ConnectionOptions> = {}) => {
    const config: TcpCheckConfig = { ...COMMON, type: 'TCP_CHECK', connection: connectionTo(port, options) };
    return probeOnce(probes(), config);
  };

  it('passes when the server accepts, and sends nothing', async () => {
    const { port, heard } = await open(silent);
    assert.deepEqual(await check(port), { kind: 'ok' });
    assert.deepEqual(heard, ['']);
  });

  it('passes when the server hangs up or resets right after accepting', async () => {
    assert.deepEqual(await check((await open(hangingUp)).port), { kind: 'ok' });
    assert.deepEqual(await check((await open(resetting)).port), { kind: 'ok' });
  });

  itOverIpv6('works over IPv6', async () => {
    const { port } = await open(silent, '::1');
    assert.deepEqual(await check(port, { family: 'ipv6', address: '::1' }), { kind: 'ok' });
  });

  it('fails in words: refused, unreachable', async () => {
    const { port, close } = await open(silent);
    await close();
    assert.deepEqual(await check(port), { kind: 'failed', reason: 'connection refused' });
    assert.deepEqual(await check(80, { address: '255.255.255.255' }), {
      kind: 'failed',
      reason: 'network is unreachable',
    });
  });

  it('fails at its deadline when nothing answers', async () => {
    const { port, close } = deafPort();
    const startedAt = performance.now();
    const result = await check(port, { timeoutMs: 60 });
    assert.deepEqual(result, { kind: 'failed', reason: 'no answer within 60 ms' });
    assert.ok(performance.now() - startedAt >= 60);
    close();
  });

  it('fails when the address to bind to is not on this machine, naming it', async () => {
    const { port } = await open(silent);
    assert.deepEqual(await check(port, { bindAddress: '192.0.2.1' }), {
      kind: 'failed',
      reason: 'bind to 192.0.2.1: address not available',
    });
    assert.deepEqual(await check(port, { bindInterface: 'no-such-if' }), {
      kind: 'failed',
      reason: 'bind to interface no-such-if: no such device',
    });
  });

  it('comes from the address, port and interface asked for, check after check', async () => {
    const seen: string[] = [];
    const { port } = await open((socket) => {
      seen.push(`${socket.remoteAddress}:${socket.remotePort}`);
      socket.resume();
    });
    const options = { bindAddress: '127.0.0.9', bindPort: 41_999, bindInterface: 'lo' };
    for (let i = 0; i < 3; i++) assert.deepEqual(await check(port, options), { kind: 'ok' });
    assert.deepEqual(seen, Array(3).fill('127.0.0.9:41999'));
  });
});
