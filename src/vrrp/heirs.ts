/**
 * Who goes on as whom in a reload: decided over all of them before anything is done, so that nobody has two heirs, and no heir two
 * predecessors. Pure.
 */
import type { InstanceConfig } from './config.js';
import { madeLinkName } from './place/made-link.js';

/** One that takes part in an election, or has done so and hands over still. */
export type Former = {
  readonly config: InstanceConfig;
  /** What an earlier reload made its heir, where that waits for it still. */
  readonly awaitedBy?: InstanceConfig | undefined;
};

/**
 * What two have in common that makes one the heir of the other, the strongest first. A place to listen at and a macvlan come before a
 * name: there is one of them, and the heir needs it.
 */
const BONDS: readonly ((former: Former) => string | undefined)[] = [
  ({ config, awaitedBy = config }) => sameKey(awaitedBy),
  ({ config }) => listenerKey(config),
  ({ config }) => madeLinkName(config),
  ({ config }) => config.name,
];

/** Without those that nothing goes on of. */
export function heirsOf<T extends Former>(
  formers: readonly T[],
  wanted: readonly InstanceConfig[],
): ReadonlyMap<T, InstanceConfig> {
  const heirs = new Map<T, InstanceConfig>();
  const free = new Set(wanted);
  for (const bond of BONDS) {
    const byBond = new Map([...free].map((config) => [bond({ config }), config]));
    for (const former of formers) {
      const key = heirs.has(former) ? undefined : bond(former);
      const heir = key === undefined ? undefined : byBond.get(key);
      if (heir === undefined || !free.delete(heir)) continue;
      heirs.set(former, heir);
    }
  }
  return heirs;
}

/** Whether nothing but settings changes: another number, link, version or name makes another instance of it. */
export function isSame(a: InstanceConfig, b: InstanceConfig): boolean {
  return sameKey(a) === sameKey(b);
}

function sameKey(config: InstanceConfig): string {
  const { name, version, vmac, ipvlan } = config;
  return `${name} ${listenerKey(config)} ${version} ${JSON.stringify([vmac, ipvlan])}`;
}

function listenerKey({ virtualRouterId, interface: on, vrf, family }: InstanceConfig): string {
  return `${virtualRouterId} ${on} ${vrf} ${family}`;
}
