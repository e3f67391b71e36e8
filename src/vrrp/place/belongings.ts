/** What an instance holds while it is master: its addresses, and the routes and rules that go with them. */
import type { RouteEvent } from '../../net/route/events.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig } from '../config.js';
import { vipLifetimeS } from '../election/timers.js';
import type { Holding } from '../underlay.js';
import { type Kernel, VirtualAddresses } from './addresses.js';
import { allAddresses } from './all-addresses.js';
import type { Find } from './census.js';
import { describeAddress, describeLine } from './describe.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';
import { notIn } from './not-in.js';
import { VirtualRoutes } from './routes.js';

export type BelongingsOptions = {
  readonly kernel: Kernel;
  /** Named for people. */
  readonly onLost: (what: readonly string[]) => void;
  readonly warn: (error: SystemError) => void;
  /** Whether an address is one of any instance. */
  readonly isOurs: (address: string) => boolean;
  readonly census?: () => Find | SystemError;
};

export type Belongings = {
  readonly acquire: () => void;
  readonly renew: () => void;
  readonly release: () => void;
  readonly holding: () => Holding;
  readonly accept: (event: RouteEvent) => void;
  /** This interface went, and what was on it: to be called before that is acquired again. */
  readonly fell: (name: string) => void;
  /** A reload: what is held and no longer wanted goes, and what is new comes. */
  readonly reconfigure: (config: InstanceConfig) => void;
  /** Lets go of what another instance, which holds its own already, does not hold as well. */
  readonly yieldTo: (heir: InstanceConfig) => void;
};

/** @param first with the interfaces its addresses really are on */
export function createBelongings(first: InstanceConfig, options: BelongingsOptions): Belongings {
  const { kernel, onLost, warn, isOurs, census } = options;
  let config = first;
  let addresses = addressesOf(allAddresses(config));
  let routes = routesOf(config.virtualRoutes, config.virtualRules);
  return {
    acquire,
    renew: () => addresses.renew(vipLifetimeS(config)),
    release: () => tell([...routes.release(), ...addresses.release()]),
    holding,
    accept: (event) => {
      addresses.accept(event);
      routes.accept(event);
    },
    fell: (name) => {
      addresses.fell(name);
      routes.fell(name);
    },
    reconfigure,
    yieldTo,
  };

  function acquire(): void {
    tell([...addresses.acquire(vipLifetimeS(config)), ...routes.acquire()]);
  }

  function holding(): Holding {
    const left = addresses.leftover();
    if (left instanceof SystemError) return { held: [], missing: [] };
    const missing = new Set(left.missing);
    const held = allAddresses(config).filter((each) => !missing.has(each));
    return { held: held.map(describeAddress), missing: left.missing.map(describeAddress) };
  }

  function reconfigure(next: InstanceConfig): void {
    const before = config;
    const { held } = addresses;
    const gone = allAddresses(before).filter(notIn(allAddresses(next)));
    config = next;
    addresses.abandon(gone.filter(isNotOf(next)));
    routes.abandon();
    if (held) drop(gone, unwanted(before, next));
    addresses = addressesOf(allAddresses(next));
    routes = routesOf(next.virtualRoutes, next.virtualRules);
    if (held) acquire();
  }

  function yieldTo(heir: InstanceConfig): void {
    const gone = allAddresses(config).filter(isNotOf(heir));
    addresses.abandon(gone);
    routes.abandon();
    drop(gone, unwanted(config, heir));
  }

  function drop(list: readonly AddressConfig[], gone: VirtualRoutes): void {
    tell([...gone.release(), ...addressesOf(list).release()]);
  }

  function unwanted(before: InstanceConfig, after: InstanceConfig): VirtualRoutes {
    return routesOf(
      before.virtualRoutes.filter(notIn(after.virtualRoutes)),
      before.virtualRules.filter(notIn(after.virtualRules)),
    );
  }

  function addressesOf(list: readonly AddressConfig[]): VirtualAddresses {
    const lost = (which: readonly AddressConfig[]) => onLost(which.map(describeAddress));
    return new VirtualAddresses(kernel, {
      addresses: list,
      onLost: lost,
      isOurs,
      onError: warn,
      ...(census && { census }),
    });
  }

  function routesOf(list: readonly RouteConfig[], rules: readonly RuleConfig[]): VirtualRoutes {
    return new VirtualRoutes(kernel, {
      routes: list,
      rules,
      onLost: (lost) => onLost(lost.map(describeLine)),
    });
  }

  function tell(errors: readonly SystemError[]): void {
    for (const error of errors) warn(error);
  }
}

/** Addresses that an instance does not have, not even with another label or scope. */
function isNotOf(config: InstanceConfig): (each: AddressConfig) => boolean {
  const names = new Set(allAddresses(config).map(describeAddress));
  return (each) => !names.has(describeAddress(each));
}
