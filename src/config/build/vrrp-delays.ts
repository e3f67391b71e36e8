/** interface_up_down_delays: a loss of link is not kept back for so long that a backup takes over (`down-delay.ts` cuts it). */
import type { InstanceConfig } from '../../vrrp/config.js';
import type { InterfaceDelayConfig } from '../../vrrp/track/config.js';
import { delayBound } from '../../vrrp/track/down-delay.js';
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
    const bound = delayBound(name, instances);
    if (bound === undefined || downDelayMs <= bound.ms) continue;
    const [used, asked] = [Math.floor(bound.ms) / 1000, downDelayMs / 1000];
    const text = `${used} s is used for its loss: after ${asked} s a backup of "${bound.of}" would have taken over`;
    warnAt(defaults, line, `interface_up_down_delays "${name}": ${text}`);
  }
}
