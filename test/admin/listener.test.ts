import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import axios from 'axios';
import { createListener } from '../../src/admin/listener.js';
import { Text } from '../../src/admin/server.js';
import { createFakeClock } from '../support/fake-clock.js';
import { until } from '../support/scripts.js';

describe('metrics_listen', () => {
  const errors: string[] = [];
  const routes = { '/metrics': () => new Text('lvsd_up 1\n', 'text/plain; version=0.0.4') };
  const mended: string[] = [];
  const clock = createFakeClock();
  const complaints = {
    onError: (text: string) => errors.push(text),
    onMended: (text: string) => mended.push(text),
  };
  const listener = createListener({ ...complaints, routes, clock });
  after(() => listener.close());

  async function freePort(): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }

  const get = (port: number, path = '/metrics', method = 'GET') =>
    axios.request({
      method,
      url: `http://127.0.0.1:${port}${path}`,
      validateStatus: () => true,
      proxy: false,
    });

  it('serves nothing but metrics, moves with a reload, and says when it cannot', async () => {
    const [first, second] = [await freePort(), await freePort()];
    listener.configure({ address: '127.0.0.1', port: first });
    listener.configure({ address: '127.0.0.1', port: first });
    const { status, data, headers } = await get(first);
    assert.deepEqual(
      [status, data, headers['content-type']],
      [200, 'lvsd_up 1\n', 'text/plain; version=0.0.4'],
    );
    assert.equal((await get(first, '/v1/status')).status, 404);
    assert.equal((await get(first, '/metrics', 'POST')).status, 405);
    listener.configure({ address: '127.0.0.1', port: second });
    await assert.rejects(get(first), /ECONNREFUSED|hang up|ECONNRESET/);
    assert.equal((await get(second)).status, 200);
    listener.configure(undefined);
    await assert.rejects(get(second), /ECONNREFUSED|hang up|ECONNRESET/);
    assert.deepEqual([errors, mended, clock.pendingAt()], [[], [], []]);
  });

  it('that is in use is tried every five seconds: told once, and once more when it is served', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    listener.configure({ address: '127.0.0.1', port });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await until(() => errors.length === 1);
      clock.advance(5000);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /^cannot serve metrics_listen 127\.0\.0\.1 \d+: .*EADDRINUSE.*tried again/);
    await new Promise((resolve) => other.close(resolve));
    clock.advance(4999);
    await assert.rejects(get(port), /ECONNREFUSED/);
    assert.deepEqual(mended, []);
    clock.advance(1);
    await until(() => mended.length === 1);
    assert.equal(mended[0], `metrics_listen 127.0.0.1 ${port} is served now`);
    assert.equal((await get(port)).status, 200);
    clock.advance(60_000);
    assert.equal((await get(port)).status, 200);
    assert.deepEqual([errors.length, mended.length], [1, 1]);
    listener.configure(undefined);
  });

  it('is not tried any more when a reload no longer has it', async () => {
    errors.length = 0;
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    listener.configure({ address: '127.0.0.1', port });
    await until(() => errors.length === 1);
    listener.configure(undefined);
    assert.deepEqual(clock.pendingAt(), []);
    await new Promise((resolve) => other.close(resolve));
  });
});
