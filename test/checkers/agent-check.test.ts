import assert from 'node:assert/strict';
import type { AgentCheckConfig, ConnectionOptions } from '../../src/checkers/config.js';
import { itOverIpv6 } from '../support/ipv6.js';
import { COMMON, connectionTo, probeOnce, useProbes } from '../support/probing.js';
import {
  answering,
  deafPort,
  dripping,
  flooding,
  hangingUp,
  resetting,
  silent,
  useKeepers,
} from '../support/zoo.js';

describe('checkers/agent-check', () => {
  const probes = useProbes();
  const open = useKeepers();
  const ask = (port: number, options: Partial<ConnectionOptions> & { readonly send?: string } = {}) => {
    const { send, ...connection } = options;
    const config: AgentCheckConfig = {
      ...COMMON,
      type: 'AGENT_CHECK',
      connection: connectionTo(port, connection),
      ...(send !== undefined && { send }),
    };
    return probeOnce(probes(), config);
  };

  it('takes the first line, and need not wait for the end of the connection', async () => {
    const { port } = await open((socket) => socket.write('up 75%\nmaint\n'));
    const agent = { health: { up: true, reason: 'up' }, percent: 75 };
    assert.deepEqual(await ask(port), { kind: 'ok', agent });
  });

  it('takes a line that comes in pieces', async () => {
    const { port } = await open(dripping('drain 20%\n'));
    assert.deepEqual(await ask(port, { send: '?' }), { kind: 'ok', agent: { mode: 'drain', percent: 20 } });
  });

  it('takes a line that ends with the connection', async () => {
    const { port } = await open((socket) => socket.end('fail # disk full'));
    const agent = { health: { up: false, reason: 'fail: disk full' } };
    assert.deepEqual(await ask(port), { kind: 'ok', agent });
  });

  itOverIpv6('works over IPv6', async () => {
    const { port } = await open((socket) => socket.end('ready\n'), '::1');
    const result = await ask(port, { family: 'ipv6', address: '::1' });
    assert.deepEqual(result, { kind: 'ok', agent: { mode: 'ready' } });
  });

  it('sends nothing, but what it is told to', async () => {
    const { port, heard } = await open((socket) => socket.end('50%\n'));
    await ask(port);
    assert.deepEqual(heard, ['']);
    const polite = await open((socket) => socket.once('data', () => socket.end('50%\n')));
    assert.equal((await ask(polite.port, { send: 'shop1' })).kind, 'ok');
    assert.deepEqual(polite.heard, ['shop1']);
  });

  it('never fails: without an answer it says nothing of the server', async () => {
    const { port, close } = await open(silent);
    assert.deepEqual(await ask(port, { timeoutMs: 60 }), {
      kind: 'unable',
      reason: 'no answer within 60 ms',
    });
    await close();
    assert.deepEqual(await ask(port), { kind: 'unable', reason: 'connection refused' });
    const deaf = deafPort();
    assert.equal((await ask(deaf.port, { timeoutMs: 60 })).kind, 'unable');
    deaf.close();
    for (const behaviour of [hangingUp, resetting, answering('hello'), answering('')])
      assert.equal((await ask((await open(behaviour)).port, { send: '?' })).kind, 'unable');
  });

  it('reads no more than a line may be long', async () => {
    const { port } = await open(flooding('', 'up '));
    assert.deepEqual(await ask(port, { send: '?' }), {
      kind: 'unable',
      reason: 'no line of less than 1024 bytes',
    });
  });
});
