import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { serveAdmin } from '../../src/admin/server.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('admin server', () => {
  let directory = '';
  let socket = '';
  let close = (): void => {};
  const done: string[] = [];
  const clock = createFakeClock();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
    socket = join(directory, 'lvsd.sock');
    writeFileSync(socket, 'left by a predecessor');
    const routes = {
      '/v1/status': () => ({ big: 5n }),
      'POST /v1/command': (_query: URLSearchParams, requester: AbortSignal) => {
        done.push('begun');
        requester.addEventListener('abort', () => done.push('requester gone'));
        return new Promise(() => {});
      },
      '/v1/broken': () => Promise.reject(new Error('no luck')),
    };
    ({ close } = serveAdmin({ socket, routes, clock, onError: assert.fail, onMended: assert.fail }));
  });
  afterEach(() => {
    close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ask(path: string, method = 'GET'): Promise<{ status: number; data: unknown }> {
    const { status, data } = await axios.request({
      socketPath: socket,
      url: `http://lvsd${path}`,
      method,
      validateStatus: () => true,
      // Each with a connection of its own.
      httpAgent: new Agent(),
    });
    return { status, data };
  }

  it('answers as JSON, with 64-bit counters as numbers', async () => {
    assert.deepEqual(await ask('/v1/status'), { status: 200, data: { big: 5 } });
  });

  it('lets nobody but its owner in', () => {
    assert.equal(statSync(socket).mode & 0o777, 0o600);
  });

  it('a stale socket that cannot be removed is said, and ends nothing', () => {
    const errors: string[] = [];
    const below = join(socket, 'lvsd.sock');
    const say = (text: string) => errors.push(text);
    const other = serveAdmin({ socket: below, routes: {}, clock, onError: say, onMended: say });
    clock.advance(60_000);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /^cannot serve .*lvsd\.sock: (ENOTDIR|EEXIST)/);
    other.close();
  });

  it('a socket that somebody took away, with its directory or without, is made anew', async () => {
    for (const gone of [socket, directory]) {
      rmSync(gone, { recursive: true });
      await assert.rejects(ask('/v1/status'), /ENOENT/);
      clock.advance(5000);
      while (statSync(socket, { throwIfNoEntry: false }) === undefined) await new Promise(setImmediate);
      assert.equal((await ask('/v1/status')).status, 200);
      assert.equal(statSync(socket).mode & 0o777, 0o600);
    }
  });

  it('says what is wrong: an unknown path, a wrong method, a failing answer', async () => {
    assert.deepEqual(await ask('/v2'), { status: 404, data: { error: 'no such path: /v2' } });
    assert.deepEqual(await ask('/constructor'), {
      status: 404,
      data: { error: 'no such path: /constructor' },
    });
    assert.deepEqual(await ask('/v1/status', 'POST'), {
      status: 405,
      data: { error: '/v1/status: only GET' },
    });
    assert.deepEqual(await ask('/v1/broken'), { status: 500, data: { error: 'no luck' } });
  });

  /** Sends the command; `destroy` of what it gives is the requester's going. */
  async function send(): Promise<Socket> {
    const client = connect(socket);
    await new Promise((resolve) => client.once('connect', resolve));
    client.write('POST /v1/command HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    return client;
  }

  it('a command of somebody who is gone before it is read is not carried out', async () => {
    done.length = 0;
    (await send()).destroy();
    for (let question = 0; question < 10; question += 1) await ask('/v1/status');
    assert.deepEqual(done, []);
  });

  it('a command under way is told when its requester goes', async () => {
    done.length = 0;
    const client = await send();
    while (done.length < 1) await new Promise(setImmediate);
    await ask('/v1/status');
    assert.deepEqual(done, ['begun']);
    client.destroy();
    while (done.length < 2) await new Promise(setImmediate);
    assert.deepEqual(done, ['begun', 'requester gone']);
  });

  it('survives what is no HTTP', async () => {
    for (const junk of [
      '\0\0\0',
      'GET // HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const client = connect(socket);
      client.end(junk);
      await new Promise((resolve) => client.resume().on('close', resolve));
    }
    assert.equal((await ask('/v1/status')).status, 200);
  });
});
