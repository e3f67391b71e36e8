/** One connection to a lab's agent, shared by all requests to it: a forwarded port takes new connections only one by one. */
import { connect, type Socket } from 'node:net';
import { type Numbered, type Order, onLines, type Reply, type Request, send } from './protocol.js';

/** Where the agent listens: a port of 127.0.0.1 or a unix socket. */
export type Address = { readonly port: number } | { readonly path: string };

/** A request that was sent. */
export type Sent = { readonly order: (order: Order) => void };

export class Connection {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private nextId = 1;

  /** The connection keeps this process alive only while a request waits. */
  constructor(
    address: Address,
    token: string,
    private readonly why: () => string,
  ) {
    this.socket = 'port' in address ? connect(address.port, '127.0.0.1') : connect(address.path);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.closed());
    this.socket.write(`${token}\n`);
    onLines(this.socket, (line) => this.take(JSON.parse(line) as Numbered<Reply>));
    this.socket.unref();
  }

  /** Sends a request; `take` gets each reply to it, the last being an error when the connection is lost. */
  request(message: Request, take: (reply: Reply) => void): Sent {
    const id = this.nextId++;
    this.waiting.set(id, take);
    this.socket.ref();
    if (this.socket.destroyed) queueMicrotask(() => this.closed());
    else send(this.socket, id, message);
    return { order: (order) => void send(this.socket, id, order) };
  }

  close(): void {
    this.socket.destroy();
  }

  private take({ id, message }: Numbered<Reply>): void {
    const take = this.waiting.get(id);
    if (isLast(message)) this.waiting.delete(id);
    if (this.waiting.size === 0) this.socket.unref();
    take?.(message);
  }

  private closed(): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const take of waiting)
      take({ error: `the connection to the lab is closed; it last said: ${this.why()}` });
  }
}

function isLast(reply: Reply): boolean {
  return !('started' in reply || 'stdout' in reply || 'stderr' in reply);
}
