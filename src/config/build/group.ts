/** virtual_server_group → the services it stands for. */
import type { Protocol, ServiceKey } from '../../ipvs/table.js';
import type { Family } from '../../net/address.js';
import { type Entry, isComplete, type Lines } from '../keyword.js';
import { addressAfter, type GroupMember } from '../types/ranges.js';
import { type Defaults, errorAt, warnAt } from './values.js';

export type Group = Lines<string, GroupMember>;

/** Services of all groups of one configuration together. */
const LARGEST = 200_000;

/** Groups by name; empty and repeated ones are reported. */
export function groupsByName(
  entries: readonly Entry<Group>[],
  defaults: Defaults,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const { head, lines } = entry.value;
    if (groups.has(head))
      errorAt(defaults, entry, `virtual_server_group ${head}: the name is taken by another group`);
    else if (lines.length === 0 && isComplete(lines))
      warnAt(defaults, entry, `virtual_server_group ${head}: it is empty and counts as absent`);
    else groups.set(head, entry.value);
  }
  return groups;
}

/** Families the members of a group have; marks without a family have none. */
export function familiesOf({ lines }: Group): ReadonlySet<Family> {
  return new Set(lines.flatMap(({ value }) => value.family ?? []));
}

/** Whether a group holds addresses, and not marks only. */
export function hasAddresses({ lines }: Group): boolean {
  return lines.some(({ value }) => value.kind === 'addresses');
}

export type KeyOptions = { readonly protocol: Protocol; readonly markFamily: Family };

/** How many services a group stands for. */
export function countKeys({ lines }: Group): number {
  return lines.reduce((sum, { value }) => sum + (value.kind === 'fwmark' ? 1 : value.count), 0);
}

/** Each service of a group, with the line it comes from. */
export function groupKeys(
  group: Group,
  { protocol, markFamily }: KeyOptions,
): readonly (readonly [ServiceKey, Entry<GroupMember>])[] {
  if (countKeys(group) > LARGEST) return [];
  return group.lines.flatMap((entry) =>
    keysOf(entry.value, { protocol, markFamily }).map((key) => [key, entry] as const),
  );
}

export { LARGEST as LARGEST_GROUP };

function keysOf(member: GroupMember, { protocol, markFamily }: KeyOptions): readonly ServiceKey[] {
  if (member.kind === 'fwmark')
    return [{ kind: 'fwmark', family: member.family ?? markFamily, fwmark: member.fwmark }];
  const { family, first, count, port } = member;
  return Array.from({ length: count }, (_, index) => {
    return { kind: 'address', family, protocol, address: addressAfter(first, index), port };
  });
}
