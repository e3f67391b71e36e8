/**
 * The load client: asks a page so many times a second, each time by a new connection, however long the answers take.
 * Usage: client.js '{"host":"10.0.0.100","port":80,"path":"/","deadlineMs":2000,"rate":50,"from":["10.9.0.1"]}'
 * Standard output has a line of JSON each 100 ms, an array of ended requests; and {"mark":"TEXT","at":MS} at once for
 * each line of standard input, so that what is done to the lab stands on the same clock. When the input ends it asks
 * no more, waits for what is under way and ends.
 */
import { createInterface } from 'node:readline';
import { type Asked, ask, type Target } from './request.js';

/** What the client is told. `rate` is requests a second; `from` the addresses it takes turns with. */
export type ClientOptions = Omit<Target, 'from'> & {
  readonly rate: number;
  readonly from?: readonly string[];
};

/** A line of the client's output. */
export type ClientLine = readonly Asked[] | { readonly mark: string; readonly at: number };

const REPORT_MS = 100;
/** A client that cannot keep up must not ask for all it missed in one burst: what is older than this it leaves out. */
const MAX_BEHIND_MS = 1_000;

const options = JSON.parse(process.argv[2] ?? '') as ClientOptions;
const ended: Asked[] = [];
let open = 0;
let asked = 0;
let paceAt = performance.now();

const pace = setInterval(askWhatIsDue, Math.max(1, 500 / options.rate));
const reporting = setInterval(report, REPORT_MS);
const input = createInterface({ input: process.stdin });
input.on('line', (mark) => write({ mark, at: Date.now() }));
input.on('close', stop);

function askWhatIsDue(): void {
  const now = performance.now();
  const gapMs = 1000 / options.rate;
  paceAt = Math.max(paceAt, now - MAX_BEHIND_MS);
  for (; paceAt <= now; paceAt += gapMs) askOnce();
}

function askOnce(): void {
  const { from } = options;
  const address = from?.[asked++ % from.length];
  open++;
  ask({ ...options, from: address } as Target, (result) => {
    open--;
    ended.push(result);
  });
}

function stop(): void {
  clearInterval(pace);
  const waiting = setInterval(() => {
    if (open > 0) return;
    clearInterval(waiting);
    clearInterval(reporting);
    report();
  }, 10);
}

function report(): void {
  if (ended.length > 0) write(ended.splice(0));
}

function write(line: ClientLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
