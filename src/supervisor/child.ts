/** One child process kept alive: started again when it dies or hangs, told to stop when the daemon does. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Clock, Timer } from '../clock.js';
import type { Log } from '../log.js';
import type { ChildName, FromChild, ToChild } from '../processes/messages.js';
import { freshRespawn, HEALTHY_AFTER_MS, LOOPING_DEATHS, respawn } from './respawn.js';
import { Vigil } from './vigil.js';

/** What children say to each other. */
export type Relayed = Exclude<FromChild, { kind: 'loaded' | 'ready' | 'here' | 'fatal' }>;

export type ChildOptions = {
  readonly name: ChildName;
  /** Path of the compiled module the child runs. */
  readonly module: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The first message to each new process. */
  readonly greeting: () => ToChild;
  readonly onPid: (pid: number | undefined) => void;
  /** The process is up and has done nothing yet: it is greeted when this is done. */
  readonly onLoaded: () => Promise<void>;
  readonly onReady: () => void;
  readonly onFatal: (text: string) => void;
  /** It dies again and again, each time soon after its start; or does no more. */
  readonly onLooping: (looping: boolean) => void;
  /** What is for another child. */
  readonly onRelay: (message: Relayed) => void;
};

/** The last message to a process. */
export type Ending = Extract<ToChild, { kind: 'stop' | 'leave' }>;

const NOT_STARTED = 'could not be started';

export class Child {
  #process: ChildProcess | undefined;
  #startedAt = 0;
  #respawn = freshRespawn;
  #retry: Timer | undefined;
  #looping = false;
  #healthy: Timer | undefined;
  #vigil: Vigil | undefined;
  /** When one that was given up gave its last sign of life. */
  #hungAt: number | undefined;
  /** How it is to end. It is not started again then. */
  #last: Ending | undefined;
  /** From then on it is this process that counts, and no orphan before it. */
  #greeted = false;
  #ended: (() => void) | undefined;

  constructor(private readonly options: ChildOptions) {
    this.#start();
  }

  send(message: ToChild): void {
    if (this.#process?.connected === true) this.#process.send(message);
  }

  /**
   * Tells the process how to end, and kills it when it hasn't within `deadlineMs`. Resolves when it is gone. One that died and is not there
   * again is started for a stop: what it left in the kernel only a successor can take out.
   */
  async end(message: Ending, deadlineMs: number): Promise<void> {
    this.#last = message;
    this.#retry?.cancel();
    this.#healthy?.cancel();
    if (this.#process === undefined && message.kind === 'stop') this.#start();
    this.#vigil?.stop();
    const { clock, log, name } = this.options;
    const child = this.#process;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
    // Before its greeting it would end and undo nothing, and one that it follows would go on.
    if (this.#greeted) this.send(message);
    const deadline = clock.wake(clock.now() + deadlineMs, () => {
      log.error({ child: name, deadlineMs }, `${name} did not end in time: killed`);
      child.kill('SIGKILL');
    });
    await gone;
    deadline.cancel();
  }

  #start(): void {
    const { clock, log, name, module } = this.options;
    this.#startedAt = clock.now();
    const child = startProcess(module);
    if (child instanceof Error) {
      this.#gone(NOT_STARTED, { error: child.message });
      return;
    }
    this.#process = child;
    child.on('message', (message: FromChild) => this.#heard(message));
    child.on('error', (error) => {
      // One that could not be started has no number, and no end of which it would be told.
      if (child.pid !== undefined) log.error({ child: name }, `cannot talk to ${name}: ${error.message}`);
      else if (child === this.#process) this.#gone(NOT_STARTED, { error: error.message });
    });
    child.once('exit', (code, signal) =>
      this.#gone(`died (${signal ?? `exit code ${code}`})`, { code, signal }),
    );
    this.#vigil = this.#watch(child);
    this.#recover();
  }

  /** One that dies again and again is believed to be well only when it has worked for a while. */
  #recover(): void {
    const { clock } = this.options;
    if (!this.#looping) return;
    this.#healthy = clock.wake(clock.now() + HEALTHY_AFTER_MS, () => {
      if (this.#vigil?.silent === true) this.#recover();
      else this.#loops(false);
    });
  }

  #watch(child: ChildProcess): Vigil {
    const { clock, log, name } = this.options;
    const vigil = new Vigil({
      clock,
      ask: () => this.send({ kind: 'hail' }),
      onSilent: (silentMs, endMs) => {
        const end = `it is killed and started again after ${endMs / 1000} s`;
        log.warn(
          { child: name, silentMs },
          `${name} hangs: it has not answered for ${Math.round(silentMs / 1000)} s: ${end}`,
        );
      },
      onAnswer: () => log.warn({ child: name }, `${name} answers again`),
      onHung: (silentMs) => {
        this.#hungAt = vigil.heardAt;
        log.error(
          { child: name, silentMs },
          `${name} has not answered for ${Math.round(silentMs / 1000)} s: killed`,
        );
        child.kill('SIGKILL');
      },
    });
    return vigil;
  }

  #loops(looping: boolean): void {
    if (looping === this.#looping) return;
    this.#looping = looping;
    this.options.onLooping(looping);
  }

  async #greet(): Promise<void> {
    const { greeting, onLoaded, onPid } = this.options;
    const child = this.#process;
    await onLoaded();
    if (child === undefined || child !== this.#process) return;
    if (this.#last?.kind !== 'leave') {
      this.#greeted = true;
      onPid(child.pid);
      this.send(greeting());
    }
    if (this.#last !== undefined) this.send(this.#last);
  }

  #heard(message: FromChild): void {
    const { onReady, onFatal, onRelay } = this.options;
    if (message.kind === 'here') this.#vigil?.heard();
    else if (message.kind === 'loaded') void this.#greet();
    else if (message.kind === 'ready') {
      this.#vigil?.ready();
      onReady();
    } else if (message.kind === 'fatal') onFatal(message.text);
    else onRelay(message);
  }

  /** There is no process, or none any more. `how` is the end of a sentence that begins with its name. */
  #gone(how: string, fields: object): void {
    const { clock, log, name, onPid } = this.options;
    this.#process = undefined;
    this.#vigil?.stop();
    if (this.#greeted) onPid(undefined);
    this.#greeted = false;
    this.#ended?.();
    if (this.#last !== undefined) return;
    this.#healthy?.cancel();
    const livedMs = (this.#hungAt ?? clock.now()) - this.#startedAt;
    this.#hungAt = undefined;
    const { state, waitMs } = respawn(this.#respawn, livedMs);
    this.#respawn = state;
    log.error({ child: name, ...fields, waitMs }, `${name} ${how}: starting it again`);
    if (state.quickDeaths >= LOOPING_DEATHS) this.#loops(true);
    this.#retry = clock.wake(clock.now() + waitMs, () => this.#start());
  }
}

/** What a machine says that has no process, memory or descriptor to spare comes in two ways, and passes. */
function startProcess(module: string): ChildProcess | Error {
  try {
    return fork(module, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  } catch (error) {
    return error as Error;
  }
}
