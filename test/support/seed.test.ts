import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { SEED } from './seed.js';

/** The seed of a run in this environment. */
function seedIn(environment: NodeJS.ProcessEnv): number {
  const { CI: _, FUZZ_SEED: __, ...rest } = process.env;
  const script = `console.log((await import('${new URL('seed.js', import.meta.url)}')).SEED)`;
  const argv = ['--input-type=module', '-e', script];
  return Number(execFileSync(process.execPath, argv, { env: { ...rest, ...environment } }));
}

describe('support: the seed of random tests', () => {
  it('is the same in each run under CI, one that was asked for before all, and else of the time', () => {
    assert.equal(seedIn({ CI: 'true' }), seedIn({ CI: '1' }));
    assert.equal(seedIn({ CI: 'true', FUZZ_SEED: '4711' }), 4711);
    assert.notEqual(seedIn({}), seedIn({}));
  });

  it('is the one of every property, which draw the same again', () => {
    const drawn = (): unknown[] => {
      const seen: unknown[] = [];
      const { seed } = fc.check(
        fc.property(fc.nat(), (value) => void seen.push(value)),
        { numRuns: 5 },
      );
      assert.equal(seed, SEED);
      return seen;
    };
    assert.deepEqual(drawn(), drawn());
  });
});
