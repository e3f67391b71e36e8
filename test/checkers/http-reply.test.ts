import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isComplete, NO_REPLY, type Reply, readReply } from '../../src/checkers/http-reply.js';

type Read = { readonly reply: Reply; readonly body: string };

function read(...pieces: readonly (string | Uint8Array)[]): Read {
  let reply = NO_REPLY;
  let body = '';
  for (const piece of pieces) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece);
    const step = readReply(reply, chunk);
    reply = step.reply;
    body += chunk.toString('latin1', step.bodyAt, step.bodyEnd);
  }
  return { reply, body };
}

function reasonOf({ reply }: Read): string {
  assert.equal(reply.kind, 'malformed');
  return reply.kind === 'malformed' ? reply.reason : '';
}

describe('checkers/http-reply', () => {
  it('finds status, announced length and body', () => {
    const { reply, body } = read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello, more');
    assert.deepEqual(reply, { kind: 'body', status: 200, contentLength: 5, received: 5 });
    assert.equal(body, 'hello');
    assert.ok(isComplete(reply));
  });

  for (const [name, text, status] of [
    ['no reason phrase', 'HTTP/1.1 204\r\n\r\n', 204],
    ['an empty reason phrase', 'HTTP/1.0 503 \r\n\r\n', 503],
    ['bare line feeds', 'HTTP/1.0 301 Moved\nServer: x\n\n', 301],
    ['header lines that are none', 'HTTP/1.0 200 OK\r\nnonsense\r\n folded\r\n: x\r\n\r\n', 200],
  ] as const) {
    it(`reads a reply with ${name}`, () => {
      const { reply } = read(text);
      assert.equal(reply.kind === 'body' && reply.status, status);
    });
  }

  for (const [header, length] of [
    ['content-LENGTH:7', 7],
    ['Content-Length: 7\r\nContent-Length: 7', 7],
    ['Content-Length: 7, 7', 7],
    ['Content-Length: 7\r\nTransfer-Encoding: chunked', undefined],
    ['X-Content-Length: 7', undefined],
    ['X: y', undefined],
  ] as const) {
    it(`takes ${JSON.stringify(header)} as a length of ${length}`, () => {
      const { reply } = read(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      assert.equal(reply.kind === 'body' ? reply.contentLength : 'none', length);
    });
  }

  it('knows the replies that never have a body (RFC 9110 §6.4.1)', () => {
    for (const status of [100, 204, 304])
      assert.ok(isComplete(read(`HTTP/1.1 ${status} x\r\nContent-Length: 9\r\n\r\n`).reply));
    assert.ok(!isComplete(read('HTTP/1.1 200 x\r\n\r\n').reply));
  });

  for (const [text, reason] of [
    ['SSH-2.0-OpenSSH_9\r\n', 'not an HTTP reply: "SSH-2.0-OpenSSH_9"'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'not an HTTP reply: "HTTP/1.1 2000 OK"'],
    ['HTTP/1.1 OK\r\n\r\n', 'not an HTTP reply: "HTTP/1.1 OK"'],
    ['\x00\x1b[2J\xff', 'not an HTTP reply: "\\u0000\\u001b[2J\\xff"'],
    ['HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n', 'Content-Length "x" is not a number of bytes'],
    ['HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n', 'Content-Length "-1" is not a number of bytes'],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'two Content-Length: 1 and "2"'],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1, 2\r\n\r\n', 'two Content-Length: 1 and "2"'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} in words`, () => assert.equal(reasonOf(read(text)), reason));
  }

  it('refuses a header of more than 64 KiB, and holds no more of it', () => {
    const flood = Buffer.alloc(70_000, 'a');
    assert.equal(reasonOf(read('HTTP/1.1 200 OK\r\nX: ', flood)), 'reply header exceeds 64 KiB');
    const { reply } = read('HTTP/1.1 200 OK\r\nX: ', flood.subarray(0, 65_000));
    assert.equal(reply.kind === 'head' && reply.text.length, 65_020);
  });

  it('takes a header that ends exactly at its limit', () => {
    const head = `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(65536 - 24)}\r\n\r\n`;
    assert.equal(head.length, 65536);
    assert.deepEqual(read(head, 'body').body, 'body');
  });

  it('reads the same from any pieces', () => {
    const tokens = fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.0 404 no',
      '\r\n',
      '\n',
      '\r\n\r\n',
      'Content-Length: 3',
      'Content-Length: 4',
      'Transfer-Encoding: chunked',
      'abc',
      '\xff\x00',
      ':',
    );
    const texts = fc.oneof(
      fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.array(tokens, { maxLength: 8 }).map((parts) => `HTTP/1.1 200 OK\r\n${parts.join('')}`),
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat(200), { maxLength: 10 }), (text, cuts) => {
        const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])].sort(
          (a, b) => a - b,
        );
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        const whole = read(text);
        const pieced = read(...pieces);
        assert.equal(pieced.body, whole.body);
        if (whole.reply.kind === 'malformed') assert.equal(pieced.reply.kind, 'malformed');
        else assert.deepEqual(pieced.reply, whole.reply);
      }),
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (pieces) => {
        const { reply } = read(...pieces);
        assert.ok(['head', 'body', 'malformed'].includes(reply.kind));
      }),
    );
  });
});
