/** Rules whose line has no priority are numbered as keepalived numbers them: the first of the file is the last to be asked. */
import type { Family } from '../../net/address.js';
import type { RuleConfig } from '../../vrrp/place/network-config.js';
import { type Entry, type Lines, setting, type Values } from '../keyword.js';
import type { root } from '../schema/root.js';
import type { RuleLine } from '../types/rule-line.js';
import { type Defaults, errorAt, warnAt } from './values.js';

/** The rules of a block, each with a priority. */
export type Numbered = (block: Lines<true, RuleLine> | undefined) => readonly RuleConfig[];

/** Of the first rule of a family; main and default are asked after it. */
const FIRST = 16_384;

export function numberRules(values: Values<typeof root>, defaults: Defaults): Numbered {
  const next: Record<Family, number> = { ipv4: FIRST, ipv6: FIRST };
  const numbered = new Map<RuleLine, RuleConfig>();
  for (const line of ruleLines(values)) {
    const rule = line.value;
    const priority = rule.priority ?? next[rule.family]--;
    numbered.set(rule, { ...rule, priority });
    if (rule.priority === undefined) tellOf(line, priority, defaults);
  }
  return (block) => (block?.lines ?? []).flatMap(({ value }) => numbered.get(value) ?? []);
}

function tellOf(line: Entry<RuleLine>, priority: number, defaults: Defaults): void {
  const before = `without a priority it has ${priority}, which comes before such rules above it`;
  if (line.value.action.kind === 'goto')
    errorAt(defaults, line, 'rule: expected a priority where goto leads on');
  else warnAt(defaults, line, `rule: ${before}`);
}

/** Virtual and static ones, in the order of the file. */
function ruleLines({ vrrp_instance = [], static_rules = [] }: Values<typeof root>): Entry<RuleLine>[] {
  const blocks = [
    ...vrrp_instance.map(({ order, value }) => ({ order, block: setting(value.values.virtual_rules) })),
    ...static_rules.map(({ order, value }) => ({ order, block: value })),
  ];
  return blocks.sort((a, b) => a.order - b.order).flatMap(({ block }) => block?.lines ?? []);
}
