import assert from 'node:assert/strict';
import { type AgentReply, MAX_LINE, parseAgentReply } from '../../src/checkers/agent-reply.js';

describe("an agent's line", () => {
  const rows: readonly [line: string, said: AgentReply | undefined][] = [
    ['75%\n', { percent: 75 }],
    ['0%', { percent: 0 }],
    ['250%\r\n', { percent: 250 }],
    ['99999999%', { percent: 1000 }],
    ['ready\n', { mode: 'ready' }],
    ['drain', { mode: 'drain' }],
    ['maint', { mode: 'maint' }],
    ['up', { health: { up: true, reason: 'up' } }],
    ['down\n', { health: { up: false, reason: 'down' } }],
    ['fail#disk full\n', { health: { up: false, reason: 'fail: disk full' } }],
    ['stopped # by hand', { health: { up: false, reason: 'stopped: by hand' } }],
    ['up ready 50%', { health: { up: true, reason: 'up' }, mode: 'ready', percent: 50 }],
    ['Drain,\t 10%,UP', { mode: 'drain', percent: 10, health: { up: true, reason: 'up' } }],
    ['maxconn:30 40%', { percent: 40 }],
    ['up\ndown\n', { health: { up: true, reason: 'up' } }],
    ['', undefined],
    ['\n75%', undefined],
    ['-5%', undefined],
    ['75', undefined],
    ['7 5 % downs drained #down', undefined],
    ['HTTP/1.1 400 Bad Request\r\n', undefined],
    ['__proto__ constructor', undefined],
  ];
  for (const [line, said] of rows)
    it(`${JSON.stringify(line)}`, () => assert.deepEqual(parseAgentReply(line), said));

  it('has a reason that is fit for a terminal and not long', () => {
    const reason = parseAgentReply(`down#\u001b[31m\u0000${'x'.repeat(MAX_LINE)}`)?.health?.reason ?? '';
    assert.ok(reason.startsWith('down: ?[31m?xxx'), reason.slice(0, 20));
    assert.ok(reason.length < 250);
  });
});
