import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { serveAdmin } from '../../src/admin/server.js';

describe('admin server', () => {
  let directory = '';
  let socket = '';
  let close = (): void => {};

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
    socket = join(directory, 'lvsd.sock');
    writeFileSync(socket, 'left by a predecessor');
    const routes = {
      '/v1/status': () => ({ big: 5n }),
      '/v1/broken': () => Promise.reject(new Error('no luck')),
    };
    ({ close } = serveAdmin({ socket, routes, onError: assert.fail }));
  });
  afterEach(() => {
    close();
    rmSync(directory, { recursive: true });
  });

  async function ask(path: string, method = 'GET'): Promise<{ status: number; data: unknown }> {
    const { status, data } = await axios.request({
      socketPath: socket,
      url: `http://lvsd${path}`,
      method,
      validateStatus: () => true,
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
    serveAdmin({ socket: below, routes: {}, onError: (text) => errors.push(text) }).close();
    assert.deepEqual(errors.length, 1);
    assert.match(errors[0] ?? '', /cannot serve .*lvsd\.sock: ENOTDIR/);
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
