import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bind, close, recv, socket } from '../../src/net/libc.js';
import { AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
import {
  encodeServiceState,
  encodeUnixAddress,
  notifyServiceManager,
  watchdogMs,
} from '../../src/net/service-manager.js';

/** What a manager listening at this path hears. */
function heard(path: string, act: () => void): string[] {
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  assert.equal(bind(fd, encodeUnixAddress(path)), 0);
  act();
  const found: string[] = [];
  const buffer = Buffer.alloc(1024);
  for (let length = recv(fd, buffer); length > 0; length = recv(fd, buffer)) {
    found.push(buffer.toString('utf8', 0, length));
  }
  close(fd);
  return found;
}

describe('net/service-manager', () => {
  it('tells the manager at a path', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvsd-notify-'));
    const path = join(folder, 'socket');
    const tell = () =>
      assert.equal(notifyServiceManager({ ready: true }, { NOTIFY_SOCKET: path }, 0n), undefined);
    assert.deepEqual(heard(path, tell), ['READY=1']);
    rmSync(folder, { recursive: true });
  });

  it('tells the manager at an abstract name', () => {
    const path = `@lvsd-test-${process.pid}`;
    const tell = () => {
      notifyServiceManager({ stopping: true }, { NOTIFY_SOCKET: path }, 0n);
      notifyServiceManager({ watchdog: true }, { NOTIFY_SOCKET: path }, 0n);
    };
    assert.deepEqual(heard(path, tell), ['STOPPING=1', 'WATCHDOG=1']);
  });

  it('says nothing where no manager started it, and why where it is gone', () => {
    assert.equal(notifyServiceManager({ ready: true }, {}, 0n), undefined);
    const refused = notifyServiceManager({ ready: true }, { NOTIFY_SOCKET: '/nowhere/socket' }, 0n);
    assert.match(String(refused), /^notify "\/nowhere\/socket": ENOENT/);
  });

  it('sd_notify(3): one assignment a line, a time with RELOADING, no line break in a status', () => {
    assert.equal(
      encodeServiceState({ reloading: true, mainPid: 7, status: 'two\nlines' }, 123n),
      'RELOADING=1\nMONOTONIC_USEC=123\nMAINPID=7\nSTATUS=two lines',
    );
  });

  it('sd_watchdog_enabled(3): µs, and only for the process that is meant', () => {
    assert.equal(watchdogMs({ WATCHDOG_USEC: '2000000', WATCHDOG_PID: '7' }, 7), 2000);
    assert.equal(watchdogMs({ WATCHDOG_USEC: '2000000' }, 7), 2000);
    assert.equal(watchdogMs({ WATCHDOG_USEC: '2000000', WATCHDOG_PID: '8' }, 7), undefined);
    assert.equal(watchdogMs({}, 7), undefined);
    assert.equal(watchdogMs({ WATCHDOG_USEC: 'soon' }, 7), undefined);
  });
});
