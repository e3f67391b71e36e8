/**
 * Clients that stay: opens connections to a web server, asks each for a page, and keeps them.
 * Usage: crowd-client.js '{"host":"10.0.0.100","count":300}': all at once; they leave when standard input ends.
 *        crowd-client.js '{"host":"10.0.0.100","rate":500,"forMs":5000,"stayMs":100}': so many a second, each for a time.
 * Prints one line of JSON, a CrowdResult: when all are answered, or at the end. Runs in a host of the lab.
 */
import { connect } from 'node:net';

export type CrowdOptions = {
  readonly host: string;
  readonly port?: number;
  readonly count?: number;
  readonly rate?: number;
  readonly forMs?: number;
  readonly stayMs?: number;
};

/** How many each server answered, and how many failed for each reason. */
export type CrowdResult = {
  readonly servers: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
};

const ANSWER_MS = 20_000;
const {
  host,
  port = 80,
  count = 0,
  rate = 0,
  forMs = 0,
  stayMs = 0,
} = JSON.parse(process.argv[2] ?? '') as CrowdOptions;
const servers: Record<string, number> = {};
const failures: Record<string, number> = {};
let waiting = 0;

if (rate > 0) pace();
else {
  for (let n = 0; n < count; n++) open(undefined, reportIfAll);
  process.stdin.resume().on('end', () => process.exit(0));
}

function pace(): void {
  const began = performance.now();
  let opened = 0;
  const timer = setInterval(() => {
    const passed = performance.now() - began;
    for (; opened < (Math.min(passed, forMs) / 1000) * rate; opened++) open(stayMs, () => {});
    if (passed < forMs) return;
    clearInterval(timer);
    const ending = setInterval(() => {
      if (waiting > 0) return;
      clearInterval(ending);
      report();
      process.exit(0);
    }, 10);
  }, 1);
}

function open(stay: number | undefined, answered: () => void): void {
  waiting += 1;
  let done = false;
  const end = (counts: Record<string, number>, what: string) => {
    if (done) return;
    done = true;
    waiting -= 1;
    counts[what] = (counts[what] ?? 0) + 1;
    answered();
  };
  const socket = connect({ host, port });
  const timer = setTimeout(() => {
    end(failures, 'timeout');
    socket.destroy();
  }, ANSWER_MS);
  socket
    .setEncoding('latin1')
    .on('error', (error: NodeJS.ErrnoException) => end(failures, String(error.code)));
  socket.write('GET / HTTP/1.1\r\nHost: lab\r\n\r\n');
  socket.on('data', (text: string) => {
    const server = /^x-server: (\S+)$/im.exec(text)?.[1];
    if (server === undefined) return;
    clearTimeout(timer);
    end(servers, server);
    if (stay !== undefined) setTimeout(() => socket.end(), stay);
  });
}

function reportIfAll(): void {
  if (waiting === 0) report();
}

function report(): void {
  process.stdout.write(`${JSON.stringify({ servers, failures } satisfies CrowdResult)}\n`);
}
