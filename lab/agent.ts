/**
 * Runs inside the lab, as root of its kernel or namespaces, and starts the programs it is told to.
 * Usage: agent.js --run FOLDER --listen HOST:PORT | --listen /SOCKET
 * When the connection that owns the lab closes without releasing it, the agent ends and the lab with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { release } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './paths.js';
import { listProcesses } from './processes.js';
import { launch, Program } from './program.js';
import { LISTENING, type Numbered, type Order, onLines, type Request, send } from './protocol.js';

const OWNER_WAIT_MS = 240_000;

const { values } = parseArgs({ options: { run: { type: 'string' }, listen: { type: 'string' } } });
const token = readFileSync(join(values.run ?? '', 'token'), 'utf8').trim();
process.env.PATH = [join(root, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter);

const orphaned = setTimeout(() => process.exit(2), OWNER_WAIT_MS);
let owner: Socket | undefined;

const loading = setInterval(() => {
  if (!existsSync('/run/modules-loaded')) return;
  clearInterval(loading);
  listen(values.listen ?? '');
}, 10);

function listen(at: string): void {
  const server = createServer(serve);
  const tcp = /^([\d.]+):(\d+)$/.exec(at);
  server.once('listening', () => console.log(LISTENING));
  if (tcp) server.listen(Number(tcp[2]), tcp[1]);
  else server.listen(at);
}

function serve(socket: Socket): void {
  const programs = new Map<number, Program>();
  let trusted = false;
  socket.on('error', () => socket.destroy());
  socket.on('close', () => leave(socket, programs));
  onLines(socket, (line) => {
    if (trusted) take(socket, programs, JSON.parse(line) as Numbered<Request | Order>);
    else if (line === token) trusted = true;
    else socket.destroy();
  });
}

function leave(socket: Socket, programs: ReadonlyMap<number, Program>): void {
  if (socket === owner) process.exit(0);
  for (const program of programs.values()) program.abandon();
}

function take(socket: Socket, programs: Map<number, Program>, line: Numbered<Request | Order>): void {
  const { id, message } = line;
  if ('op' in message) begin(socket, programs, id, message);
  else programs.get(id)?.obey(message);
}

function begin(socket: Socket, programs: Map<number, Program>, id: number, request: Request): void {
  switch (request.op) {
    case 'hello':
      send(socket, id, { ready: { release: release(), ipvs: existsSync('/proc/net/ip_vs') } });
      return;
    case 'own':
      clearTimeout(orphaned);
      owner = socket;
      send(socket, id, { done: true });
      return;
    case 'disown':
      owner = undefined;
      send(socket, id, { done: true });
      return;
    case 'processes':
      send(socket, id, { processes: listProcesses() });
      return;
    case 'spawn':
      programs.set(id, new Program(socket, id, request, () => programs.delete(id)));
      return;
    case 'launch':
      launch(request.argv, request.file, (reply) => send(socket, id, reply));
      return;
  }
}
