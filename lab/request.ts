/** One request of the load client: a new connection, a page, and which server answered; or why none did. */
import { connect, type Socket } from 'node:net';

/** Why a request got no answer. `local`: the client itself could not ask (no port or socket left). */
export type Failure = 'refused' | 'reset' | 'timeout' | 'unreachable' | 'closed' | 'garbled' | 'local';

/** A request's end. `at` is wall time when it began (ms since 1970), `ms` its length, `server` the X-Server that answered. */
export type Asked =
  | { readonly at: number; readonly ms: number; readonly server: string }
  | { readonly at: number; readonly ms: number; readonly failure: Failure };

/** Whom to ask, and for how long at most. `from`, `fromPort`: the address and port to ask from. */
export type Target = {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly deadlineMs: number;
  readonly from?: string;
  readonly fromPort?: number;
};

/** Asks once; `done` is called once. */
export function ask(target: Target, done: (asked: Asked) => void): void {
  const at = Date.now();
  const began = performance.now();
  const { host, port, from: localAddress, fromPort: localPort } = target;
  let ended = false;
  const socket = connect({
    host,
    port,
    ...(localAddress && { localAddress }),
    ...(localPort && { localPort }),
  });
  const timer = setTimeout(() => finish({ failure: 'timeout' }), target.deadlineMs);
  const finish = (end: { server: string } | { failure: Failure }) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    socket.destroy();
    done({ at, ms: Math.round((performance.now() - began) * 10) / 10, ...end });
  };
  socket.on('error', (error: NodeJS.ErrnoException) => finish({ failure: failureOf(error.code) }));
  socket.write(`GET ${target.path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n`);
  readPage(socket, finish);
}

function readPage(socket: Socket, finish: (end: { server: string } | { failure: Failure }) => void): void {
  let page = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    page += text;
  });
  socket.on('end', () => {
    if (page === '') return finish({ failure: 'closed' });
    const server = serverOf(page);
    finish(server === undefined ? { failure: 'garbled' } : { server });
  });
}

/** The server's name in a whole page of status 200, or undefined. */
export function serverOf(page: string): string | undefined {
  const [head = '', body = ''] = page.split('\r\n\r\n', 2);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  const whole = head.startsWith('HTTP/1.1 200 ') && Number(length) === body.length;
  return whole ? /^x-server: (\S+)$/im.exec(head)?.[1] : undefined;
}

const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
};

function failureOf(code: string | undefined): Failure {
  return FAILURES[code ?? ''] ?? 'local';
}
