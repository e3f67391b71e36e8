/**
 * The part of the latency bench that runs where the daemons do. It is all the web servers, so it knows when it gave the answer that
 * fails a check; the change is seen in the kernel (`kernel`) or by the library that answers in its place (`shim`).
 * Prints one JSON line a contender. Arguments: kernel or shim, servers, rounds.
 */
import { existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contender, commandLog, keepalived, lvsdForReal } from './contenders.js';
import { FailingServer } from './failing-server.js';
import { end } from './processes.js';
import { addressOf, configuration, PORT } from './servers.js';
import { clearTrace, commands, startTracer, stopTracer } from './tracer.js';

export type LatencyRun = { readonly who: string; readonly ms: readonly number[] };

/** Says when the first change after a moment was made, in ms of the monotonic clock. */
type Seer = { readonly changeAfter: (at: number) => Promise<number> };

const GIVE_UP_MS = 20_000;
/** Until every server has been checked, and the code is warm. */
const WARM_UP_MS = 15_000;

// An exit ends what was started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const [how = 'shim', servers = '100', rounds = '30'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'lvsd-latency-'));
const config = join(folder, 'latency.conf');
writeFileSync(config, configuration('http', Number(servers), 1));
const server = new FailingServer(PORT);
if (how === 'kernel') startTracer();
for (const contender of [lvsdForReal, keepalived]) {
  const run: LatencyRun = { who: contender.name, ms: await measure(contender) };
  console.log(JSON.stringify(run));
}
if (how === 'kernel') stopTracer();
server.close();

async function measure(contender: Contender): Promise<number[]> {
  const daemon = await contender.start(config, folder);
  const seer = how === 'kernel' ? inKernel() : inShim(commandLog(folder, contender.name));
  const latencies: number[] = [];
  try {
    await sleep(WARM_UP_MS);
    for (let round = 0; round < Number(rounds); round++) {
      const address = addressOf(round % Number(servers));
      const failedAt = await server.fail(address);
      latencies.push((await seer.changeAfter(failedAt)) - failedAt);
      const healedAt = await server.heal(address);
      await seer.changeAfter(healedAt);
    }
  } finally {
    await end(daemon);
  }
  return latencies;
}

/** To the end of the command. */
function inKernel(): Seer {
  return seer(() => commands().map(({ endAt }) => endAt), clearTrace);
}

/** To when the command came. */
function inShim(log: string): Seer {
  const read = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(Number) : []);
  return seer(read, () => truncateSync(log));
}

function seer(changes: () => readonly number[], forget: () => void): Seer {
  return {
    changeAfter: async (at) => {
      const found = await eventually(() => changes().find((each) => each > at));
      forget();
      return found;
    },
  };
}

async function eventually(find: () => number | undefined): Promise<number> {
  const giveUpAt = now() + GIVE_UP_MS;
  for (let found = find(); now() < giveUpAt; found = find()) {
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`no change within ${GIVE_UP_MS} ms`);
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
