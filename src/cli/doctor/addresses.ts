/** The virtual addresses: nobody but lvsd holds them, and those of services are here at all. Pure. */
import type { Config } from '../../config/config.js';
import { canonicalAddress } from '../../net/address.js';
import type { InterfaceAddress } from '../../net/route/address.js';
import { allAddresses } from '../../vrrp/place/all-addresses.js';
import { type Finding, listed } from './finding.js';
import type { LinkState } from './links.js';
import { instancesOf, serviceAddresses } from './needs.js';

export type AddressFacts = {
  readonly links: readonly LinkState[];
  readonly addresses: readonly InterfaceAddress[];
  /** lvsd or keepalived runs here, and may hold addresses for ever. */
  readonly held: boolean;
};

/** lvsd's own addresses expire; one that does not was put there by somebody, and answers beside the master's. */
export function leftoverFindings(
  config: Config,
  { links, addresses, held }: AddressFacts,
): readonly Finding[] {
  const forEver = addresses.filter(({ lifetime }) => lifetime.valid === 'forever');
  const moved = instancesOf(config)
    .filter(({ priority, vipLifetime }) => priority < OWNER && !(vipLifetime === 'off' && held))
    .flatMap((instance) => allAddresses(instance).map((vip) => ({ instance: instance.name, vip })));
  return moved.flatMap(({ instance, vip }) =>
    forEver
      .filter(({ address }) => address === canonicalAddress(vip.address))
      .map((found) => {
        const link = links.find(({ index }) => index === found.interfaceIndex);
        return leftover(found, { instance, link, own: link?.name === vip.interface });
      }),
  );
}

/** Whose priority is 255 has the addresses for its own. */
const OWNER = 255;

type Place = { readonly instance: string; readonly link: LinkState | undefined; readonly own: boolean };

function leftover(
  { address, prefixLength, peer }: InterfaceAddress,
  { instance, link, own }: Place,
): Finding {
  const name = link?.name ?? 'an interface';
  const end = own ? '; lvsd takes it away when it starts' : '';
  return {
    // A director that is a real server of the other one as well has it there, and must not answer ARP for it.
    severity: link?.loopback === true ? 'warning' : 'error',
    check: 'address',
    what: `${address} is on ${name} for good`,
    meaning: `Only the master of vrrp_instance ${instance} is to answer for it, and this machine does in any case. keepalived leaves it so when it is killed${end}.`,
    mend: `ip addr del ${address}/${peer?.prefixLength ?? prefixLength} dev ${name}`,
  };
}

/** Addresses of services that no virtual router brings here: they must be here already. */
export function fixedAddresses(config: Config): readonly string[] {
  const moved = new Set(
    instancesOf(config)
      .flatMap(allAddresses)
      .map(({ address }) => canonicalAddress(address)),
  );
  return serviceAddresses(config).filter((address) => !moved.has(canonicalAddress(address)));
}

/** `absent`: those of `fixedAddresses` that this machine does not take for its own. */
export function absentFindings(absent: readonly string[]): readonly Finding[] {
  if (absent.length === 0) return [];
  return [
    {
      severity: 'warning',
      check: 'service address',
      what: `not on this machine, and in no vrrp_instance: ${listed(absent)}`,
      meaning: 'Packets to it do not get to IPVS: no client is served.',
      mend: `ip addr add ${absent[0]}/${absent[0]?.includes(':') === true ? 128 : 32} dev INTERFACE, or a virtual_ipaddress in a vrrp_instance`,
    },
  ];
}
