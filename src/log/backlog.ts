/**
 * Log lines on their way to a reader who may be slow, or gone for lunch after Ctrl-S: whoever logs does not wait. Lines are put
 * into form and written after the turn of the event loop that they are of, a batch a turn. Beyond a bound new ones are dropped, and
 * their number is told when the reader is back.
 */

export type Outlet = {
  /** Never waits: the bytes taken, 0 when none can be at present, below 0 when nobody will ever read them. */
  readonly write: (bytes: Uint8Array) => number;
  /** At the most so many at a time, unless a single line is longer. */
  readonly batchBytes: number;
  /** The process ends: from now on every write is the last chance. */
  readonly finish?: () => void;
};

export type BacklogOptions = {
  readonly outlet: Outlet;
  /** From JSON to what is written. */
  readonly form: (line: string) => string;
  readonly onDropped: (count: number) => void;
  /** The event loop, unless a test gives another. */
  readonly loop?: Loop;
};

export type Loop = {
  readonly soon: (callback: () => void) => void;
  /** Keeps no process alive. */
  readonly later: (callback: () => void, ms: number) => void;
  /** Stops the whole process. */
  readonly sleep: (ms: number) => void;
};

export type Backlog = {
  readonly write: (line: string) => void;
  /** At the end of the process: writes what is there, as long as somebody reads. */
  readonly flush: () => void;
};

/** Characters kept while nobody reads. */
export const MOST_HELD = 1 << 20;
const RETRY_MS = 50;
const PAUSE_MS = 5;
/** At the end, a reader who takes nothing for so many pauses is given up; so is one who takes little for very many. */
export const PATIENCE = 60;
const LONG_PATIENCE = 400;

type Batch = { readonly bytes: Uint8Array; readonly lines: number };

export function createBacklog({ outlet, form, onDropped, loop = eventLoop }: BacklogOptions): Backlog {
  const lines: string[] = [];
  /** Characters of them. */
  let held = 0;
  /** What is being written. */
  let batch: Batch | undefined;
  /** While above 0 no line is taken, so that the place of the dropped ones in the log is known. */
  let dropped = 0;
  /** Those that nobody would have read. */
  let lost = 0;
  let due = false;
  return { write, flush };

  function write(line: string): void {
    if (dropped > 0 || held + line.length > MOST_HELD) {
      dropped += 1;
      return;
    }
    lines.push(line);
    held += line.length;
    if (due) return;
    due = true;
    loop.soon(turn);
  }

  function turn(): void {
    const taken = step();
    due = batch !== undefined || lines.length > 0;
    if (!due) return;
    if (taken) loop.soon(turn);
    else loop.later(turn, RETRY_MS);
  }

  function flush(): void {
    outlet.finish?.();
    let idle = 0;
    for (let pauses = 0; batch !== undefined || lines.length > 0; ) {
      if (step()) {
        idle = 0;
        continue;
      }
      idle += 1;
      pauses += 1;
      if (idle > PATIENCE || pauses > LONG_PATIENCE) return;
      loop.sleep(PAUSE_MS);
    }
  }

  /** Writes some of what is there; false when nothing can be at present. */
  function step(): boolean {
    batch ??= nextBatch();
    const taken = outlet.write(batch.bytes);
    if (taken === 0) return false;
    if (taken < 0) {
      lost += batch.lines;
      batch = undefined;
    } else {
      batch = taken < batch.bytes.length ? { ...batch, bytes: batch.bytes.subarray(taken) } : undefined;
      dropped += lost;
      lost = 0;
    }
    if (dropped > 0 && held <= MOST_HELD / 2) tellDropped();
    return true;
  }

  function nextBatch(): Batch {
    const texts: string[] = [];
    let bytes = 0;
    for (const line of lines) {
      const text = form(line);
      bytes += Buffer.byteLength(text);
      if (texts.length > 0 && bytes > outlet.batchBytes) break;
      texts.push(text);
    }
    for (const line of lines.splice(0, texts.length)) held -= line.length;
    return { bytes: Buffer.from(texts.join('')), lines: texts.length };
  }

  function tellDropped(): void {
    const count = dropped;
    dropped = 0;
    onDropped(count);
  }
}

const eventLoop: Loop = {
  soon: (callback) => void setImmediate(callback),
  later: (callback, ms) => void setTimeout(callback, ms).unref(),
  sleep: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};
