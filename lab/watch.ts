/** Follows a director from outside, by a program in it that reads the kernel's own words: its IPVS table, and whether it has the VIP. */
import { join } from 'node:path';
import type { Running } from './channel.js';
import type { Host } from './host.js';
import type { TableService } from './ipvs.js';
import { compiled } from './paths.js';
import type { Sighting } from './watcher.js';

type Waiter = {
  readonly wanted: (table: readonly TableService[], holdsVip: boolean) => boolean;
  readonly found: (at: Sighting) => void;
};

/** A machine with nothing else to do needs a second. */
const LONG_MS = 120_000;

export class Watch {
  /** All that was seen, in order; the last is the present. */
  readonly sightings: Sighting[] = [];
  private rest = '';
  private waiters: Waiter[] = [];
  private program: Running | undefined;

  /** Returns when the first table has been seen. */
  static async start(director: Host): Promise<Watch> {
    const watch = new Watch();
    const argv = [process.execPath, join(compiled, 'watcher.js')];
    watch.program = await director.spawn(argv, { onStdout: (text) => watch.read(text) });
    await watch.until('read', () => true, LONG_MS);
    return watch;
  }

  /** Waits until what is seen is as wanted, and tells since when; throws, naming what was waited for, when it is not in time. */
  async until(what: string, wanted: Waiter['wanted'], timeoutMs: number): Promise<Sighting> {
    const last = this.sightings.at(-1);
    if (last && wanted(last.table, last.holdsVip)) return last;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        const seen = JSON.stringify(this.sightings.at(-1));
        reject(new Error(`not ${what} after ${timeoutMs} ms: ${seen}`));
      }, timeoutMs);
      const found = (sighting: Sighting) => {
        clearTimeout(late);
        resolve(sighting);
      };
      const waiter: Waiter = { wanted, found };
      this.waiters.push(waiter);
    });
  }

  stop(): void {
    this.program?.kill('SIGKILL');
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(JSON.parse(line) as Sighting);
  }

  private take(sighting: Sighting): void {
    this.sightings.push(sighting);
    const pleased = this.waiters.filter(({ wanted }) => wanted(sighting.table, sighting.holdsVip));
    this.waiters = this.waiters.filter((waiter) => !pleased.includes(waiter));
    for (const { found } of pleased) found(sighting);
  }
}
