/** strict_mode: what RFC 9568 and RFC 3768 do not have is an error, where keepalived says so too. */
import type { InstanceConfig } from '../../vrrp/config.js';
import { type Entry, type Section, setting } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { type Defaults, errorAt, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceEntry = Entry<Section<string, typeof instance>>;
type Keyword = keyof typeof instance;
type Facts = Pick<InstanceConfig, 'family' | 'version' | 'priority' | 'initialState'>;

/** Keywords that strict mode has not, and why. */
const FOREIGN: readonly (readonly [Keyword, string])[] = [
  ['unicast_peer', 'VRRP is multicast'],
  ['unicast_fault_no_peer', 'VRRP is multicast'],
  ['authentication', 'the RFCs have taken it back'],
  ['no_virtual_ipaddress', 'a virtual router has at least one address'],
  ['preempt_delay', 'preemption is at once'],
  ['vmac_xmit_base', 'adverts come from the virtual MAC address'],
  ['garp_master_refresh', 'gratuitous ARP is sent on becoming master'],
  ['garp_lower_prio_repeat', 'gratuitous ARP is sent on becoming master'],
  ['garp_lower_prio_delay', 'gratuitous ARP is sent on becoming master'],
];

/** Whether an instance holds to strict mode; what it has that strict mode has not is told. */
export function strictness(entry: InstanceEntry, facts: Facts, { globals, defaults }: VrrpContext): boolean {
  const strict = setting(entry.value.values.strict_mode) ?? setting(globals.vrrp_strict) ?? false;
  if (strict) check(entry, facts, defaults);
  return strict;
}

function check(entry: InstanceEntry, facts: Facts, defaults: Defaults): void {
  const { values } = entry.value;
  const refuse = (keyword: Keyword, why: string): void => {
    const [statement] = (values[keyword] ?? []) as readonly Entry<unknown>[];
    if (statement !== undefined) errorAt(defaults, statement, `${keyword}: not in strict mode: ${why}`);
  };
  for (const [keyword, why] of FOREIGN) refuse(keyword, why);
  warnOfSecondSet(entry, defaults);
  if (facts.version === 2) refuse('accept', 'VRRPv2 has no accept mode');
  if (values.use_vmac !== undefined)
    refuse('virtual_ipaddress_excluded', 'all addresses have the virtual MAC');
  if (setting(values.lower_prio_no_advert) === false)
    refuse('lower_prio_no_advert', 'an advert of lower priority is not answered');
  if (setting(values.higher_prio_send_advert) === true)
    refuse('higher_prio_send_advert', 'an advert of higher priority is not answered');
  if ((facts.initialState === 'MASTER') !== (facts.priority === 255)) refuseState(entry, facts, defaults);
  if (facts.family === 'ipv6') refuseGlobalFirst(entry, defaults);
}

/** keepalived has a second set in strict mode too: this file is as good there. */
function warnOfSecondSet({ value: { values } }: InstanceEntry, defaults: Defaults): void {
  const [delay] = values.garp_master_delay ?? [];
  if (delay !== undefined && delay.value > 0)
    warnAt(
      defaults,
      delay,
      'garp_master_delay: ignored in strict mode: there is no second set of gratuitous ARP',
    );
}

function refuseState(
  { value: { values }, ...entry }: InstanceEntry,
  { priority }: Facts,
  defaults: Defaults,
): void {
  const said = values.state?.[0] ?? values.priority?.[0] ?? entry;
  const wanted = priority === 255 ? 'MASTER with priority 255' : 'BACKUP with a priority below 255';
  errorAt(defaults, said, `state: not in strict mode: expected ${wanted}`);
}

/** "The first address must be the IPv6 link-local address associated with the Virtual Router" (RFC 9568 §5.2.9). */
function refuseGlobalFirst({ value: { values } }: InstanceEntry, defaults: Defaults): void {
  const [first] = setting(values.virtual_ipaddress)?.lines ?? [];
  if (first !== undefined && !/^fe[89ab]/i.test(first.value.prefix.address))
    errorAt(defaults, first, 'address: not in strict mode: expected a link-local address first');
}
