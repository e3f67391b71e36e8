/**
 * What a lab's agent and those who command it say to each other: one JSON text a line. The first line from the client is
 * the token, which proves that it may read the lab's folder. Each later line names the request it belongs to.
 */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** What the agent writes on the machine's console when it can be reached. */
export const LISTENING = 'lab: the agent listens';

/** A line with the number of its request, chosen by the client and unique in its connection. */
export type Numbered<Message> = { readonly id: number; readonly message: Message };

/** What the client asks for. `own`: the lab shall end when this connection does, until `disown`. */
export type Request =
  | { readonly op: 'hello' }
  | { readonly op: 'own' }
  | { readonly op: 'disown' }
  | { readonly op: 'processes' }
  | ({ readonly op: 'spawn' } & Command)
  | { readonly op: 'launch'; readonly argv: readonly string[]; readonly file: string };

/** A program to start; it ends, with its process group, when the connection does. `launch` starts one that does not. */
export type Command = { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** Later lines from the client, to the program that its request started. */
export type Order = { readonly input: string } | { readonly end: true } | { readonly kill: NodeJS.Signals };

/** Lines from the agent. `code` and `signal` are those of Node's exit event. After `started`, `stdout` and `stderr` more follow. */
export type Reply =
  | { readonly ready: Kernel }
  | { readonly done: true }
  | { readonly processes: readonly ProcessInfo[] }
  | { readonly pid: number }
  | { readonly started: number }
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
export function send(socket: Socket, id: number, message: Request | Order | Reply): boolean {
  return socket.writable ? socket.write(`${JSON.stringify({ id, message })}\n`) : true;
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
