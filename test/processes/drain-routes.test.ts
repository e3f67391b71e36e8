import assert from 'node:assert/strict';
import { Refusal } from '../../src/admin/server.js';
import { type DrainCommand, DrainError } from '../../src/pool/manager.js';
import { drainRoutes } from '../../src/processes/drain-routes.js';

const QUERY = new URLSearchParams({ virtualServer: '10.0.0.100:80 tcp', realServer: '10.0.0.1:80' });
const PRESENT = new AbortController().signal;

describe('drain in the admin interface', () => {
  it('drains, and takes it back', () => {
    const commands: DrainCommand[] = [];
    const routes = drainRoutes((command) => commands.push(command));
    assert.deepEqual(routes['POST /v1/drain']?.(QUERY, PRESENT), {});
    assert.deepEqual(routes['POST /v1/undrain']?.(QUERY, PRESENT), {});
    const server = { virtualServer: '10.0.0.100:80 tcp', realServer: '10.0.0.1:80' };
    assert.deepEqual(commands, [
      { ...server, undo: false },
      { ...server, undo: true },
    ]);
  });

  it('refuses what is not said whole, and servers there are not', () => {
    const routes = drainRoutes(() => {
      throw new DrainError('there is none');
    });
    assert.deepEqual(routes['POST /v1/drain']?.(QUERY, PRESENT), new Refusal(404, 'there is none'));
    const refusal = routes['POST /v1/drain']?.(new URLSearchParams({ virtualServer: 'x' }), PRESENT);
    assert.ok(refusal instanceof Refusal && refusal.code === 400);
  });
});
