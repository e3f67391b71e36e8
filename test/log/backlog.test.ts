import assert from 'node:assert/strict';
import { type Backlog, createBacklog, MOST_HELD, PATIENCE } from '../../src/log/backlog.js';

/** A reader that takes so many bytes, and an event loop that turns when it is told to. */
class Reader {
  text = '';
  /** Bytes it still takes; below 0: it is gone. */
  room = Infinity;
  readonly sizes: number[] = [];
  sleeps = 0;
  /** What happens while the process sleeps. */
  onSleep: () => void = () => {};
  #soon: (() => void)[] = [];
  #later: (() => void)[] = [];
  readonly backlog: Backlog = createBacklog({
    outlet: { batchBytes: 20, write: (bytes) => this.#take(bytes) },
    form: (line) => `${line}\n`,
    onDropped: (count) => this.backlog.write(`${count} lost`),
    loop: {
      soon: (callback) => void this.#soon.push(callback),
      later: (callback) => void this.#later.push(callback),
      sleep: () => {
        this.sleeps += 1;
        this.onSleep();
      },
    },
  });

  say(...lines: string[]): void {
    for (const line of lines) this.backlog.write(line);
  }

  turn(): void {
    for (const callback of this.#soon.splice(0)) callback();
  }

  /** Until there is nothing to do before time passes. */
  rest(): void {
    while (this.#soon.length > 0) this.turn();
  }

  /** The time comes at which it is tried again. */
  pass(): void {
    this.#soon.push(...this.#later.splice(0));
    this.rest();
  }

  get waits(): number {
    return this.#later.length;
  }

  #take(bytes: Uint8Array): number {
    if (this.room < 0) return -32;
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    if (taken > 0) this.sizes.push(taken);
    this.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  }
}

describe('log/backlog', () => {
  let reader: Reader;
  beforeEach(() => {
    reader = new Reader();
  });

  /** More than is kept, in lines of a thousand characters. */
  const flood = () => {
    for (let i = 0; i < 1100; i += 1) reader.say('x'.repeat(1000));
    return 1100 - Math.floor(MOST_HELD / 1000);
  };

  it('nothing is written in the turn in which it is said, and a batch of whole lines in each one after', () => {
    reader.say('line one', 'line two', 'line three', 'a line that is longer than a batch');
    assert.equal(reader.text, '');
    reader.turn();
    assert.equal(reader.text, 'line one\nline two\n');
    reader.turn();
    assert.equal(reader.text, 'line one\nline two\nline three\n');
    reader.rest();
    assert.match(reader.text, /three\na line that is longer than a batch\n$/);
    assert.deepEqual(reader.sizes, [18, 11, 35]);
    assert.equal(reader.waits, 0);
  });

  it('a reader that stops in the middle of a line gets the rest when it reads again, and all lines in order', () => {
    reader.room = 12;
    reader.say('line one', 'line two');
    reader.rest();
    reader.say('line three');
    reader.rest();
    assert.deepEqual([reader.text, reader.waits], ['line one\nlin', 1]);
    reader.room = Infinity;
    reader.pass();
    assert.deepEqual([reader.text, reader.waits], ['line one\nline two\nline three\n', 0]);
  });

  it('of a reader that is away a bounded number of lines is kept; how many are lost is told where they are missing', () => {
    reader.room = 0;
    const lost = flood();
    reader.rest();
    reader.say('one more');
    reader.room = 1001 * 600;
    reader.pass();
    reader.say('after');
    reader.room = Infinity;
    reader.pass();
    const lines = reader.text.split('\n');
    assert.deepEqual(lines.slice(-3), [`${lost + 1} lost`, 'after', '']);
    assert.ok(lines.slice(0, -3).every((line) => line === 'x'.repeat(1000)));
    assert.equal(lines.length - 3, 1100 - lost);
    assert.equal(reader.text.match(/lost/g)?.length, 1);
  });

  it('without a reader nothing is kept, and one who comes is told how many lines are lost', () => {
    reader.room = -1;
    reader.say('one', 'two');
    reader.rest();
    reader.say('three');
    reader.rest();
    assert.equal(reader.waits, 0);
    reader.room = Infinity;
    reader.say('four');
    reader.rest();
    assert.equal(reader.text, 'four\n3 lost\n');
  });

  describe('at the end of the process', () => {
    it('all is written at once, the number of lost lines too', () => {
      reader.room = 0;
      const lost = flood();
      reader.rest();
      reader.room = Infinity;
      reader.backlog.flush();
      assert.ok(reader.text.endsWith(`x\n${lost} lost\n`));
      assert.equal(reader.sleeps, 0);
    });

    it('a slow reader is waited for, as long as it takes something now and then', () => {
      reader.say(...Array.from({ length: 60 }, (_, i) => `line ${i}`));
      reader.room = 0;
      reader.onSleep = () => {
        if (reader.sleeps % 5 === 0) reader.room = 20;
      };
      reader.backlog.flush();
      assert.ok(reader.text.endsWith('line 58\nline 59\n'));
      assert.ok(reader.sleeps > PATIENCE);
    });

    it('one who takes nothing is not waited for long, nor one who takes a byte now and then', () => {
      reader.room = 0;
      reader.say('line');
      reader.backlog.flush();
      assert.equal(reader.sleeps, PATIENCE);
      const slow = new Reader();
      slow.say(...Array.from({ length: 1000 }, () => 'line'));
      slow.room = 0;
      slow.onSleep = () => {
        if (slow.sleeps % 5 === 0) slow.room = 1;
      };
      slow.backlog.flush();
      assert.ok(slow.sleeps < 1000);
      assert.notEqual(slow.text, '');
    });

    it('nobody is not waited for', () => {
      reader.room = -1;
      reader.say('line');
      reader.backlog.flush();
      assert.equal(reader.sleeps, 0);
    });
  });
});
