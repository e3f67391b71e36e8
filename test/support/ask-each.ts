/**
 * Asks a page once from each of many addresses, a few at a time. A line of standard input is a Question as JSON, a line of output
 * the answers in their order: the server's name, or why there was none. Usage: ask-each.js '{"host":"10.0.0.100","port":80}'
 */
import { createInterface } from 'node:readline';
import { type Asked, ask } from '../../lab/request.js';

/** The kernel must not see them all in one instant: a real crowd comes one after another. */
const AT_A_TIME = 8;
const DEADLINE_MS = 10_000;

export type Question = {
  readonly from: readonly string[];
  /** Where all ask from; a port that was not used for long, unless given. */
  readonly fromPort?: number | undefined;
};

/**
 * IPVS knows a connection by its ports for two minutes, and takes the next one of the same ports for the same: ports that the system
 * picks are the same again once in a while.
 */
const PORTS = { first: 10_000, count: 50_000 };
let asked = 0;

const target = JSON.parse(process.argv[2] ?? '') as { readonly host: string; readonly port: number };

async function askEach({ from, fromPort }: Question): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const askInTurn = async (): Promise<void> => {
    for (let place = next++; place < from.length; place = next++)
      answers[place] = await askOnce(from[place] ?? '', fromPort ?? nextPort());
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, askInTurn));
  return answers;
}

function nextPort(): number {
  return PORTS.first + (asked++ % PORTS.count);
}

async function askOnce(from: string, fromPort: number): Promise<string> {
  const options = { ...target, path: '/', deadlineMs: DEADLINE_MS, from, fromPort };
  const asked = await new Promise<Asked>((resolve) => ask(options, resolve));
  return 'server' in asked ? asked.server : asked.failure;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await askEach(JSON.parse(line) as Question)));
}
