/**
 * Runs the claims of ipvs-cases.ts against the kernel it is started on, in the network namespace it is started in, whose
 * IPVS table it empties again and again. Prints one JSON line a claim. Started by the end-to-end tests, inside the lab.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock.js';
import { createIpvsClient, type IpvsClient } from '../../src/ipvs/client.js';
import { SCHEDULERS } from '../../src/ipvs/table.js';
import { CASES, type Case } from './ipvs-cases.js';
import { service } from './ipvs-values.js';

/** What became of one claim; without an error it held. */
export type KernelResult = { readonly name: string; readonly error?: string };

function ipvsadm(...args: readonly string[]): string {
  return execFileSync('ipvsadm', args, { encoding: 'utf8' });
}

/** Those a service can be added with. */
async function knownSchedulers(): Promise<string[]> {
  const client = createIpvsClient({ clock: systemClock });
  const known: string[] = [];
  for (const scheduler of SCHEDULERS) {
    await clear(client);
    const [error] = await client.apply([{ kind: 'add-service', service: service({ scheduler }) }]);
    if (error === undefined) known.push(scheduler);
  }
  client.close();
  return known;
}

async function clear(client: IpvsClient): Promise<void> {
  await client.flush();
  for (const { role } of await client.syncDaemons()) await client.stopSyncDaemon(role);
}

async function runOne({ name, run }: Case, schedulers: readonly string[]): Promise<KernelResult> {
  const client = createIpvsClient({ clock: systemClock });
  try {
    await clear(client);
    await run({ client, clock: systemClock, advance: (ms) => sleep(5 * ms), schedulers, ipvsadm });
    return { name };
  } catch (error) {
    return { name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await clear(client);
    client.close();
  }
}

const schedulers = await knownSchedulers();
for (const one of CASES) console.log(JSON.stringify(await runOne(one, schedulers)));
// A claim that failed may have left a reconciler at work.
process.exit(0);
