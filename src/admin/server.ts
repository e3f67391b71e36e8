/** The admin interface: HTTP on a unix socket that only its owner may open. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { Clock } from '../clock.js';
import type { Complaints } from '../complaint.js';
import { keepListening } from './keep-listening.js';

/**
 * Answers a request, whose query is given. The result is sent as JSON, unless it is a Text or a Refusal. `requester` aborts when
 * nobody waits for it any more.
 */
export type Route = (query: URLSearchParams, requester: AbortSignal) => Promise<unknown> | unknown;

/** What answers a path: `/v1/status` for GET, `POST /v1/handover` for POST. */
export type Routes = Readonly<Record<string, Route>>;

/** The result of a route that cannot do what was asked: an HTTP status and the reason. */
export class Refusal {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {}
}

/** The result of a route that is no JSON. */
export class Text {
  constructor(
    readonly text: string,
    readonly contentType: string,
  ) {}
}

export type AdminOptions = Complaints & {
  /** Path of the socket; a stale one is replaced, so the caller must hold the state directory. */
  readonly socket: string;
  readonly routes: Routes;
  readonly clock: Clock;
};

/** A client that sends a request slower than this, or more than this, is cut off. */
const REQUEST_TIMEOUT_MS = 5000;
const MAX_HEADER_BYTES = 8192;
const MAX_CLIENTS = 64;
/** Turns of the event loop in which a connection that was closed long ago shows itself as such. */
const CLOSING_TURNS = 4;

/** Serves `routes` until `close`. Where the socket cannot be, or somebody took it away, it is made as soon as it can be. */
export function serveAdmin({ socket, routes, clock, ...complaints }: AdminOptions): {
  readonly close: () => void;
} {
  const { server, close } = boundedServer(routes);
  const forget = keepListening({
    ...complaints,
    server,
    clock,
    place: socket,
    open: () => listenPrivately(server, socket),
    isThere: () => existsSync(socket),
  });
  return {
    close: () => {
      forget();
      close();
    },
  };
}

/** A server of these routes that does not listen yet, and that no client can keep busy. */
export function boundedServer(routes: Routes): { readonly server: Server; readonly close: () => void } {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(routes, request, response),
  );
  server.maxConnections = MAX_CLIENTS;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { server, close };
}

/** The socket is born with mode 0600; a chmod afterwards would leave a moment in which anyone may connect. */
function listenPrivately(server: Server, socket: string): void {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o755 });
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
  const [pathname = '/', query] = (request.url ?? '/').split('?');
  const find = (key: string) => (Object.hasOwn(routes, key) ? routes[key] : undefined);
  const byMethod = { GET: find(pathname), POST: find(`POST ${pathname}`) };
  const allowed = Object.entries(byMethod).filter(([, route]) => route !== undefined);
  if (allowed.length === 0) return send(response, 404, { error: `no such path: ${pathname}` });
  const route = allowed.find(([method]) => method === request.method)?.[1];
  if (route === undefined) {
    return send(response, 405, { error: `${pathname}: only ${allowed.map(([method]) => method).join()}` });
  }
  const requester = requesterOf(response);
  try {
    // A command that waited while this process stood still is not carried out for somebody who has gone.
    if (request.method === 'POST') await turns(CLOSING_TURNS);
    if (requester.aborted) return;
    const result = await route(new URLSearchParams(query), requester);
    if (result instanceof Refusal) return send(response, result.code, { error: result.reason });
    if (result instanceof Text) return sendText(response, result);
    return send(response, 200, result);
  } catch (error) {
    return send(response, 500, { error: (error as Error).message });
  }
}

function requesterOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

function sendText(response: ServerResponse, { text, contentType }: Text): void {
  response.writeHead(200, { 'content-type': contentType });
  response.end(text);
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  // IPVS counters are 64 bits wide; up to 2^53 they are exact as JSON numbers, above that not, as in any JSON reader.
  response.end(JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
}
