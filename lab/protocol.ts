/** What a lab's agent and those who command it say to each other: one JSON text a line. One connection carries one request. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** What the agent writes on the machine's console when it can be reached. */
export const LISTENING = 'lab: the agent listens';

/** First line from the client. The token proves that it may read the lab's folder. */
export type Request =
  | { readonly op: 'hello'; readonly token: string }
  | { readonly op: 'own'; readonly token: string }
  | { readonly op: 'processes'; readonly token: string }
  | ({ readonly op: 'spawn'; readonly token: string } & Command);

/** A program to start. Unless it is `detached` it ends, with its process group, when the connection does. */
export type Command = {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Goes on without the connection; its output goes to this file of the lab. */
  readonly detached?: string;
};

/** Later lines from the client: to the program of a spawn, or, by the owner, to let the lab live on without it. */
export type Order =
  | { readonly input: string }
  | { readonly end: true }
  | { readonly kill: NodeJS.Signals }
  | { readonly release: true };

/** Lines from the agent. `code` and `signal` are those of Node's exit event. */
export type Reply =
  | { readonly ready: Kernel }
  | { readonly owned: true }
  | { readonly processes: readonly ProcessInfo[] }
  | { readonly pid: number }
  | { readonly stdout: string }
  | { readonly stderr: string }
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly error: string };

/** What the agent runs on. */
export type Kernel = { readonly release: string; readonly ipvs: boolean };

/** A process of the lab. `net` names its network namespace, `parent` is its parent's number; zombies are left out. */
export type ProcessInfo = {
  readonly pid: number;
  readonly parent: number;
  readonly net: string;
  /** Name of its program, at most 15 characters, as the kernel knows it. */
  readonly comm: string;
  /** Its command line; the first word is what process.title sets. */
  readonly args: readonly string[];
};

/** Writes one line; false when the reader is behind and the writer should wait for 'drain'. */
export function send(socket: Socket, message: Request | Order | Reply): boolean {
  return socket.writable ? socket.write(`${JSON.stringify(message)}\n`) : true;
}

/** Calls back with each line read, without its end. */
export function onLines(source: Readable, line: (text: string) => void): void {
  let rest = '';
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) line(part);
  });
}
