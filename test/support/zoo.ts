/** Servers on loopback that behave, and servers that do not. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import koffi from 'koffi';
import * as libc from '../../src/net/libc.js';
import { AF_INET, SOCK_NONBLOCK, SOCK_STREAM } from '../../src/net/linux.js';
import { decodeSockaddr, encodeSockaddr } from '../../src/net/sockaddr.js';

export type Keeper = {
  readonly port: number;
  /** What clients have sent, in order of connection. */
  readonly heard: readonly string[];
  /** Connections open now. */
  readonly open: () => number;
  readonly close: () => Promise<void>;
};

/** What a server does with a connection. */
export type Behaviour = (socket: Socket) => void;

/** Listens on a free port of `host` and treats every connection alike. */
export function keep(behaviour: Behaviour, host = '127.0.0.1', tls?: TlsOptions): Promise<Keeper> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const greet = (socket: Socket) => {
    const index = heard.push('') - 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard[index] += data.toString('latin1');
    });
    behaviour(socket);
  };
  const server: Server = tls === undefined ? createServer(greet) : createTlsServer(tls, greet);
  server.on('tlsClientError', () => undefined);
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        heard,
        open: () => sockets.size,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

/** Answers the first bytes with `text`, and closes. */
export function answering(text: string): Behaviour {
  return (socket) => socket.once('data', () => socket.end(Buffer.from(text, 'latin1')));
}

/** Answers the first bytes with `text`, and keeps the connection open. */
export function answeringOpen(text: string): Behaviour {
  return (socket) => socket.once('data', () => socket.write(Buffer.from(text, 'latin1')));
}

/** Accepts, listens, says nothing. */
export const silent: Behaviour = (socket) => socket.resume();

export const resetting: Behaviour = (socket) => socket.resetAndDestroy();

/** Accepts and closes without a word. */
export const hangingUp: Behaviour = (socket) => socket.end();

/** Writes `text` a byte each few milliseconds, for ever. */
export function dripping(text: string): Behaviour {
  return (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), 3);
    socket.on('close', () => clearInterval(timer));
    socket.resume();
  };
}

/** Writes `start` and then `fill` as fast as it is read, for ever. */
export function flooding(start: string, fill: string): Behaviour {
  const block = Buffer.alloc(65536, fill);
  return (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', more);
    socket.once('data', () => {
      socket.write(start);
      more();
    });
  };
}

const listen = koffi.load(null).func('int listen(int, int)');

/** A port whose queue of connections is full: the kernel leaves every further SYN unanswered. */
export function deafPort(): { readonly port: number; readonly close: () => void } {
  const fds = [libc.socket(AF_INET, SOCK_STREAM, 0)];
  const [listener = -1] = fds;
  libc.bind(listener, encodeSockaddr('127.0.0.1', 0));
  listen(listener, 0);
  const address = new Uint8Array(16);
  libc.getsockname(listener, address);
  for (let i = 0; i < 3; i++) {
    const fd = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    libc.connect(fd, address);
    fds.push(fd);
  }
  return {
    port: decodeSockaddr(address)?.port ?? 0,
    close: () => {
      for (const fd of fds) libc.close(fd);
    },
  };
}

/** Opens keepers for the tests of a suite, and closes them after each. */
export function useKeepers(): typeof keep {
  const keepers: Keeper[] = [];
  afterEach(async () => {
    await Promise.all(keepers.splice(0).map((keeper) => keeper.close()));
  });
  return async (...args) => {
    const keeper = await keep(...args);
    keepers.push(keeper);
    return keeper;
  };
}
