/** Texts that are read by people once and by the test ever after: test/golden/*.txt, rewritten by UPDATE_GOLDEN=1. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../test/golden');

/** Compares with the stored text, or stores it when told to. */
export function assertGolden(name: string, actual: string): void {
  const path = join(folder, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, actual);
  assert.ok(existsSync(path), `${path} is missing: run with UPDATE_GOLDEN=1 and read what it says`);
  assert.equal(actual, readFileSync(path, 'utf8'));
}
