/** Rules whose line has no priority are numbered as keepalived numbers them: the first of the file is the last to be asked. */
import type { Family } from '../../net/address.js';
import type { RuleConfig } from '../../vrrp/place/network-config.js';
import { type Entry, setting, type Values } from '../keyword.js';
import type { root } from '../schema/root.js';
import { type Defaults, errorAt, warnAt } from './values.js';

/** By what was read of the line. */
export type NumberedRules = ReadonlyMap<RuleConfig, RuleConfig>;

/** Of the first rule of a family; main and default are asked after it. */
const FIRST = 16_384;

export function numberRules(values: Values<typeof root>, defaults: Defaults): NumberedRules {
  const next: Record<Family, number> = { ipv4: FIRST, ipv6: FIRST };
  const numbered = new Map<RuleConfig, RuleConfig>();
  for (const line of ruleLines(values)) {
    const rule = line.value;
    if (rule.priority !== undefined) continue;
    const priority = next[rule.family]--;
    numbered.set(rule, { ...rule, priority });
    if (rule.action.kind === 'goto') errorAt(defaults, line, 'rule: expected a priority where goto leads on');
    else
      warnAt(
        defaults,
        line,
        `rule: without a priority it has ${priority}, which comes before such rules above it`,
      );
  }
  return numbered;
}

/** Virtual and static ones, in the order of the file. */
function ruleLines({ vrrp_instance = [], static_rules = [] }: Values<typeof root>): Entry<RuleConfig>[] {
  const blocks = [
    ...vrrp_instance.map(({ order, value }) => ({ order, block: setting(value.values.virtual_rules) })),
    ...static_rules.map(({ order, value }) => ({ order, block: value })),
  ];
  return blocks.sort((a, b) => a.order - b.order).flatMap(({ block }) => block?.lines ?? []);
}
