/**
 * Asks a page once from each of many addresses, a few at a time. A line of standard input is a JSON list of addresses, a line of
 * output the answers in their order: the server's name, or why there was none. Usage: ask-each.js '{"host":"10.0.0.100","port":80}'
 */
import { createInterface } from 'node:readline';
import { type Asked, ask } from '../../lab/request.js';

/** The kernel must not see them all in one instant: a real crowd comes one after another. */
const AT_A_TIME = 8;
const DEADLINE_MS = 10_000;

const target = JSON.parse(process.argv[2] ?? '') as { readonly host: string; readonly port: number };

async function askEach(from: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const askInTurn = async (): Promise<void> => {
    for (let place = next++; place < from.length; place = next++)
      answers[place] = await askOnce(from[place] ?? '');
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, askInTurn));
  return answers;
}

async function askOnce(from: string): Promise<string> {
  const options = { ...target, path: '/', deadlineMs: DEADLINE_MS, from };
  const asked = await new Promise<Asked>((resolve) => ask(options, resolve));
  return 'server' in asked ? asked.server : asked.failure;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await askEach(JSON.parse(line) as string[])));
}
