/** The addresses that move between directors: a host cannot be known by one of them. */

import type { InstanceConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';

export type Moving = {
  /** Of every instance of this machine. */
  readonly all: ReadonlySet<string>;
  /** Those of instances of priority 255, whose owner may have no others (RFC 9568 §1.7). */
  readonly owned: ReadonlySet<string>;
};

type Claim = Pick<InstanceConfig, 'priority' | 'virtualAddresses' | 'excludedAddresses'>;

export function movingOf(instances: readonly Claim[]): Moving {
  const addressesOf = (claims: readonly Claim[]) =>
    new Set(claims.flatMap((each) => allAddresses(each).map(({ address }) => address)));
  return {
    all: addressesOf(instances),
    owned: addressesOf(instances.filter(({ priority }) => priority === 255)),
  };
}
