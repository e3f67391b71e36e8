/**
 * What `npm start` does: two directors under load, their servers and they themselves stopped and started, told as a story that ends
 * with the numbers.
 * `npm start -- --keep` leaves the lab up. Exits 0 only if every promise held.
 */
import { parseArgs } from 'node:util';
import { Lab } from './lab.js';
import { Story } from './story.js';
import { openVerdict } from './verdict.js';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const beganAt = performance.now();
const say = (line: string, details: readonly string[] = []) => {
  console.log(`${((performance.now() - beganAt) / 1000).toFixed(1).padStart(5)} s  ${line}`);
  for (const detail of details) console.log(`         ${detail}`);
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const other = await Lab.attach();
  if (other !== undefined) {
    other.close();
    throw new Error('a lab is up already: stop it with npm run lab -- down');
  }
  const lab = await Lab.start({ vips: false, say });
  let held = false;
  try {
    const verdict = openVerdict(await new Story(lab, say).tell());
    for (const line of verdict.lines) console.log(line);
    held = verdict.held;
    if (values.keep) await keep(lab);
  } finally {
    if (!values.keep) lab.stop();
  }
  return held ? 0 : 1;
}

async function keep(lab: Lab): Promise<void> {
  await lab.keep();
  lab.close();
  console.log(`
The lab stays up, with lvsd at work on d1 and d2:
  npm run lab -- exec d1 lvsd status
  npm run lab -- exec d1 lvsd handover; npm run lab -- exec d1 lvsd handover --back
  npm run lab -- exec d1 ipvsadm -Ln
  npm run lab -- exec client curl -s http://10.0.0.100/
  npm run lab -- stop rs1 | start rs1 | cut d1 | mend d1
  npm run lab -- down`);
}
