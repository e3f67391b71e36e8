/** Runs every vrrp_script in its interval and counts what it says. */
import type { Clock, Timer } from '../../clock.js';
import { describeOutcome } from '../../script/queue.js';
import type { ScriptResult } from '../../script/run.js';
import type { Script } from '../../script.js';
import type { VrrpLog } from '../log.js';
import type { ScriptConfig } from './config.js';
import { initialHealth, observeScript, type ScriptHealth } from './script-health.js';

/** Runs one script to its end; never rejects. */
export type RunScript = (script: Script, deadlineMs: number) => Promise<ScriptResult>;

export type TrackerOptions = {
  readonly clock: Clock;
  readonly log: VrrpLog;
  /** A reading is another now. */
  readonly onChange: () => void;
};

export type ScriptTracker = {
  /** Scripts that stay keep their health. */
  readonly configure: (scripts: readonly ScriptConfig[]) => void;
  /** Undefined until it has spoken. */
  readonly read: (name: string) => boolean | undefined;
  readonly stop: () => void;
};

type Watched = { config: ScriptConfig; health: ScriptHealth; timer: Timer | undefined; running: boolean };

export function createScriptTracker(options: TrackerOptions & { readonly run: RunScript }): ScriptTracker {
  const { clock, log, onChange, run } = options;
  const watched = new Map<string, Watched>();
  return {
    configure,
    read: (name) => watched.get(name)?.health.up,
    stop: () => {
      for (const { timer } of watched.values()) timer?.cancel();
      watched.clear();
    },
  };

  function configure(scripts: readonly ScriptConfig[]): void {
    const names = new Set(scripts.map(({ name }) => name));
    for (const [name, { timer }] of watched) {
      if (names.has(name)) continue;
      timer?.cancel();
      watched.delete(name);
    }
    for (const config of scripts) {
      const known = watched.get(config.name);
      if (known !== undefined) known.config = config;
      else begin({ config, health: initialHealth(config), timer: undefined, running: false });
    }
  }

  function begin(script: Watched): void {
    watched.set(script.config.name, script);
    tick(script);
  }

  /** On the beat; a run that takes longer than the interval is not joined by another. */
  function tick(script: Watched): void {
    const { intervalMs, timeoutMs } = script.config;
    script.timer = clock.wake(clock.now() + intervalMs, () => tick(script));
    if (script.running) return;
    script.running = true;
    void run(script.config.script, timeoutMs).then((result) => {
      script.running = false;
      if (watched.get(script.config.name) === script) take(script, result);
    });
  }

  function take(script: Watched, { outcome }: ScriptResult): void {
    // Whoever ran it is gone: that says nothing of what it was to look after.
    if (outcome.kind === 'cancelled') return;
    const { config, health } = script;
    const success = outcome.kind === 'exited' && outcome.code === 0;
    script.health = observeScript(config, health, success);
    if (script.health.up === health.up) return;
    const text = `script ${config.name} is ${success ? 'up' : 'down'}: it ${describeOutcome(outcome)}`;
    log[success ? 'info' : 'warn']({ script: config.name, outcome }, text);
    onChange();
  }
}
