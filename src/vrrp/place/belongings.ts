/** What an instance holds while it is master: its addresses, and the routes and rules that go with them. */
import type { RouteEvent } from '../../net/route/events.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig } from '../config.js';
import { vipLifetimeS } from '../election/timers.js';
import type { Holding, Upcalls } from '../underlay.js';
import { type Kernel, VirtualAddresses } from './addresses.js';
import { allAddresses } from './all-addresses.js';
import type { Census } from './census.js';
import { describeAddress, describeLine } from './describe.js';
import { claimsOf, type Holders } from './holders.js';
import { Lapse } from './lapse.js';
import { type Placed, placedBy } from './leftovers.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';
import { notIn } from './not-in.js';
import type { PrefixRoutes } from './prefix-routes.js';
import { VirtualRoutes } from './routes.js';

export type BelongingsOptions = {
  readonly kernel: Kernel;
  readonly now: () => number;
  /** Named for people. */
  readonly onLost: Upcalls['lost'];
  readonly warn: (error: SystemError) => void;
  /** What others hold as well stays when it is let go of here. */
  readonly holders: Holders;
  readonly prefixRoutes?: Pick<PrefixRoutes, 'sparedBy'>;
  readonly census?: () => Census | SystemError;
};

export type Belongings = {
  readonly acquire: () => void;
  readonly renew: () => void;
  readonly release: () => void;
  readonly holding: () => Holding;
  readonly placed: () => Placed;
  readonly accept: (event: RouteEvent) => void;
  /** This interface went, and what was on it: to be called before that is acquired again. */
  readonly fell: (name: string) => void;
  /** What this configuration holds is to be held soon, if anything is. */
  readonly claim: (config: InstanceConfig) => void;
  /** A reload: what is held and no longer wanted goes, and what is new comes. */
  readonly reconfigure: (config: InstanceConfig) => void;
};

/** @param first with the interfaces its addresses really are on */
export function createBelongings(first: InstanceConfig, options: BelongingsOptions): Belongings {
  const { kernel, now, warn, prefixRoutes, holders, census } = options;
  const lapse = new Lapse();
  let config = first;
  let claims = claimsOf(config);
  let claimed: readonly string[] = [];
  let addresses = addressesOf(allAddresses(config));
  let routes = routesOf(config.virtualRoutes, config.virtualRules);
  return {
    acquire,
    renew: () => addresses.renew(lifetimeS()),
    release,
    holding,
    placed: () => placedBy(config, addresses.held),
    accept: (event) => {
      addresses.accept(event);
      routes.accept(event);
    },
    fell: (name) => {
      addresses.fell(name);
      routes.fell(name);
    },
    claim: (next) => {
      if (addresses.held) claim([...claims, ...claimsOf(next)]);
    },
    reconfigure,
  };

  function acquire(): void {
    claim(claims);
    tell([...addresses.acquire(lifetimeS()), ...routes.acquire()]);
  }

  /** Of addresses that get it now. */
  function lifetimeS(): number | undefined {
    const seconds = vipLifetimeS(config);
    lapse.renewed(now(), seconds);
    return seconds;
  }

  /** Routes go with their addresses. */
  function onLost(what: readonly string[]): void {
    options.onLost(what, lapse.expired(now()) ? 'expired' : 'taken');
  }

  function holding(): Holding {
    const left = addresses.leftover();
    if (left instanceof SystemError) return { held: [], missing: [] };
    const missing = new Set(left.missing);
    const held = allAddresses(config).filter((each) => !missing.has(each));
    return { held: held.map(describeAddress), missing: left.missing.map(describeAddress) };
  }

  function release(): void {
    lapse.released();
    claim([]);
    const gone = allAddresses(config).filter(isNobodys);
    addresses.abandon();
    routes.abandon();
    drop(gone, config.virtualRoutes, config.virtualRules);
  }

  function reconfigure(next: InstanceConfig): void {
    const before = config;
    const { held } = addresses;
    claim([]);
    const gone = allAddresses(before)
      .filter(notIn(allAddresses(next)))
      .filter(isNobodys);
    config = next;
    claims = claimsOf(config);
    addresses.abandon();
    routes.abandon();
    if (held) {
      const { virtualRoutes, virtualRules } = before;
      drop(
        gone,
        virtualRoutes.filter(notIn(next.virtualRoutes)),
        virtualRules.filter(notIn(next.virtualRules)),
      );
    }
    addresses = addressesOf(allAddresses(next));
    routes = routesOf(next.virtualRoutes, next.virtualRules);
    if (held) acquire();
  }

  function claim(next: readonly string[]): void {
    if (next === claimed) return;
    holders.drop(claimed);
    holders.hold(next);
    claimed = next;
  }

  function isNobodys(each: AddressConfig | RouteConfig | RuleConfig): boolean {
    return !holders.isHeld(each);
  }

  function drop(
    list: readonly AddressConfig[],
    lines: readonly RouteConfig[],
    rules: readonly RuleConfig[],
  ): void {
    const gone = routesOf(lines.filter(isNobodys), rules.filter(isNobodys));
    tell([...gone.release(), ...addressesOf(list).release()]);
  }

  function addressesOf(list: readonly AddressConfig[]): VirtualAddresses {
    const lost = (which: readonly AddressConfig[]) => onLost(which.map(describeAddress));
    return new VirtualAddresses(kernel, {
      addresses: list,
      onLost: lost,
      isHeld: (each) => holders.isHeld(each),
      prefixRoutes,
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
