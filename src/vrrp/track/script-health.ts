/** Rise and fall of a vrrp_script: one result does not make a summer. */
import type { ScriptConfig } from './config.js';

export type ScriptHealth = {
  /** Undefined until the first result. */
  readonly up: boolean | undefined;
  /** Results in a row that contradict `up`. */
  readonly contrary: number;
};

/** Before the first run: unknown, or failed with init_fail. */
export function initialHealth({ initFail }: Pick<ScriptConfig, 'initFail'>): ScriptHealth {
  return { up: initFail ? false : undefined, contrary: 0 };
}

/** One more result. The first decides at once; after that, `fall` failures or `rise` successes in a row do. */
export function observeScript(
  { rise, fall }: Pick<ScriptConfig, 'rise' | 'fall'>,
  health: ScriptHealth,
  success: boolean,
): ScriptHealth {
  if (health.up === undefined || health.up === success) return { up: success, contrary: 0 };
  const contrary = health.contrary + 1;
  return contrary >= (success ? rise : fall) ? { up: success, contrary: 0 } : { ...health, contrary };
}
