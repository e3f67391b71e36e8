import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** The words of `check`, from the places that say one. */
function checks(): readonly string[] {
  const folder = join(root, 'src/cli/doctor');
  const files = [...readdirSync(folder).map((file) => join(folder, file)), join(root, 'src/cli/doctor.ts')];
  const words = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:check:|setting:|CHECK =) '([^']+)'/g)].map(
      ([, word = '']) => word,
    ),
  );
  return [...new Set(words)].sort();
}

describe('docs/operations.md', () => {
  it('lists every check of doctor by its word, and no other', () => {
    const rows = readFileSync(join(root, 'docs/operations.md'), 'utf8').split('\n');
    const start = rows.findIndex((row) => row.startsWith('| `check` |'));
    const end = rows.findIndex((row, index) => index > start && !row.startsWith('|'));
    const listed = rows
      .slice(start + 2, end)
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
    assert.ok(listed.length > 20);
    assert.deepEqual(listed.toSorted(), checks());
  });
});
