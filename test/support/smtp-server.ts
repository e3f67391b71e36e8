/** A small SMTP server (RFC 5321) that keeps what it is given. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Host } from './namespaces.js';

export type ReceivedMail = { readonly from: string; readonly to: readonly string[]; readonly text: string };

export class SmtpServer {
  readonly mails: ReceivedMail[] = [];
  readonly helos: string[] = [];
  /** How many there were. */
  connections = 0;
  readonly #server: Server;
  /** How long it lets those wait who connect. */
  hesitateMs = 0;
  /** Recipients are refused while set. */
  refusing = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static listen(): Promise<SmtpServer> {
    return SmtpServer.#listen((server) => void server.listen(0, '127.0.0.1'));
  }

  /** On a host of the test network. */
  static listenOn({ enter }: Pick<Host, 'enter'>): Promise<SmtpServer> {
    // Only without an address the socket is made before the call returns.
    return SmtpServer.#listen((server) => enter(() => void server.listen(0)));
  }

  static #listen(begin: (server: Server) => void): Promise<SmtpServer> {
    return new Promise((resolve) => {
      const server = createServer((socket) => made.#serve(socket));
      const made = new SmtpServer(server);
      server.once('listening', () => resolve(made));
      begin(server);
    });
  }

  /** Subjects in the order of arrival, unfolded. */
  get subjects(): readonly string[] {
    return this.mails.map(({ text }) =>
      (/^Subject: (.*(?:\n .*)*)/m.exec(text)?.[1] ?? '').replace(/\n/g, ''),
    );
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    let buffer = '';
    const session = { from: '', to: [] as string[], data: undefined as string[] | undefined };
    const say = (line: string) => socket.write(`${line}\r\n`);
    const end = (): string => {
      this.mails.push({ from: session.from, to: session.to, text: (session.data ?? []).join('\n') });
      Object.assign(session, { to: [], data: undefined });
      return '250 kept';
    };
    const commands: Readonly<Record<string, (argument: string) => string>> = {
      EHLO: (name) => {
        this.helos.push(name);
        return '250 test';
      },
      MAIL: (from) => {
        session.from = from;
        return '250 ok';
      },
      RCPT: (to) => {
        if (this.refusing) return '550 no such user';
        session.to.push(to);
        return '250 ok';
      },
      DATA: () => {
        session.data = [];
        return '354 go on';
      },
      QUIT: () => {
        setImmediate(() => socket.end());
        return '221 bye';
      },
    };
    const take = (line: string): void => {
      if (session.data === undefined)
        say(commands[line.slice(0, 4).toUpperCase()]?.(line.slice(5)) ?? '500 what?');
      else if (line === '.') say(end());
      else session.data.push(line);
    };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffer += chunk.toString();
      const lines = buffer.split('\r\n');
      buffer = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    if (this.hesitateMs === 0) say('220 test');
    else setTimeout(() => say('220 test'), this.hesitateMs).unref();
  }
}
