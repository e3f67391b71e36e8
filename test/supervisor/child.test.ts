import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../src/log.js';
import { Child } from '../../src/supervisor/child.js';
import { HEALTHY_AFTER_MS } from '../../src/supervisor/respawn.js';
import { createFakeClock } from '../support/fake-clock.js';
import { useFolder } from '../support/scripts.js';

const quiet = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Log;

describe('supervisor/child', () => {
  const folder = useFolder();

  it('tells of one that dies again and again, and of its recovery', async () => {
    const module = join(folder(), 'dies.mjs');
    writeFileSync(module, 'process.exit(1);');
    const clock = createFakeClock();
    const told: string[] = [];
    let deaths = 0;
    let death = () => {};
    const child = new Child({
      name: 'lvsd-lvs',
      module,
      clock,
      log: {
        ...quiet,
        error: () => {
          deaths += 1;
          death();
        },
      } as Log,
      greeting: () => ({ kind: 'leave' }),
      onPid: () => {},
      onLoaded: async () => {},
      onReady: () => {},
      onFatal: () => {},
      onRelay: () => {},
      onLooping: (looping) => told.push(`deaths ${deaths}: ${looping}`),
    });
    const dies = async () => {
      await new Promise<void>((resolve) => {
        death = resolve;
      });
      await new Promise(setImmediate);
    };
    for (let i = 0; i < 4; i += 1) {
      if (i > 0) clock.advance(500);
      await dies();
    }
    assert.deepEqual(told, ['deaths 3: true']);
    writeFileSync(module, 'process.on("message", () => process.exit(0)); process.send({ kind: "loaded" });');
    clock.advance(500);
    clock.advance(HEALTHY_AFTER_MS - 1);
    assert.equal(told.length, 1);
    clock.advance(1);
    assert.deepEqual(told.slice(1), ['deaths 4: false']);
    await child.end({ kind: 'leave' }, 60_000);
  });
});
