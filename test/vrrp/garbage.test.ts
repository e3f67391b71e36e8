/** What is left to the garbage collector on the path of an advert decides how often it runs, and so how often an advert is late. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MEASURE = fileURLToPath(new URL('../support/advert-garbage.js', import.meta.url));
// Nothing is collected meanwhile, and optimised code does not come the later the busier the machine is.
const FLAGS = [
  '--expose-gc',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-concurrent-recompilation',
];

/** One and a half times what it is, in bytes. */
const MOST = { sent: 900, received: 830 };

describe('garbage on the advert path', () => {
  it('an advert sent, and one received, leave a few small objects and no more', () => {
    const bytes = JSON.parse(execFileSync(process.execPath, [...FLAGS, MEASURE], { encoding: 'utf8' }));
    for (const way of ['sent', 'received'] as const) {
      assert.ok(bytes[way] > 0, `${way}: something was collected meanwhile`);
      assert.ok(bytes[way] < MOST[way], `${way}: ${bytes[way]} bytes, expected less than ${MOST[way]}`);
    }
  });
});
