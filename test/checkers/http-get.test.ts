import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { ConnectionOptions, HttpGetConfig, RegexConfig, UrlConfig } from '../../src/checkers/config.js';
import type { ProbeResult } from '../../src/checkers/probe.js';
import { eventually } from '../support/namespaces.js';
import { COMMON, connectionTo, probeOnce, SHORT_MS, useProbes } from '../support/probing.js';
import {
  answering,
  answeringOpen,
  type Behaviour,
  dripping,
  flooding,
  hangingUp,
  resetting,
  silent,
  useKeepers,
} from '../support/zoo.js';

type Ask = { readonly url?: Partial<UrlConfig>; readonly connection?: Partial<ConnectionOptions> };

const URL: UrlConfig = { path: '/', statusCodes: [{ from: 200, to: 299 }] };
const PAGE = 'HTTP/1.0 200 OK\r\n\r\nhello world';
const SHORT = { connection: { timeoutMs: SHORT_MS } };

describe('checkers/http-get', () => {
  const probes = useProbes();
  const keep = useKeepers();

  const ask = async (behaviour: Behaviour, { url, connection }: Ask = {}): Promise<ProbeResult> => {
    const { port } = await keep(behaviour);
    const config: HttpGetConfig = {
      ...COMMON,
      type: 'HTTP_GET',
      httpProtocol: '1.0',
      fastRecovery: false,
      connection: connectionTo(port, connection),
      urls: [{ ...URL, ...url }],
    };
    return probeOnce(probes(), config);
  };
  const reason = async (behaviour: Behaviour, ask_: Ask = {}): Promise<string> => {
    const result = await ask(behaviour, ask_);
    assert.equal(result.kind, 'failed');
    return result.kind === 'failed' ? result.reason : '';
  };

  it('passes when the server answers with a wanted status and closes', async () => {
    assert.deepEqual(await ask(answering(PAGE)), { kind: 'ok' });
  });

  it('asks once, as encodeRequest says, and closes', async () => {
    const keeper = await keep(answering(PAGE));
    const connection = connectionTo(keeper.port);
    const url = { ...URL, path: '/status?a=b', virtualhost: 'www.example.test' };
    const config: HttpGetConfig = {
      ...COMMON,
      type: 'HTTP_GET',
      httpProtocol: '1.1',
      fastRecovery: false,
      connection,
      urls: [url],
    };
    await probeOnce(probes(), config);
    assert.deepEqual(keeper.heard, [
      'GET /status?a=b HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example.test\r\n\r\n',
    ]);
  });

  it('does not wait for the end of the connection when the announced body has come', async () => {
    assert.deepEqual(await ask(answeringOpen('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')), {
      kind: 'ok',
    });
  });

  it('does not follow redirects', async () => {
    const redirect = answering('HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n');
    assert.equal(await reason(redirect), 'status 302, wanted 200-299');
    assert.deepEqual(await ask(redirect, { url: { statusCodes: [{ from: 302, to: 302 }] } }), { kind: 'ok' });
  });

  it('fails on another status, at once, naming what was wanted', async () => {
    const wanted = {
      url: {
        statusCodes: [
          { from: 200, to: 299 },
          { from: 404, to: 404 },
        ],
      },
    };
    const down = answeringOpen('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    assert.equal(await reason(down, wanted), 'status 503, wanted 200-299 404');
  });

  describe('digest', () => {
    const digest = createHash('md5').update('hello world').digest('hex');

    it('passes on the MD5 of the body, in either case', async () => {
      for (const text of [digest, digest.toUpperCase()])
        assert.deepEqual(await ask(answering(PAGE), { url: { digest: text } }), { kind: 'ok' });
    });

    it('fails on another body, naming both', async () => {
      const other = createHash('md5').update('hello').digest('hex');
      assert.equal(
        await reason(answering('HTTP/1.0 200 OK\r\n\r\nhello'), { url: { digest } }),
        `digest ${other} differs from ${digest}`,
      );
    });

    it('covers a body of megabytes that comes in many pieces', async () => {
      const body = 'x'.repeat(3_000_000);
      const long = createHash('md5').update(body).digest('hex');
      const page = answering(`HTTP/1.0 200 OK\r\n\r\n${body}`);
      assert.deepEqual(await ask(page, { url: { digest: long } }), { kind: 'ok' });
    });
  });

  describe('regex', () => {
    const regex = (pattern: string, more: Partial<RegexConfig> = {}): Ask => ({
      url: { regex: { pattern, flags: '', noMatch: false, minOffset: 0, ...more } },
    });

    it('passes when the body matches, and fails when it does not', async () => {
      assert.deepEqual(await ask(answering(PAGE), regex('wor.d')), { kind: 'ok' });
      assert.equal(await reason(answering(PAGE), regex('planet')), 'body did not match /planet/');
    });

    it('with regex_no_match the other way round', async () => {
      assert.deepEqual(await ask(answering(PAGE), regex('planet', { noMatch: true })), { kind: 'ok' });
      assert.equal(
        await reason(answering(PAGE), regex('WORLD', { noMatch: true, flags: 'i' })),
        'body matched /WORLD/i',
      );
    });

    it('is not frozen by an expression that backtracks without end', async () => {
      const evil = answering(`HTTP/1.0 200 OK\r\n\r\n${'a'.repeat(40)}!`);
      let turns = 0;
      let answered = false;
      const turn = () => {
        turns++;
        if (!answered) setImmediate(turn);
      };
      turn();
      const late = reason(evil, regex('^(a+)+$')).finally(() => {
        answered = true;
      });
      const good = ask(answering(PAGE), regex('wor.d'));
      assert.equal(await late, 'regex not matched within 500 ms');
      assert.deepEqual(await good, { kind: 'ok' });
      assert.ok(turns > 20, `the event loop turned ${turns} times only`);
    });

    it('is not confused by what comes after the announced body', async () => {
      const digest = createHash('md5').update('hello').digest('hex');
      const chatty: Behaviour = (socket) => {
        answeringOpen('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world')(socket);
        socket.once('data', () => {
          const timer = setInterval(() => socket.write('and more'), 1);
          socket.on('close', () => clearInterval(timer));
        });
      };
      const both = { ...regex('^hello$').url, digest };
      assert.deepEqual(await ask(chatty, { url: both }), { kind: 'ok' });
    });

    it('sees the first mebibyte of a longer body', async () => {
      const body = `${'x'.repeat((1 << 20) - 5)}first${'y'.repeat(100)}last`;
      const page = answering(`HTTP/1.0 200 OK\r\n\r\n${body}`);
      assert.deepEqual(await ask(page, regex('first')), { kind: 'ok' });
      assert.equal(await reason(page, regex('last')), 'body did not match /last/');
    });
  });

  describe('of a server that misbehaves, ends in time and says how', () => {
    it('says nothing', async () => assert.equal(await reason(silent, SHORT), 'no reply within 1.5 s'));

    it('closes without a reply', async () =>
      assert.equal(await reason(hangingUp), 'connection closed without a reply'));

    it('resets', async () =>
      assert.equal(
        await reason((socket) => socket.once('data', () => resetting(socket))),
        'receive: connection reset by peer',
      ));

    it('closes within the header', async () =>
      assert.equal(
        await reason(answering('HTTP/1.0 200 OK\r\n')),
        'connection closed within the reply header, after 17 bytes',
      ));

    it('drips a header', async () =>
      assert.match(
        await reason(dripping('HTTP/1.0 200 OK\r\nX: y\r\n'), SHORT),
        /^reply header not finished within 1\.5 s, after \d+ bytes$/,
      ));

    it('drips a body', async () => {
      const drip: Behaviour = (socket) => {
        socket.write('HTTP/1.0 200 OK\r\n\r\n');
        dripping('x')(socket);
      };
      assert.match(await reason(drip, SHORT), /^reply not finished within 1\.5 s, after \d+ bytes$/);
    });

    it('speaks another protocol', async () =>
      assert.equal(await reason(answering('220 mail ESMTP\r\n')), 'not an HTTP reply: "220 mail ESMTP"'));

    it('announces two lengths', async () =>
      assert.equal(
        await reason(answering('HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx')),
        'two Content-Length: 1 and "2"',
      ));

    it('floods the header: ends at 64 KiB', async () =>
      assert.equal(await reason(flooding('HTTP/1.0 200 OK\r\nX: ', 'a')), 'reply header exceeds 64 KiB'));

    it('floods the body: ends at the deadline, holding none of it', async () => {
      const before = process.memoryUsage().arrayBuffers;
      const text = await reason(flooding('HTTP/1.0 200 OK\r\n\r\n', 'a'), SHORT);
      assert.match(text, /^reply not finished within 1\.5 s, after \d{6,} bytes$/);
      assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20);
    });

    it('sends less than it announces: passes with a note, as in keepalived', async () =>
      assert.deepEqual(await ask(answering('HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhello')), {
        kind: 'ok',
        note: 'body of 5 bytes, but Content-Length is 100',
      }));
  });

  it('leaves no socket open, whether it passed, failed or was given up', async () => {
    const sockets = () => readdirSync('/proc/self/fd').length;
    const keeper = await keep(silent);
    const before = sockets();
    await ask(answering(PAGE));
    await ask(silent, SHORT);
    const config: HttpGetConfig = {
      ...COMMON,
      type: 'HTTP_GET',
      httpProtocol: '1.0',
      fastRecovery: false,
      connection: connectionTo(keeper.port),
      urls: [URL],
    };
    const attempt = probes().of(config)[0]?.(performance.now() + 15_000, () =>
      assert.fail('a given up probe answered'),
    );
    assert.ok(sockets() > before);
    attempt?.cancel();
    // The two keepers of this test listen still.
    await eventually('nothing else is left', () => sockets() === before + 2);
  });
});
