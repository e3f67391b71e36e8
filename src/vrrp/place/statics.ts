/** Static addresses, routes and rules: there as long as lvsd runs. */
import type { RouteEvent } from '../../net/route/events.js';
import type { SystemError } from '../../net/system-error.js';
import type { VrrpConfig } from '../config.js';
import { type Kernel, VirtualAddresses } from './addresses.js';
import { describeAddress, describeLine } from './describe.js';
import { type Placed, placedStatics } from './leftovers.js';
import { notIn } from './not-in.js';
import { VirtualRoutes } from './routes.js';

type Lines = Pick<VrrpConfig, 'staticAddresses' | 'staticRoutes' | 'staticRules'>;

export type Statics = {
  /** What the configuration no longer has goes, and what is new comes; the rest is left alone: others may depend on it. */
  readonly configure: (lines: Lines) => void;
  readonly accept: (event: RouteEvent) => void;
  readonly release: () => void;
  readonly placed: () => Placed;
};

const NONE: Lines = { staticAddresses: [], staticRoutes: [], staticRules: [] };

export type StaticsOptions = {
  /** Named for people: what another hand took away, and was put back. */
  readonly onLost: (what: readonly string[]) => void;
  readonly warn: (error: SystemError) => void;
};

export function createStatics(kernel: Kernel, { onLost, warn }: StaticsOptions): Statics {
  let lines = NONE;
  let { addresses, routes } = of(NONE);
  return {
    configure,
    accept: (event) => {
      addresses.accept(event);
      routes.accept(event);
    },
    release: () => drop({ addresses, routes }),
    placed: () => placedStatics(lines),
  };

  function configure(next: Lines): void {
    addresses.abandon();
    routes.abandon();
    drop(of(without(lines, next)));
    lines = next;
    ({ addresses, routes } = of(next));
    acquire();
  }

  function of({ staticAddresses, staticRoutes, staticRules }: Lines) {
    return {
      addresses: new VirtualAddresses(kernel, {
        addresses: staticAddresses,
        onLost: (lost) => putBack(lost.map(describeAddress)),
        onError: warn,
      }),
      routes: new VirtualRoutes(kernel, {
        routes: staticRoutes,
        rules: staticRules,
        onLost: (lost) => putBack(lost.map(describeLine)),
      }),
    };
  }

  function putBack(what: readonly string[]): void {
    acquire();
    if (what.length > 0) onLost(what);
  }

  function acquire(): void {
    for (const error of [...addresses.acquire(undefined), ...routes.acquire()]) warn(error);
  }

  function drop(gone: ReturnType<typeof of>): void {
    for (const error of [...gone.routes.release(), ...gone.addresses.release()]) warn(error);
  }
}

function without(before: Lines, after: Lines): Lines {
  return {
    staticAddresses: before.staticAddresses.filter(notIn(after.staticAddresses)),
    staticRoutes: before.staticRoutes.filter(notIn(after.staticRoutes)),
    staticRules: before.staticRules.filter(notIn(after.staticRules)),
  };
}
