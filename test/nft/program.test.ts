/** Running nft: it may be missing, hang, or never stop talking. Shell scripts stand in for it. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock.js';
import { NftError } from '../../src/nft/errors.js';
import { createNftProgram, type NftCommand, type ProgramOptions } from '../../src/nft/program.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

const shell = (script: string, options: Partial<ProgramOptions> = {}, more: Partial<NftCommand> = {}) =>
  createNftProgram({ clock: systemClock, file: '/bin/sh', ...options })({
    operation: 'test',
    args: ['-c', script],
    ...more,
  });

function reason(expected: string) {
  return (error: unknown) => error instanceof NftError && error.reason === expected;
}

describe('the program nft', () => {
  it('gets its input, and gives output, complaints and exit code', async () => {
    assert.deepEqual(await shell('cat; echo bad >&2; exit 3', {}, { input: 'hello' }), {
      code: 3,
      output: 'hello',
      error: 'bad\n',
    });
  });

  it('may be started before its input is there, and its time begins with that', async () => {
    let give: (input: string) => void = () => {};
    const input = new Promise<string>((resolve) => {
      give = resolve;
    });
    const clock = createFakeClock();
    let said = '';
    const running = shell(
      'echo up; exec cat',
      { clock, deadlineMs: 200 },
      {
        input,
        onOutput: (piece) => {
          said += piece;
        },
      },
    );
    while (said !== 'up\n') await settle();
    clock.advance(400);
    give('hello');
    await input;
    assert.deepEqual(clock.pendingAt(), [600]);
    assert.equal((await running).code, 0);
    assert.equal(said, 'up\nhello');
  });

  it("that ends before its input is there has ended, and what comes then is nobody's", async () => {
    let give: (input: string) => void = () => {};
    const input = new Promise<string>((resolve) => {
      give = resolve;
    });
    assert.equal((await shell('exit 4', {}, { input })).code, 4);
    give('hello');
  });

  it('that is missing is told with what to install', async () => {
    const run = createNftProgram({ clock: systemClock, file: 'no-such-nft' });
    await assert.rejects(run({ operation: 'read table', args: [] }), (error: NftError) => {
      assert.equal(
        error.message,
        'nftables: read table: there is no program no-such-nft: install the package nftables',
      );
      return error.reason === 'missing';
    });
  });

  it('that hangs is ended at its deadline', async () => {
    await assert.rejects(shell('exec sleep 60', { deadlineMs: 50 }), reason('timeout'));
  });

  it('that never stops talking is ended', async () => {
    await assert.rejects(shell('exec yes', { maxOutput: 100_000 }), reason('unreadable'));
    const complaints = await shell('head -c 100000 /dev/zero | tr "\\0" x >&2');
    assert.equal(complaints.error.length, 2000);
  });

  it('hands its output on in pieces, and is ended when they make no sense', async () => {
    let text = '';
    const take = (piece: string) => {
      text += piece;
    };
    assert.equal((await shell('echo a; echo b', {}, { onOutput: take })).output, '');
    assert.equal(text, 'a\nb\n');
    const refuse = () => {
      throw new Error('nonsense');
    };
    await assert.rejects(shell('exec yes', {}, { onOutput: refuse }), reason('unreadable'));
  });

  it('that reads nothing of a long input is no harm', async () => {
    assert.equal((await shell('exit 0', {}, { input: 'x'.repeat(1 << 20) })).code, 0);
  });
});
