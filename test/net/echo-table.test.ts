import assert from 'node:assert/strict';
import { EchoTable } from '../../src/net/echo-table.js';
import type { Echo } from '../../src/net/icmp.js';
import { encodeSockaddr } from '../../src/net/sockaddr.js';

const A = encodeSockaddr('10.0.0.1', 0);
const B = encodeSockaddr('10.0.0.2', 0);
const V6 = encodeSockaddr('fe80::1', 0, 3);

function table(): EchoTable {
  let value = 0;
  return new EchoTable((bytes) => {
    for (let at = 0; at < bytes.length; at++) bytes[at] = value++ % 251;
  });
}

function begin(echoes: EchoTable, to: Uint8Array, answered = () => undefined): Echo {
  const echo = echoes.begin(to, { answered });
  assert.ok(echo !== undefined);
  return echo;
}

describe('net/echo-table', () => {
  it('knows which ping a reply answers, once', () => {
    const echoes = table();
    const answered: string[] = [];
    const first = begin(echoes, A, () => void answered.push('a'));
    const second = begin(echoes, B, () => void answered.push('b'));
    assert.notEqual(first.sequence, second.sequence);
    echoes.take(second, B)?.answered();
    echoes.take(second, B)?.answered();
    echoes.take(first, A)?.answered();
    assert.deepEqual(answered, ['b', 'a']);
    assert.equal(echoes.size, 0);
  });

  it('takes no reply from another host, with another token or another number', () => {
    const echoes = table();
    const echo = begin(echoes, A);
    assert.equal(echoes.take(echo, B), undefined);
    assert.equal(echoes.take({ ...echo, data: echo.data.slice().fill(9) }, A), undefined);
    assert.equal(echoes.take({ ...echo, data: echo.data.subarray(1) }, A), undefined);
    assert.equal(echoes.take({ ...echo, sequence: echo.sequence + 1 }, A), undefined);
    assert.ok(echoes.take(echo, A));
  });

  it('compares hosts without port and scope, and never across families', () => {
    const echoes = table();
    const echo = begin(echoes, V6);
    assert.equal(echoes.take(echo, A), undefined);
    assert.ok(echoes.take(echo, encodeSockaddr('fe80::1', 7, 4)));
    const four = begin(echoes, A);
    const padded = new Uint8Array(28).fill(0xee);
    padded.set(A);
    assert.ok(echoes.take(four, padded));
  });

  it('gives every ping a token of its own', () => {
    const echoes = table();
    const tokens = new Set(
      Array.from({ length: 600 }, () => Buffer.from(begin(echoes, A).data).toString('hex')),
    );
    assert.ok(tokens.size > 240);
  });

  it('skips the numbers of pings under way, and refuses the 65,537th', () => {
    const echoes = table();
    const slow = { answered: () => undefined };
    const first = echoes.begin(A, slow);
    assert.ok(first !== undefined);
    const numbers = new Set([first.sequence]);
    for (let i = 1; i < 65536; i++) numbers.add(begin(echoes, A).sequence);
    assert.equal(numbers.size, 65536);
    assert.equal(echoes.begin(A, slow), undefined);
    echoes.forget(first.sequence, { answered: () => undefined });
    assert.equal(echoes.begin(A, slow), undefined, 'only its own ping is forgotten');
    echoes.forget(first.sequence, slow);
    assert.equal(begin(echoes, A).sequence, first.sequence);
  });
});
