import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bind, close, recv, socket } from '../../src/net/libc.js';
import { AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
import { encodeUnixAddress } from '../../src/net/service-manager.js';
import { createManager } from '../../src/supervisor/manager.js';
import { createFakeClock } from '../support/fake-clock.js';
import { useFolder } from '../support/scripts.js';

describe('supervisor/manager', () => {
  const folder = useFolder();
  let path = '';
  let fd = -1;
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text) };
  const clock = createFakeClock();
  before(() => {
    path = join(folder(), 'notify');
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert.equal(bind(fd, encodeUnixAddress(path)), 0);
  });
  after(() => close(fd));

  const heard = () => {
    const buffer = Buffer.alloc(1024);
    const found: string[] = [];
    for (let length = recv(fd, buffer); length > 0; length = recv(fd, buffer))
      found.push(buffer.toString('utf8', 0, length).split('\n')[0] ?? '');
    return found;
  };

  it('tells of ready, reload and end', () => {
    const manager = createManager({ clock, log, environment: { NOTIFY_SOCKET: path }, pid: 7 });
    manager.ready();
    manager.reloading();
    manager.ready();
    manager.stopping();
    assert.deepEqual(heard(), ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
    clock.advance(60_000);
    assert.deepEqual(heard(), [], 'no watchdog was asked for');
  });

  it('says that it lives, twice in the time of the watchdog', () => {
    const environment = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' };
    const manager = createManager({ clock, log, environment, pid: 7 });
    clock.advance(59_999);
    assert.deepEqual(heard(), ['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    manager.stopping();
    clock.advance(60_000);
    assert.deepEqual(heard(), ['STOPPING=1'], 'a wake-up that stays would keep the process from ending');
    createManager({ clock, log, environment: { ...environment, WATCHDOG_PID: '8' }, pid: 7 });
    assert.deepEqual(heard(), []);
  });

  it('warns of a manager that is gone, and goes on', () => {
    createManager({ clock, log, environment: { NOTIFY_SOCKET: `${path}-gone` }, pid: 7 }).ready();
    assert.match(warnings.join(), /notify .*-gone.*: (ENOENT|ECONNREFUSED)/);
  });
});
