/**
 * Every test there is: unit tests, then those in namespaces of this machine, then those on a kernel with ip_vs.
 * Usage: npm test [-- PART [WORD]], PART being unit, native or vm, WORD a part of a file's name.
 * Ends with a line "N passed, N failed[, N skipped]". A part that cannot run says why; under CI that is a failure.
 */
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab } from '../lab/lab.js';
import { nativeProblem } from '../lab/native.js';
import { type Counts, countTests, type PartName } from './part.js';

const PARTS: readonly PartName[] = ['unit', 'native', 'vm'];
const TITLES: Readonly<Record<PartName, string>> = {
  unit: 'unit tests',
  native: 'tests in namespaces of this machine',
  vm: 'tests on a kernel with ip_vs',
};

const [only, word = ''] = process.argv.slice(2);
const parts = PARTS.filter((part) => only === undefined || part === only);
if (parts.length === 0) throw new Error(`npm test: no part "${only}", expected one of ${PARTS.join(', ')}`);

const total = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
// What a later part installs, an earlier one may have a use for.
const problems = new Map<PartName, string | undefined>();
for (const part of parts) problems.set(part, await problemOf(part));
for (const part of parts) await runOne(part);
console.log(`\n${lines.join('\n')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runOne(part: PartName): Promise<void> {
  console.log(`\n${TITLES[part]}`);
  const began = performance.now();
  const problem = problems.get(part);
  const counts = problem === undefined ? await forkPart(part) : await skipPart(part, problem);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { passed, failed } = counts;
  lines.push(`${part}: ${passed} passed, ${failed} failed, ${counts.skipped} skipped in ${seconds} s`);
}

/** Why a part cannot run on this machine, or undefined. What can be installed is no reason. */
async function problemOf(part: PartName): Promise<string | undefined> {
  if (part === 'unit') return undefined;
  const cannot = part === 'native' ? await nativeProblem(false) : undefined;
  if (cannot !== undefined) return cannot;
  return Lab.prepare(part === 'native' ? 'native' : undefined, (line) => console.log(`  lab: ${line}`)).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** Under CI each test that could not run has failed. */
async function skipPart(part: PartName, problem: string): Promise<Counts> {
  const count = await countTests(part, word);
  console.log(`  ${part} tests cannot run: ${problem}`);
  return process.env.CI ? { passed: 0, failed: count, skipped: 0 } : { passed: 0, failed: 0, skipped: count };
}

function forkPart(part: PartName): Promise<Counts> {
  const file = join(dirname(fileURLToPath(import.meta.url)), 'part.js');
  const child = fork(file, [part, word], { execArgv: ['--enable-source-maps'] });
  return new Promise((resolve) => {
    let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
    child.on('message', (message) => {
      counts = message as Counts;
    });
    child.on('close', () => resolve(counts));
  });
}
