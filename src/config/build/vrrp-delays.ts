/** interface_up_down_delays: a loss of link is not kept back for so long that a backup takes over (`network.ts` cuts it). */
import type { InstanceConfig } from '../../vrrp/config.js';
import { longestDownDelayMs } from '../../vrrp/election/timers.js';
import type { InterfaceDelayConfig } from '../../vrrp/track/config.js';
import type { Entry } from '../keyword.js';
import { warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

/** Says of each delay that is cut to how much, and for whose sake. */
export function warnOfCutDelays(
  lines: readonly Entry<InterfaceDelayConfig>[],
  instances: readonly InstanceConfig[],
  { defaults }: VrrpContext,
): void {
  for (const line of lines) {
    const { interface: name, downDelayMs } = line.value;
    const [least] = instances
      .filter((instance) => instance.interface === name)
      .map((instance) => ({ of: instance.name, ms: longestDownDelayMs(instance, instance.advertIntMs) }))
      .toSorted((a, b) => a.ms - b.ms);
    if (least === undefined || downDelayMs <= least.ms) continue;
    const [used, asked] = [Math.floor(least.ms) / 1000, downDelayMs / 1000];
    const text = `${used} s is used for its loss: after ${asked} s a backup of "${least.of}" would have taken over`;
    warnAt(defaults, line, `interface_up_down_delays "${name}": ${text}`);
  }
}
