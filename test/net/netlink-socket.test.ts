import assert from 'node:assert/strict';
import { Protocol, RawNetlinkSocket } from 'netlink';
import { setIntOption } from '../../src/net/libc.js';
import { SO_RCVBUF, SOL_SOCKET } from '../../src/net/linux.js';
import { findNetlinkSocket } from '../../src/net/netlink-socket.js';

const MINE = 4_000_000_000;

describe('net/netlink-socket', () => {
  const sockets: RawNetlinkSocket[] = [];
  const open = (protocol: Protocol, port: number): RawNetlinkSocket => {
    const socket = new RawNetlinkSocket(protocol, { localPort: port, recvBufferSize: 0, sendBufferSize: 0 });
    sockets.push(socket);
    return socket;
  };
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });

  it('finds the descriptor of each of several sockets: an option set there is that socket’s', () => {
    const wanted = [
      [Protocol.GENERIC, MINE],
      [Protocol.GENERIC, MINE + 1],
      [Protocol.ROUTE, MINE],
    ] as const;
    const opened = wanted.map(([protocol, port]) => open(protocol, port));
    for (const [index, [protocol, port]] of wanted.entries()) {
      const fd = findNetlinkSocket(protocol, port) ?? assert.fail();
      setIntOption(fd, SOL_SOCKET, SO_RCVBUF, 10_000 + index);
    }
    assert.deepEqual(
      opened.map((socket) => socket.getRecvBufferSize()),
      [20_000, 20_002, 20_004],
    );
  });

  it('finds none that this process does not have', () => {
    open(Protocol.GENERIC, MINE);
    assert.equal(findNetlinkSocket(Protocol.GENERIC, MINE + 1), undefined);
    assert.equal(findNetlinkSocket(Protocol.ROUTE, MINE), undefined);
  });
});
