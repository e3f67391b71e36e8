/**
 * strict_mode: what RFC 9568 and RFC 3768 do not have. keepalived passes over most of it, and so must its other director: each is a
 * warning then. What makes another protocol of it is an error.
 */
import type { InstanceConfig } from '../../vrrp/config.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { type Defaults, errorAt, warnAt } from './values.js';
import { OWNER } from './vrrp-election.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceEntry = Entry<Section<string, typeof instance>>;
type InstanceValues = Values<typeof instance>;
type Keyword = keyof typeof instance;
type Facts = Pick<InstanceConfig, 'family' | 'version'>;

export function isStrict({ strict_mode }: InstanceValues, { globals }: VrrpContext): boolean {
  return setting(strict_mode) ?? setting(globals.vrrp_strict) ?? false;
}

/** What strict mode leaves of the statements of an instance. The rest is told. */
export function strictValues(entry: InstanceEntry, facts: Facts, { defaults }: VrrpContext): InstanceValues {
  const { values } = entry.value;
  for (const [keyword, why] of REFUSED) refuse(entry, keyword, why, defaults);
  if (values.use_vmac !== undefined)
    refuse(entry, 'virtual_ipaddress_excluded', 'all addresses have the virtual MAC', defaults);
  if (facts.family === 'ipv6') warnOfGlobalFirst(values, defaults);
  const ignored = IGNORED.filter(([keyword, , counts]) => {
    return values[keyword] !== undefined && (counts?.(values, facts) ?? true);
  });
  for (const [keyword, why] of ignored)
    for (const statement of (values[keyword] ?? []) as readonly Entry<unknown>[])
      warnAt(defaults, statement, `${keyword}: ignored in strict mode: ${why}`);
  const keywords = new Set<string>(ignored.map(([keyword]) => keyword));
  const kept = Object.fromEntries(Object.entries(values).filter(([keyword]) => !keywords.has(keyword)));
  return { ...kept, ...withoutOwnMac(values, defaults) };
}

/** use_vmac without a MAC address of its own. */
function withoutOwnMac({ use_vmac }: InstanceValues, defaults: Defaults): Pick<InstanceValues, 'use_vmac'> {
  const [entry] = use_vmac ?? [];
  if (entry?.value.macAddress === undefined) return {};
  const { macAddress, ...line } = entry.value;
  const why = 'a virtual router has one that follows from its number';
  warnAt(defaults, entry, `use_vmac: ${macAddress} is ignored in strict mode: ${why}`);
  return { use_vmac: [{ ...entry, value: line }] };
}

const REFUSED: readonly (readonly [Keyword, string])[] = [
  ['unicast_peer', 'VRRP is multicast'],
  ['unicast_fault_no_peer', 'VRRP is multicast'],
  ['no_virtual_ipaddress', 'a virtual router has at least one address'],
];

/** Whether a keyword says something strict mode has not; always, where there is none. */
type Counts = (values: InstanceValues, facts: Facts) => boolean;

const ONE_SET = 'gratuitous ARP is sent on becoming master';

const IGNORED: readonly (readonly [Keyword, string, Counts?])[] = [
  ['state', `MASTER has priority ${OWNER}, and who has it is MASTER`, isOtherState],
  ['authentication', 'the RFCs have taken it back'],
  ['preempt_delay', 'preemption is at once'],
  ['down_timer_adverts', 'a master is gone after three adverts'],
  ['vmac_xmit_base', 'adverts come from the virtual MAC address'],
  ['accept', 'VRRPv2 has no accept mode', (_values, { version }) => version === 2],
  ['garp_master_delay', 'there is no second set of gratuitous ARP', hasSecondSet],
  ['garp_master_refresh', ONE_SET],
  ['garp_lower_prio_repeat', ONE_SET],
  ['garp_lower_prio_delay', ONE_SET],
  [
    'lower_prio_no_advert',
    'an advert of lower priority is not answered',
    ({ lower_prio_no_advert }) => setting(lower_prio_no_advert) === false,
  ],
  [
    'higher_prio_send_advert',
    'an advert of higher priority is not answered',
    ({ higher_prio_send_advert }) => setting(higher_prio_send_advert) === true,
  ],
];

/** The owner of the addresses is MASTER from the start, and nobody else is. Without priority the state says who owns them. */
function isOtherState({ state, priority }: InstanceValues): boolean {
  const owns = setting(priority);
  return owns !== undefined && (setting(state) === 'MASTER') !== (owns === OWNER);
}

function hasSecondSet({ garp_master_delay }: InstanceValues): boolean {
  return (setting(garp_master_delay) ?? 0) > 0;
}

function refuse(
  { value: { values } }: InstanceEntry,
  keyword: Keyword,
  why: string,
  defaults: Defaults,
): void {
  const [statement] = (values[keyword] ?? []) as readonly Entry<unknown>[];
  if (statement !== undefined) errorAt(defaults, statement, `${keyword}: not in strict mode: ${why}`);
}

/** "The first address must be the IPv6 link-local address associated with the Virtual Router" (RFC 9568 §5.2.9). */
function warnOfGlobalFirst(values: InstanceValues, defaults: Defaults): void {
  const [first] = setting(values.virtual_ipaddress)?.lines ?? [];
  if (first !== undefined && !/^fe[89ab]/i.test(first.value.prefix.address))
    warnAt(defaults, first, 'address: not in strict mode: the first address should be a link-local one');
}
