/** A process that is ended while it waits to be started again. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/log.js';
import { Child } from '../../src/supervisor/child.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('supervisor/child: an end while it is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-child-'));
  const module = join(folder, 'child.mjs');
  const notes = join(folder, 'notes');
  after(() => rmSync(folder, { recursive: true }));

  const DIES = 'process.exit(1);';
  const LIVES = `
    import { appendFileSync } from 'node:fs';
    process.on('message', ({ kind }) => {
      appendFileSync(${JSON.stringify(notes)}, kind + ' ');
      if (kind === 'stop') process.exit(0);
    });
    process.send({ kind: 'loaded' });`;

  /** One that has died, and is not started again yet. */
  async function died() {
    writeFileSync(notes, '');
    writeFileSync(module, DIES);
    let death = () => {};
    const isDead = new Promise<void>((resolve) => {
      death = resolve;
    });
    const clock = createFakeClock();
    const child = new Child({
      name: 'lvsd-vrrp',
      module,
      clock,
      log: { error: () => death() } as unknown as Log,
      greeting: () => ({ kind: 'checks', run: true }),
      onPid: () => {},
      onLoaded: async () => {},
      onReady: () => {},
      onFatal: () => {},
      onRelay: () => {},
      onLooping: () => {},
    });
    await isDead;
    return { child, clock };
  }

  it('a stop starts it once more, to take out what it has left', async () => {
    const { child } = await died();
    writeFileSync(module, LIVES);
    await child.end({ kind: 'stop' }, 60_000);
    assert.equal(readFileSync(notes, 'utf8'), 'checks stop ');
  });

  it('and no more than once', async () => {
    const { child, clock } = await died();
    writeFileSync(
      module,
      `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(notes)}, 'x'); ${DIES}`,
    );
    await child.end({ kind: 'stop' }, 60_000);
    clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(readFileSync(notes, 'utf8'), 'x');
  });

  it('to leave does not', async () => {
    const { child, clock } = await died();
    writeFileSync(module, LIVES);
    await child.end({ kind: 'leave' }, 60_000);
    clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(readFileSync(notes, 'utf8'), '');
  });
});
