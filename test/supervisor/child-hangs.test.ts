/** A process that lives and does nothing: programs of the test, in simulated time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/log.js';
import { Child } from '../../src/supervisor/child.js';
import { HEALTHY_AFTER_MS } from '../../src/supervisor/respawn.js';
import { ASK_MS } from '../../src/supervisor/silence.js';
import { createFakeClock } from '../support/fake-clock.js';
import { until } from '../support/scripts.js';

/** Ready at once; with `hail` it answers, and says once more that it is ready. It hangs when told of masters. */
const program = (answers: boolean) => `
  process.on('message', ({ kind }) => {
    if (kind === 'start') process.send({ kind: 'ready' });
    if (kind === 'hail' && ${answers}) for (const kind of ['here', 'ready']) process.send({ kind });
    if (kind === 'masters') for (;;) {}
    if (kind === 'stop') process.exit(0);
  });
  process.send({ kind: 'loaded' });`;

describe('supervisor/child: a process that hangs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-child-'));
  const module = join(folder, 'child.mjs');
  let last: { readonly child: Child; readonly pids: readonly (number | undefined)[] } | undefined;
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => {
    // A test that failed leaves none that turns in its loop.
    void last?.child.end({ kind: 'stop' }, 0);
    const pid = last?.pids.at(-1);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  });

  function make(answers: boolean) {
    writeFileSync(module, program(answers));
    const clock = createFakeClock();
    const said: string[] = [];
    const say = (_: object, text: string) => said.push(text);
    const looping: boolean[] = [];
    const pids: (number | undefined)[] = [];
    let ready = 0;
    const child = new Child({
      name: 'lvsd-lvs',
      module,
      clock,
      log: { warn: say, error: say } as unknown as Log,
      greeting: () => ({ kind: 'start' }) as never,
      onPid: (pid) => pids.push(pid),
      onLoaded: async () => {},
      onReady: () => {
        ready += 1;
      },
      onFatal: assert.fail,
      onRelay: () => assert.fail('a sign of life is for nobody else'),
      onLooping: (is) => looping.push(is),
    });
    const isReady = (count: number) => until(() => ready === count);
    last = { child, pids };
    return { clock, child, said, looping, pids, isReady };
  }

  it('is told of, killed, and another takes its place', async () => {
    const { clock, child, said, pids, isReady } = make(true);
    await isReady(1);
    child.send({ kind: 'masters', names: [] });
    clock.advance(33_999);
    assert.deepEqual(said, [
      'lvsd-lvs hangs: it has not answered for 6 s: it is killed and started again after 30 s',
    ]);
    clock.advance(1);
    assert.equal(said[1], 'lvsd-lvs has not answered for 30 s: killed');
    await until(() => said.length === 3);
    assert.equal(said[2], 'lvsd-lvs died (SIGKILL): starting it again');
    clock.advance(0);
    await isReady(2);
    const [first, gone, second] = pids;
    assert.ok(gone === undefined && first !== second && second !== undefined);
    await child.end({ kind: 'stop' }, 60_000);
  });

  it('that answers is left alone, and is not asked any more when it has ended', async () => {
    const { clock, child, said, isReady } = make(true);
    await isReady(1);
    for (const answers of [1, 2, 3, 4, 5, 6]) {
      clock.advance(ASK_MS);
      await isReady(1 + answers);
    }
    assert.deepEqual(said, []);
    await child.end({ kind: 'stop' }, 60_000);
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('again and again, each soon after its start, is no running; nor is one well that hangs', async () => {
    const { clock, child, said, looping, isReady } = make(false);
    for (const count of [1, 2, 3]) {
      await isReady(count);
      clock.advance(34_000);
      await until(() => said.filter((text) => /SIGKILL/.test(text)).length === count);
      clock.advance(250);
    }
    assert.deepEqual(looping, [true]);
    await isReady(4);
    clock.advance(33_000);
    assert.ok(HEALTHY_AFTER_MS < 33_000);
    assert.deepEqual(looping, [true]);
    await child.end({ kind: 'stop' }, 60_000);
  });
});
