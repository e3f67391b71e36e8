/** The admin interface: HTTP on a unix socket that only its owner may open. */
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What answers a path. The result is sent as JSON. */
export type Routes = Readonly<Record<string, () => Promise<unknown> | unknown>>;

export type AdminOptions = {
  /** Path of the socket; a stale one is replaced, so the caller must hold the state directory. */
  readonly socket: string;
  readonly routes: Routes;
  readonly onError: (text: string) => void;
};

/** A client that sends a request slower than this, or more than this, is cut off. */
const REQUEST_TIMEOUT_MS = 5000;
const MAX_HEADER_BYTES = 8192;
const MAX_CLIENTS = 64;

/** Serves `routes` until `close`. */
export function serveAdmin({ socket, routes, onError }: AdminOptions): { readonly close: () => void } {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(routes, request, response),
  );
  server.maxConnections = MAX_CLIENTS;
  server.on('error', (error) => onError(`cannot serve ${socket}: ${error.message}`));
  listenPrivately(server, socket);
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The socket is born with mode 0600; a chmod afterwards would leave a moment in which anyone may connect. */
function listenPrivately(server: Server, socket: string): void {
  rmSync(socket, { force: true });
  const before = process.umask(0o177);
  try {
    server.listen(socket);
  } finally {
    process.umask(before);
  }
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  const pathname = request.url?.split('?')[0] ?? '/';
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  if (route === undefined) return send(response, 404, { error: `no such path: ${pathname}` });
  if (request.method !== 'GET') return send(response, 405, { error: `${pathname}: only GET` });
  try {
    return send(response, 200, await route());
  } catch (error) {
    return send(response, 500, { error: (error as Error).message });
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  // IPVS counters are 64 bits wide; up to 2^53 they are exact as JSON numbers, above that not, as in any JSON reader.
  response.end(JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
}
