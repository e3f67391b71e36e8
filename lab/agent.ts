/**
 * Runs inside the lab, as root of its kernel or namespaces, and starts the programs it is told to.
 * Usage: agent.js --run FOLDER --listen HOST:PORT | --listen /SOCKET
 * When the connection that owns the lab closes without releasing it, the agent ends and the lab with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { root } from './paths.js';
import { listProcesses } from './processes.js';
import { type Command, LISTENING, type Order, onLines, type Request, send } from './protocol.js';

const OWNER_WAIT_MS = 120_000;

const { values } = parseArgs({ options: { run: { type: 'string' }, listen: { type: 'string' } } });
const token = readFileSync(join(values.run ?? '', 'token'), 'utf8').trim();
const modules = new Promise<void>((resolve) => {
  const child = spawn(join(root, 'lab/modules.sh'), { stdio: 'ignore' });
  child.once('error', () => resolve());
  child.once('close', () => resolve());
});
const orphaned = setTimeout(() => process.exit(2), OWNER_WAIT_MS);

listen(values.listen ?? '');

function listen(at: string): void {
  const server = createServer({ allowHalfOpen: false }, serve);
  const tcp = /^([\d.]+):(\d+)$/.exec(at);
  server.once('listening', () => console.log(LISTENING));
  if (tcp) server.listen(Number(tcp[2]), tcp[1]);
  else server.listen(at);
}

function serve(socket: Socket): void {
  let order: ((text: Order) => void) | undefined;
  socket.on('error', () => socket.destroy());
  onLines(socket, (line) => {
    if (order) order(JSON.parse(line) as Order);
    else order = begin(socket, JSON.parse(line) as Request);
  });
}

/** Carries out a request and returns who takes the orders that follow it. */
function begin(socket: Socket, request: Request): (order: Order) => void {
  if (request.token !== token) {
    socket.end(`${JSON.stringify({ error: 'wrong token' })}\n`);
    return () => {};
  }
  switch (request.op) {
    case 'hello':
      void modules.then(() =>
        send(socket, { ready: { release: release(), ipvs: existsSync('/proc/net/ip_vs') } }),
      );
      return () => {};
    case 'own':
      return own(socket);
    case 'processes':
      send(socket, { processes: listProcesses() });
      return () => {};
    case 'spawn':
      return start(socket, request);
  }
}

function own(socket: Socket): (order: Order) => void {
  clearTimeout(orphaned);
  let released = false;
  socket.on('close', () => {
    if (!released) process.exit(0);
  });
  send(socket, { owned: true });
  return () => {
    released = true;
    socket.end();
  };
}

function start(socket: Socket, command: Command): (order: Order) => void {
  const [program = '', ...args] = command.argv;
  const file = command.detached === undefined ? undefined : openSync(command.detached, 'a');
  const child = spawn(program, args, {
    env: { ...process.env, ...command.env },
    stdio: file === undefined ? 'pipe' : ['ignore', file, file],
    detached: true,
  });
  report(socket, child);
  if (file === undefined) socket.on('close', () => end(child, 'SIGKILL'));
  else child.once('spawn', () => socket.end());
  return (order) => obey(child, order);
}

function report(socket: Socket, child: ChildProcess): void {
  child.once('error', (error) => send(socket, { error: error.message }));
  if (child.pid === undefined) return;
  send(socket, { pid: child.pid });
  if (child.stdout) relay(child.stdout, socket, (stdout) => ({ stdout }));
  if (child.stderr) relay(child.stderr, socket, (stderr) => ({ stderr }));
  child.stdin?.on('error', () => {});
  child.once(child.stdout ? 'close' : 'exit', (code, signal) => {
    send(socket, { code, signal });
    socket.end();
  });
}

function relay(
  from: Readable,
  socket: Socket,
  reply: (text: string) => { stdout: string } | { stderr: string },
): void {
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    if (send(socket, reply(text))) return;
    from.pause();
    socket.once('drain', () => from.resume());
  });
}

function obey(child: ChildProcess, order: Order): void {
  if ('input' in order) child.stdin?.write(order.input);
  else if ('end' in order) child.stdin?.end();
  else if ('kill' in order) child.kill(order.kill);
}

/** Ends the program and what it started, unless that left for a process group of its own. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
