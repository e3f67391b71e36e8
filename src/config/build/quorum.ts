/** Quorum and hysteresis against the weights there are. */
import { rejectFirst } from '../arguments.js';
import { setting } from '../keyword.js';
import type { VirtualServerValues } from './real-server.js';
import type { VirtualServerEntry } from './service.js';
import { type Defaults, warnAt } from './values.js';

export type Quorum = { readonly quorum: number; readonly hysteresis: number };

/**
 * A quorum above the sum of weights is lowered to it, and a hysteresis is kept below the quorum, as keepalived does.
 * A quorum that could be lost but never gained again, since the sum of weights is below quorum + hysteresis, is refused.
 */
export function buildQuorum(entry: VirtualServerEntry, totalWeight: number, defaults: Defaults): Quorum {
  const { values } = entry.value;
  const wanted = setting(values.quorum) ?? 1;
  if (totalWeight === 0) {
    warnAt(
      defaults,
      entry,
      'virtual_server: the weights of all its real servers are 0, so the quorum is never there',
    );
    return { quorum: wanted, hysteresis: 0 };
  }
  const quorum = Math.min(wanted, totalWeight);
  if (quorum < wanted) {
    warnAt(
      defaults,
      values.quorum?.[0] ?? entry,
      `quorum ${wanted}: lowered to ${quorum}, the sum of the weights`,
    );
  }
  return { quorum, hysteresis: buildHysteresis(values, { quorum, totalWeight }, defaults) };
}

type Sum = { readonly quorum: number; readonly totalWeight: number };

function buildHysteresis(
  { hysteresis }: VirtualServerValues,
  { quorum, totalWeight }: Sum,
  defaults: Defaults,
): number {
  const entry = hysteresis?.[0];
  if (entry === undefined) return 0;
  const value = Math.min(entry.value, quorum - 1);
  if (value < entry.value) {
    warnAt(
      defaults,
      entry,
      `hysteresis ${entry.value}: lowered to ${value}, it must be below the quorum of ${quorum}`,
    );
  }
  if (quorum + value > totalWeight) {
    const sum = `quorum ${quorum} + hysteresis ${value} = ${quorum + value}`;
    const text = `${sum} is more than all the weights together, ${totalWeight}: a lost quorum would never come back`;
    rejectFirst(entry.statement, defaults.report, text);
  }
  return value;
}
