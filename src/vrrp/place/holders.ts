/** What instances hold: in a reload two may have the same address or route, and it is there until the last of them lets go of it. */
import type { InstanceConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';

export class Holders {
  readonly #counts = new Map<string, number>();

  /** Somebody holds these from now on, beside what he holds already. */
  hold(claims: readonly string[]): void {
    for (const claim of claims) this.#counts.set(claim, (this.#counts.get(claim) ?? 0) + 1);
  }

  /** The same one holds them no more. */
  drop(claims: readonly string[]): void {
    for (const claim of claims) {
      const left = (this.#counts.get(claim) ?? 1) - 1;
      if (left > 0) this.#counts.set(claim, left);
      else this.#counts.delete(claim);
    }
  }

  isHeld(each: AddressConfig | RouteConfig | RuleConfig): boolean {
    return this.#counts.size > 0 && this.#counts.has(claimOf(each));
  }
}

export function claimsOf(config: InstanceConfig): readonly string[] {
  return [...allAddresses(config), ...config.virtualRoutes, ...config.virtualRules].map(claimOf);
}

/** The kernel knows an IPv6 address whatever length and label it has, and one of IPv4 with another length is another one. */
function claimOf(each: AddressConfig | RouteConfig | RuleConfig): string {
  if (!('address' in each)) return JSON.stringify(each);
  const { family, address, prefixLength, interface: on } = each;
  return family === 'ipv6' ? `${address} ${on}` : `${address}/${prefixLength} ${on}`;
}
