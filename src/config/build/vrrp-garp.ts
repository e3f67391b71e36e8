/** Gratuitous ARP of an instance: its own settings, else those of global_defs. A set has at least one packet. */
import type { GarpConfig } from '../../vrrp/config.js';
import { type Entry, setting, type Values } from '../keyword.js';
import type { garp } from '../schema/vrrp.js';
import { optional } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type Entries<T> = readonly Entry<T>[] | undefined;

/** With `strict` there is one set on becoming master and nothing more. */
export function garpOf(values: Values<typeof garp>, context: VrrpContext, strict: boolean): GarpConfig {
  const asked = askedFor(values, context);
  if (!strict) return asked;
  return { ...asked, masterDelayMs: 0, masterRefreshMs: 0, lowerPrioDelayMs: 0, lowerPrioRepeat: 0 };
}

function askedFor(values: Values<typeof garp>, { globals }: VrrpContext): GarpConfig {
  const least = setting(globals.vrrp_min_garp) === true;
  const first = <T>(own: Entries<T>, global: Entries<T>, fallback: T): T =>
    setting(own) ?? setting(global) ?? fallback;
  const delayMs = setting(globals.vrrp_garp_master_delay) ?? (least ? 0 : 5000);
  const repeat = Math.max(1, setting(globals.vrrp_garp_master_repeat) ?? (least ? 1 : 5));
  const refreshRepeat = first(values.garp_master_refresh_repeat, globals.vrrp_garp_master_refresh_repeat, 1);
  return {
    masterDelayMs: setting(values.garp_master_delay) ?? delayMs,
    masterRepeat: Math.max(1, setting(values.garp_master_repeat) ?? repeat),
    masterRefreshMs: first(values.garp_master_refresh, globals.vrrp_garp_master_refresh, 0),
    masterRefreshRepeat: Math.max(1, refreshRepeat),
    // What the instance says of a new master is not said of this.
    lowerPrioDelayMs: first(values.garp_lower_prio_delay, globals.vrrp_garp_lower_prio_delay, delayMs),
    lowerPrioRepeat: first(values.garp_lower_prio_repeat, globals.vrrp_garp_lower_prio_repeat, repeat),
    ...optional('extraIf', setting(values.garp_extra_if) ?? setting(globals.vrrp_garp_extra_if)),
  };
}
