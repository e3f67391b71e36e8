/** Addresses that a reload moves between instances. Pure. */
import type { InstanceConfig } from './config.js';
import { allAddresses } from './place/all-addresses.js';

/**
 * The instances in the order in which a reload is to change them, and together those that are to change in one turn: whoever gets an
 * address of another one does so before that one lets go of it, or in the same turn where each gives the other one.
 * @param before what those are that run
 */
export function inTurns(
  before: readonly InstanceConfig[],
  next: readonly InstanceConfig[],
): readonly (readonly InstanceConfig[])[] {
  const takers = takersIn(before, next);
  const seen = new Set<InstanceConfig>();
  const visit = (instance: InstanceConfig): readonly InstanceConfig[] => {
    if (seen.has(instance)) return [];
    seen.add(instance);
    return [...(takers.get(instance.name) ?? []).flatMap(visit), instance];
  };
  return next.map(visit).filter((together) => together.length > 0);
}

/** Who gets what an instance has now and will not have, by that one's name. */
function takersIn(
  before: readonly InstanceConfig[],
  next: readonly InstanceConfig[],
): ReadonlyMap<string, readonly InstanceConfig[]> {
  const wanted = new Map(next.map((instance) => [instance.name, textsOf(instance)]));
  const givers = new Map<string, string>();
  for (const instance of before) {
    const kept = wanted.get(instance.name);
    for (const text of textsOf(instance)) if (kept?.has(text) === false) givers.set(text, instance.name);
  }
  const takers = new Map<string, InstanceConfig[]>();
  for (const instance of next) {
    for (const text of wanted.get(instance.name) ?? []) {
      const giver = givers.get(text);
      if (giver !== undefined) takers.set(giver, [...(takers.get(giver) ?? []), instance]);
    }
  }
  return takers;
}

function textsOf(config: InstanceConfig): ReadonlySet<string> {
  return new Set(allAddresses(config).map(({ address }) => address));
}
