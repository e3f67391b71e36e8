/**
 * Runs notify scripts without anybody waiting: those of one target one after another in the order asked for, those of different
 * targets side by side, a bounded number at a time.
 */
import type { Clock } from '../clock.js';
import type { Script } from '../script.js';
import { runScript, type ScriptOutcome, type ScriptResult } from './run.js';

export type QueueOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'debug' | 'warn', (fields: object, text: string) => void>>;
  /** Time given to each script. */
  readonly deadlineMs: number;
  /** Scripts that run at one time; 16 unless given. */
  readonly concurrency?: number;
  /** What runs them: this process unless given. */
  readonly runScript?: typeof runScript;
};

/** Whom a script is about, such as a real server of a virtual server, and what happened to it. */
export type ScriptCause = {
  readonly target: string;
  readonly event: string;
  /** It tells of no state: where scripts come faster than they end, this is the first to be dropped. */
  readonly passing?: boolean;
};

export type ScriptQueue = {
  readonly run: (script: Script, cause: ScriptCause) => void;
  /** Resolves when nothing runs or waits. */
  readonly idle: () => Promise<void>;
  /** Forgets what waits, ends what runs, and takes no more. */
  readonly stop: () => void;
};

type Job = { readonly script: Script; readonly cause: ScriptCause };

/** More than these waiting for one target means they come faster than they end: the oldest say what is long past, and a passing event least. */
const MAX_WAITING = 8;

export function createScriptQueue(options: QueueOptions): ScriptQueue {
  const { clock, log, deadlineMs, concurrency = 16 } = options;
  const execute = options.runScript ?? runScript;
  /** Jobs that wait, by target; a target that is present has one running or is in `ready`. */
  const lanes = new Map<string, Job[]>();
  const ready = new Set<string>();
  const idlers: (() => void)[] = [];
  const cancel = new AbortController();
  let running = 0;

  return { run, idle, stop };

  function run(script: Script, cause: ScriptCause): void {
    if (cancel.signal.aborted) return;
    const lane = lanes.get(cause.target);
    if (lane === undefined) {
      lanes.set(cause.target, [{ script, cause }]);
      ready.add(cause.target);
    } else {
      lane.push({ script, cause });
      if (lane.length > MAX_WAITING) dropOne(lane);
    }
    pump();
  }

  function dropOne(lane: Job[]): void {
    const passing = lane.findIndex(({ cause }) => cause.passing === true);
    const [dropped] = lane.splice(Math.max(0, passing), 1);
    if (dropped)
      log.warn(dropped.cause, `${name(dropped)} is not run: scripts of it come faster than they end`);
  }

  function pump(): void {
    for (const target of ready) {
      if (running >= concurrency) return;
      ready.delete(target);
      const job = lanes.get(target)?.shift();
      if (job) start(job);
    }
    if (running === 0) for (const resolve of idlers.splice(0)) resolve();
  }

  function start(job: Job): void {
    running += 1;
    void execute(job.script, { clock, deadlineMs, signal: cancel.signal }).then((result) => {
      running -= 1;
      report(job, result);
      const { target } = job.cause;
      if (lanes.get(target)?.length) ready.add(target);
      else lanes.delete(target);
      pump();
    });
  }

  function report(job: Job, { outcome, output, durationMs }: ScriptResult): void {
    const fields = { ...job.cause, outcome, durationMs: Math.round(durationMs) };
    const well = outcome.kind === 'exited' && outcome.code === 0;
    log[well ? 'debug' : 'warn'](fields, `${name(job)} ${describeOutcome(outcome)}`);
    if (output !== '') log.debug(job.cause, `${name(job)} wrote: ${output}`);
  }

  function idle(): Promise<void> {
    return running === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve));
  }

  function stop(): void {
    lanes.clear();
    ready.clear();
    cancel.abort();
  }
}

/** How a script ended, as the end of a sentence that begins with its name. */
export function describeOutcome(outcome: ScriptOutcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `ended with status ${outcome.code}`;
    case 'signalled':
      return `was ended by ${outcome.signal}`;
    case 'timed-out':
      return `was ended because it ran longer than ${outcome.afterMs} ms`;
    case 'cancelled':
      return 'was ended because it is no longer wanted';
    case 'not-started':
      return `could not be started: ${outcome.reason}`;
  }
}

function name({ script, cause }: Job): string {
  return `${cause.event} script "${script.argv[0]}" of ${cause.target}`;
}
