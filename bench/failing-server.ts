/** A web server on one port of every loopback address that fails where it is told to, and says when it did. */
import { createServer, type Server, type Socket } from 'node:net';

const page = (status: string) =>
  Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: 600\r\nConnection: close\r\n\r\n${'x'.repeat(600)}`,
  );
const GOOD = page('200 OK');
const BAD = page('500 Internal Server Error');

export class FailingServer {
  readonly #failing = new Set<string>();
  readonly #waiting = new Map<string, (at: number) => void>();
  readonly #server: Server;

  constructor(port: number) {
    this.#server = createServer((socket) => this.#serve(socket)).listen({
      port,
      host: '0.0.0.0',
      backlog: 1024,
    });
  }

  /** From now on this address fails. Resolves to when it was first asked and did, in ms of the monotonic clock. */
  fail(address: string): Promise<number> {
    this.#failing.add(address);
    return this.#nextAnswer(address);
  }

  /** From now on it answers well again. Resolves to when it first did. */
  heal(address: string): Promise<number> {
    this.#failing.delete(address);
    return this.#nextAnswer(address);
  }

  close(): void {
    this.#server.close();
  }

  #nextAnswer(address: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(address, resolve));
  }

  #serve(socket: Socket): void {
    const address = socket.localAddress ?? '';
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const answeredAt = Number(process.hrtime.bigint()) / 1e6;
      socket.end(this.#failing.has(address) ? BAD : GOOD);
      this.#waiting.get(address)?.(answeredAt);
      this.#waiting.delete(address);
    });
  }
}
