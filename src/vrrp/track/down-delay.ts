/** How long the loss of an interface may be kept back: were it longer, a backup would take over meanwhile, and make two masters. Pure. */
import type { InstanceConfig } from '../config.js';
import { longestDownDelayMs } from '../election/timers.js';
import type { InterfaceDelayConfig } from './config.js';

export type DelayBound = {
  readonly ms: number;
  /** The instance that allows no more. */
  readonly of: string;
};

/** Undefined where no instance is on the interface. */
export function delayBound(name: string, instances: readonly InstanceConfig[]): DelayBound | undefined {
  const [least] = instances
    .filter((instance) => instance.interface === name)
    .map((instance) => ({ of: instance.name, ms: longestDownDelayMs(instance, instance.advertIntMs) }))
    .toSorted((a, b) => a.ms - b.ms);
  return least;
}

/** A delay as it is used. */
export function boundDelay(
  delay: InterfaceDelayConfig,
  instances: readonly InstanceConfig[],
): InterfaceDelayConfig {
  const bound = delayBound(delay.interface, instances);
  return bound === undefined ? delay : { ...delay, downDelayMs: Math.min(delay.downDelayMs, bound.ms) };
}
