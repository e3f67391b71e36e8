/** Names of the interfaces that instances make: given in the file, or chosen so that no two have the same. */
import type { Family } from '../../net/address.js';
import type { AddressVmacConfig, InstanceConfig } from '../../vrrp/config.js';
import { allAddresses } from '../../vrrp/place/all-addresses.js';
import type { AddressConfig } from '../../vrrp/place/network-config.js';
import { type Entry, type Section, setting } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { errorAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

export type BuiltInstance = {
  readonly entry: Entry<Section<string, typeof instance>>;
  readonly instance: InstanceConfig;
};

type Made = { readonly interface: string };
type Numbered = Pick<InstanceConfig, 'virtualRouterId' | 'family'>;

/** Chosen names follow the given ones and those that running instances have; the rest is in the order of the file. */
export function nameLinks(built: readonly BuiltInstance[], context: VrrpContext): InstanceConfig[] {
  const taken = takeGiven(built, context);
  const kept = built.map((one) => keptOf(one, context.running, taken));
  return built.map(({ entry, instance: own }, index) => {
    const { vmac, ipvlan, virtualRouterId } = own;
    const prefix = setting(context.globals.vmac_prefix) ?? 'vrrp';
    const addressPrefix = setting(context.globals.vmac_addr_prefix) ?? 'vrrp';
    const choose = <M extends Made>(made: M): M => ({
      ...made,
      interface: kept[index]?.own ?? take(taken, candidates(own, prefix)),
    });
    const given = givenName(entry) !== undefined;
    return withAddressVmacs(
      {
        ...own,
        ...(vmac === undefined ? {} : { vmac: given ? vmac : choose(vmac) }),
        ...(ipvlan === undefined ? {} : { ipvlan: given ? ipvlan : choose(ipvlan) }),
      },
      (of, family) =>
        kept[index]?.ofAddresses.get(of) ??
        take(taken, candidates({ virtualRouterId, family }, addressPrefix)),
    );
  });
}

function givenName({ value: { values } }: BuiltInstance['entry']): string | undefined {
  const line = values.use_vmac === undefined ? setting(values.use_ipvlan) : setting(values.use_vmac);
  return line?.interface;
}

/** The names in the file; one that is there twice is an error. */
function takeGiven(built: readonly BuiltInstance[], { defaults }: VrrpContext): Set<string> {
  const owners = new Map<string, string>();
  for (const { entry, instance: own } of built) {
    const name = givenName(entry);
    if (name === undefined) continue;
    const owner = owners.get(name);
    const statement = entry.value.values.use_vmac?.[0] ?? entry.value.values.use_ipvlan?.[0] ?? entry;
    if (owner !== undefined)
      errorAt(defaults, statement, `interface "${name}": vrrp_instance "${owner}" makes one of that name`);
    else owners.set(name, own.name);
  }
  return new Set(owners.keys());
}

type Kept = {
  readonly own: string | undefined;
  readonly ofAddresses: ReadonlyMap<AddressVmacConfig, string>;
};

/** What a running instance of that name and number has made, unless the file gives that name to another one now. */
function keptOf(
  { entry, instance: own }: BuiltInstance,
  running: readonly InstanceConfig[],
  taken: Set<string>,
): Kept {
  const before = running.find((each) => each.name === own.name && sameNumber(each, own));
  const keep = (name: string | undefined) => {
    if (name === undefined || taken.has(name)) return undefined;
    taken.add(name);
    return name;
  };
  const made = before?.vmac ?? before?.ipvlan;
  const isOwn = givenName(entry) === undefined && (own.vmac ?? own.ipvlan) !== undefined;
  return {
    own: isOwn ? keep(made?.interface) : undefined,
    ofAddresses: new Map(
      own.addressVmacs.flatMap((made) => {
        const name = keep(before?.addressVmacs.find((each) => sameLink(each, made))?.interface);
        return name === undefined ? [] : [[made, name] as const];
      }),
    ),
  };
}

function sameNumber(a: InstanceConfig, b: InstanceConfig): boolean {
  return a.virtualRouterId === b.virtualRouterId && a.family === b.family && a.interface === b.interface;
}

function sameLink(a: AddressVmacConfig, b: AddressVmacConfig): boolean {
  return a.base === b.base && a.macAddress === b.macAddress;
}

/** `vrrp.51`, for IPv6 then `vrrp6.51`, then `vrrp1.51` and on. */
function* candidates({ virtualRouterId, family }: Numbered, prefix: string): Generator<string, never> {
  yield `${prefix}.${virtualRouterId}`;
  if (family === 'ipv6') yield `${prefix}6.${virtualRouterId}`;
  for (let number = 1; ; number += 1) yield `${prefix}${number}.${virtualRouterId}`;
}

function take(taken: Set<string>, names: Generator<string, never>): string {
  for (;;) {
    const { value: name } = names.next();
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** Its macvlans for addresses renamed, and the addresses with them. The family is that of the first. */
function withAddressVmacs(
  config: InstanceConfig,
  nameOf: (made: AddressVmacConfig, family: Family) => string,
): InstanceConfig {
  if (config.addressVmacs.length === 0) return config;
  const familyOn = (name: string) =>
    allAddresses(config).find((each) => each.interface === name)?.family ?? config.family;
  const names = new Map(
    config.addressVmacs.map((made) => [made.interface, nameOf(made, familyOn(made.interface))]),
  );
  const renamed = <M extends Made>(made: M): M => ({
    ...made,
    interface: names.get(made.interface) ?? made.interface,
  });
  const move = (each: AddressConfig) => (each.useVmac ? renamed(each) : each);
  return {
    ...config,
    virtualAddresses: config.virtualAddresses.map(move),
    excludedAddresses: config.excludedAddresses.map(move),
    addressVmacs: config.addressVmacs.map(renamed),
  };
}
