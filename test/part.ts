/** Runs one part of the tests in a process of its own: part.js unit|native|vm [WORD]. Tells its parent how many did what. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';
import './support/seed.js';

export type PartName = 'unit' | 'native' | 'vm';
export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const here = dirname(fileURLToPath(import.meta.url));
const TIMEOUT_MS: Readonly<Record<PartName, number>> = { unit: 60_000, native: 180_000, vm: 300_000 };
/** Native tests spend their time waiting for elections, each file in namespaces of its own. */
const FILES_AT_A_TIME = 4;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Nobody waits for the result any more.
  process.once('disconnect', () => process.exit(1));
  const [, , part = 'unit', word = ''] = process.argv;
  const counts = await runPart(part as PartName, word);
  process.exitCode = counts.failed > 0 ? 1 : 0;
  // As mocha's own --exit: what a test has left running must not hold up those that come after.
  process.send?.(counts, () => process.exit());
}

async function runPart(part: PartName, word: string): Promise<Counts> {
  const mocha = part === 'native' ? create(part, word).parallelMode() : await load(part, word);
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      resolve({ passed: passes, failed: failures, skipped: pending });
    });
  });
}

/** How many tests a part has. */
export async function countTests(part: PartName, word: string): Promise<number> {
  return (await load(part, word)).suite.total();
}

async function load(part: PartName, word: string): Promise<Mocha> {
  const mocha = create(part, word);
  await mocha.loadFilesAsync();
  return mocha;
}

function create(part: PartName, word: string): Mocha {
  const mocha = new Mocha({
    jobs: FILES_AT_A_TIME,
    timeout: TIMEOUT_MS[part],
    slow: TIMEOUT_MS[part] / 100,
    forbidOnly: Boolean(process.env.CI),
  });
  for (const file of filesOf(part, word)) mocha.addFile(file);
  return mocha;
}

function filesOf(part: PartName, word: string): string[] {
  const folder = part === 'unit' ? here : join(here, 'e2e', part);
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) =>
    file.endsWith('.test.js'),
  );
  const own = part === 'unit' ? files.filter((file) => !file.startsWith('e2e/')) : files;
  const chosen = own.filter((file) => file.includes(word)).sort();
  // Elections take longest: they begin first, or the others would wait for the last of them.
  return (part === 'native' ? chosen.reverse() : chosen).map((file) => join(folder, file));
}
