/** A real `lvsd run` on this machine, for tests of its processes. Dry runs need neither IPVS nor root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { listProcesses } from '../../lab/processes.js';
import type { Status } from '../../src/admin/status.js';
import { livingPid, readPid } from '../../src/supervisor/pid-file.js';
import { atExit } from './at-exit.js';
import { PATIENCE_MS } from './patience.js';
import { endProcess, isAlive } from './scripts.js';

const PROCESSES = ['lvsd', 'lvsd-lvs', 'lvsd-vrrp'] as const;

const lvsd = fileURLToPath(new URL('../../../bin/lvsd', import.meta.url));

export class Daemon {
  readonly directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
  readonly file = join(this.directory, 'lvsd.conf');
  readonly #lines: string[] = [];
  /** What the next process has as its standard error; a number: that descriptor, and there is no `log`. */
  standardError: 'pipe' | number = 'pipe';
  #process: ChildProcess | undefined;
  readonly #forget = atExit(() => {
    this.#kill();
    this.#tidy();
  });

  /**
   * In a network namespace of that name; absent: in the test's own.
   * @param wrapper a program that runs the daemon, and its arguments
   */
  constructor(
    private readonly namespace?: string,
    private readonly wrapper: readonly string[] = [],
  ) {}

  /** Log lines so far, of all processes, as text. */
  get log(): string {
    return this.#lines.join('');
  }

  configure(text: string): void {
    writeFileSync(this.file, text);
  }

  /** Starts `lvsd run` with these words beside -f and --state-dir. */
  start(...words: string[]): ChildProcess {
    const argv = [process.execPath, lvsd, 'run', '-f', this.file, '--state-dir', this.directory, ...words];
    const [program = '', ...rest] = this.#within([...this.wrapper, ...argv]);
    const child = spawn(program, rest, { stdio: ['ignore', 'ignore', this.standardError] });
    child.stderr?.on('data', (data: Buffer) => this.#lines.push(data.toString()));
    this.#process = child;
    return child;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves to the exit code of the process started last. */
  async ended(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  /** Runs another command of lvsd on this daemon to its end: its exit code and what it printed. */
  async command(...words: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const [program = '', ...rest] = this.#within([
      process.execPath,
      lvsd,
      ...words,
      '--state-dir',
      this.directory,
    ]);
    const child = spawn(program, rest);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    }
    await once(child, 'close');
    return { code: child.exitCode, output };
  }

  #within(argv: readonly string[]): readonly string[] {
    return this.namespace === undefined ? argv : ['ip', 'netns', 'exec', this.namespace, ...argv];
  }

  /** The process id of one of lvsd's processes, or undefined while there is none. */
  pid(name: (typeof PROCESSES)[number]): number | undefined {
    const pid = readPid(this.directory, name);
    if (pid === undefined) return undefined;
    try {
      process.kill(pid, 0);
      return pid;
    } catch {
      return undefined;
    }
  }

  async status(): Promise<Status> {
    const { data } = await axios.get<Status>('http://lvsd/v1/status', {
      socketPath: join(this.directory, 'lvsd.sock'),
      timeout: 10_000,
    });
    return data;
  }

  /** Waits until `claim` holds of the status, at the longest `ms`; fails with the last status and the log. */
  async until(claim: (status: Status) => boolean, ms = PATIENCE_MS): Promise<Status> {
    let last: unknown;
    for (const endAt = performance.now() + ms; performance.now() < endAt; await sleep(20)) {
      try {
        const status = await this.status();
        if (claim(status)) return status;
        last = status;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`not so within ${ms} ms: ${JSON.stringify(last, undefined, 1)}\n${this.log}`);
  }

  /** Waits until the state file holds a text: what a killed process will remember. */
  async hasSaved(text: string, ms = PATIENCE_MS): Promise<void> {
    for (const endAt = performance.now() + ms; performance.now() < endAt; await sleep(20)) {
      const file = join(this.directory, 'lvs.json');
      if (existsSync(file) && readFileSync(file, 'utf8').includes(text)) return;
    }
    throw new Error(`not saved within ${ms} ms: ${text}`);
  }

  /** Ends what is left of it, children of a killed supervisor too, and those that have no pid file yet. */
  async dispose(): Promise<void> {
    this.#forget();
    // Again, since a supervisor may start another child before it is killed itself.
    for (let round = 0; round < 200 && this.#kill() > 0; round += 1) await sleep(5);
    this.#tidy();
  }

  #tidy(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** How many processes there were. */
  #kill(): number {
    const own = this.#runningPid();
    const family = listProcesses().filter(
      ({ pid, parent }) => own !== undefined && (pid === own || parent === own),
    );
    const named = PROCESSES.flatMap((name) => livingPid(this.directory, name) ?? []);
    const living = new Set([...named, ...family.map(({ pid }) => pid)].filter(isAlive));
    for (const pid of living) endProcess(pid);
    return living.size;
  }

  /** Of the process started last, while it runs. */
  #runningPid(): number | undefined {
    const child = this.#process;
    return child?.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }
}
