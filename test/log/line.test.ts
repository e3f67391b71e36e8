import assert from 'node:assert/strict';
import { journalLine, oneLine, textOf } from '../../src/log/line.js';

describe('log/line', () => {
  it('the journal is told how bad it is, and which process says so unless it is lvsd itself', () => {
    const lines = [60, 50, 40, 30, 20, 10].map((level) =>
      journalLine(JSON.stringify({ level, time: 1, pid: 7, name: 'lvsd-vrrp', msg: 'text' })),
    );
    const priorities = [2, 3, 4, 6, 7, 7];
    assert.deepEqual(
      lines,
      priorities.map((priority) => `<${priority}>lvsd-vrrp: text\n`),
    );
    assert.equal(journalLine('{"level":30,"name":"lvsd","msg":"stopped"}'), '<6>stopped\n');
  });

  it('an event is a line, whoever wrote the words', () => {
    for (const [text, shown] of [
      ['a\nb', 'a | b'],
      ['a \r\n\r\n   b\n', 'a | b'],
      ['\x1b[2J\x9b31m\x00\x7f', '\\x1b[2J\\x9b31m\\x00\\x7f'],
      ['a\tb', 'a\\x09b'],
      ['größer → 1', 'größer → 1'],
    ] as const)
      assert.equal(oneLine(text), shown);
    assert.equal(journalLine('{"level":40,"name":"lvsd","msg":"said:\\n<0>panic"}'), '<4>said: | <0>panic\n');
  });

  it('an error is told with the way it came', () => {
    const err = { message: 'no', stack: 'Error: no\n    at a\n    at b' };
    assert.equal(textOf({ msg: 'ends', err }), 'ends: Error: no | at a | at b');
    assert.equal(textOf({ msg: 'ends', err: { message: 'no' } }), 'ends: no');
  });
});
