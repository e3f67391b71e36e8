import assert from 'node:assert/strict';
import * as libc from '../../src/net/libc.js';
import { SO_BINDTODEVICE, SO_MARK, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/net/linux.js';
import { decodeSockaddr } from '../../src/net/sockaddr.js';
import { faultText, openSocket, type SocketOptions, sockaddrOf } from '../../src/net/socket.js';

const PLAIN: SocketOptions = { family: 'ipv4', fwmark: 0 };

describe('net/socket', () => {
  const fds: number[] = [];
  afterEach(() => {
    for (const fd of fds.splice(0)) libc.close(fd);
  });
  const open = (options: Partial<SocketOptions>, type = SOCK_STREAM): number => {
    const fd = openSocket(type, 0, { ...PLAIN, ...options });
    assert.ok(typeof fd === 'number', typeof fd === 'number' ? '' : faultText(fd));
    fds.push(fd);
    return fd;
  };
  const optionOf = (fd: number, option: number): Buffer => {
    const value = Buffer.alloc(16);
    const length = libc.getsockopt(fd, SOL_SOCKET, option, value);
    return value.subarray(0, length);
  };
  const nameOf = (fd: number, size = 16) => {
    const address = new Uint8Array(size);
    libc.getsockname(fd, address);
    return decodeSockaddr(address);
  };

  it('marks its packets', function () {
    if (process.getuid?.() !== 0) this.skip();
    assert.equal(optionOf(open({ fwmark: 77 }), SO_MARK).readUInt32LE(), 77);
    assert.equal(optionOf(open({}), SO_MARK).readUInt32LE(), 0);
  });

  it('is bound to an interface', () => {
    assert.equal(optionOf(open({ bindInterface: 'lo' }), SO_BINDTODEVICE).toString(), 'lo\0');
  });

  it('is bound to an address, and to a port which several may share', () => {
    assert.equal(nameOf(open({ bindAddress: '127.0.0.5' }))?.address, '127.0.0.5');
    for (let i = 0; i < 2; i++) {
      const fd = open({ bindAddress: '127.0.0.5', bindPort: 41_234 });
      assert.deepEqual(nameOf(fd), { address: '127.0.0.5', port: 41_234, scope: 0 });
    }
    assert.deepEqual(nameOf(open({ family: 'ipv6', bindPort: 41_235 }, SOCK_DGRAM), 28), {
      address: '::',
      port: 41_235,
      scope: 0,
    });
  });

  it('is given an address within its interface where that is link-local', () => {
    const v6 = { family: 'ipv6', fwmark: 0, bindInterface: 'lo' } as const;
    assert.equal(decodeSockaddr(sockaddrOf('fe80::1', 80, v6))?.scope, 1);
    assert.equal(decodeSockaddr(sockaddrOf('2001:db8::1', 80, v6))?.scope, 0);
    assert.equal(decodeSockaddr(sockaddrOf('fe80::1', 80, { family: 'ipv6', fwmark: 0 }))?.scope, 0);
  });

  it('leaves nothing open when it cannot be had, and says what was tried', () => {
    const next = libc.socket(2, SOCK_STREAM, 0);
    libc.close(next);
    const fault = openSocket(SOCK_STREAM, 0, { ...PLAIN, bindAddress: '192.0.2.1', bindPort: 80 });
    assert.equal(
      typeof fault === 'number' ? '' : faultText(fault),
      'bind to 192.0.2.1 port 80: address not available',
    );
    const again = libc.socket(2, SOCK_STREAM, 0);
    fds.push(again);
    assert.equal(again, next);
  });
});
