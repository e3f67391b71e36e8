/** The routes and rules of a virtual router, or static ones: there while they are held. */
import type { RouteEvent } from '../../net/route/events.js';
import { isRoute, type Nexthop } from '../../net/route/route.js';
import {
  addMissingRoute,
  addRoute,
  addRule,
  deleteRoute,
  deleteRule,
  listRules,
} from '../../net/route/routes.js';
import { isRule, type KernelRule } from '../../net/route/rule.js';
import type { Change, Outcome } from '../../net/route/socket.js';
import { SystemError } from '../../net/system-error.js';
import type { Kernel } from './addresses.js';
import { Losses } from './losses.js';
import type { RouteConfig, RuleConfig } from './network-config.js';

export type RoutesOptions = {
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly RuleConfig[];
  /** Told once a turn of the event loop: something that someone took away. */
  readonly onLost: (lost: readonly (RouteConfig | RuleConfig)[]) => void;
};

const THERE_ALREADY = ['EEXIST'];
const GONE = ['ESRCH', 'ENOENT', 'ENODEV', 'ENETUNREACH'];

export class VirtualRoutes {
  readonly #kernel: Pick<Kernel, 'socket' | 'links'>;
  readonly #options: RoutesOptions;
  #held = false;
  /** Could not be made yet. */
  #refused: ReadonlySet<RouteConfig> = new Set();
  #restoring = false;
  readonly #losses: Losses<RouteConfig | RuleConfig>;

  constructor(kernel: Pick<Kernel, 'socket' | 'links'>, options: RoutesOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#losses = new Losses({
      isOn: (line, name) => 'nexthops' in line && line.nexthops.some(leavesBy(name)),
      onLost: options.onLost,
    });
  }

  /** Makes all routes, then all rules that lead to them. After the addresses, which may be their sources. */
  acquire(): readonly SystemError[] {
    this.#held = true;
    const { indexOf } = this.#kernel.links;
    const { routes, rules } = this.#options;
    const changes = [...routes.map((each) => addRoute(each, indexOf)), ...rules.map(addRule)];
    const outcomes = this.#kernel.socket.change(changes);
    this.#note(outcomes);
    return outcomes.filter(
      (each) => each !== undefined && !THERE_ALREADY.includes(each.code),
    ) as SystemError[];
  }

  /** Takes all away, rules first; what is not there is no error. Before the addresses. */
  release(): readonly SystemError[] {
    this.#held = false;
    this.#losses.forget();
    const { routes, rules } = this.#options;
    const { indexOf } = this.#kernel.links;
    return this.#change(
      [...rules.map(deleteRule), ...routes.map((each) => deleteRoute(each, indexOf))],
      GONE,
    );
  }

  /** They are somebody else's to hold and to release from now on. */
  abandon(): void {
    this.#held = false;
    this.#losses.forget();
  }

  /** What left by this interface went with it; whoever says so acquires them again. */
  fell(name: string): void {
    this.#losses.fell(name);
  }

  /** Takes in what happened in the kernel. What was lost in an overrun is looked for. */
  accept(event: RouteEvent): void {
    this.#losses.accept(event);
    if (!this.#held) return;
    // In this order: whoever is told of a loss puts everything back, and the rest would not be told.
    if (isOwn(event)) this.#keepLater();
    if (this.#mayHaveLost(event)) this.#restoreLater();
    this.#losses.add(this.#lostBy(event));
  }

  /** IPv4 routes go with their interface, and the kernel says nothing about them. Others may need an address that comes only now. */
  #mayHaveLost(event: RouteEvent): boolean {
    if (event.kind === 'overrun') return this.#options.routes.length > 0;
    if (event.kind === 'address') return event.change === 'new' && this.#refused.size > 0;
    if (event.kind !== 'link' || event.change !== 'new' || !event.link.running) return false;
    return this.#options.routes.some(({ nexthops }) => nexthops.some(leavesBy(event.link.name)));
  }

  #restoreLater(): void {
    if (this.#restoring) return;
    this.#restoring = true;
    setImmediate(() => {
      this.#restoring = false;
      if (this.#held) this.#losses.add(this.#restore());
    });
  }

  /** What this process took away itself is no loss, and here all the same where it is wanted here: by a reload that moved it. */
  #keepLater(): void {
    setImmediate(() => {
      if (!this.#held) return;
      this.#restore();
      this.#change(this.#options.rules.map(addRule), THERE_ALREADY);
    });
  }

  #note(outcomes: readonly Outcome[]): void {
    const isRefused = (outcome: Outcome) => outcome !== undefined && !THERE_ALREADY.includes(outcome.code);
    this.#refused = new Set(this.#options.routes.filter((_, i) => isRefused(outcomes[i])));
  }

  /** Makes the routes that are not there: which these were, but for those that never were there. */
  #restore(): readonly RouteConfig[] {
    const { indexOf } = this.#kernel.links;
    const { routes } = this.#options;
    const outcomes = this.#kernel.socket.change(routes.map((each) => addMissingRoute(each, indexOf)));
    const before = this.#refused;
    this.#note(outcomes);
    return routes.filter((each, i) => outcomes[i] === undefined && !before.has(each));
  }

  #lostBy(event: RouteEvent): readonly (RouteConfig | RuleConfig)[] {
    const { routes, rules } = this.#options;
    if (isOwn(event)) return [];
    switch (event.kind) {
      case 'overrun':
        return this.#absentRules();
      case 'route':
        return event.change === 'del' ? routes.filter((each) => isRoute(event.route, each)) : [];
      case 'rule':
        return event.change === 'del' ? rules.filter((each) => isRule(event.rule, each)) : [];
      case 'address':
      case 'link':
        return [];
    }
  }

  #absentRules(): readonly RuleConfig[] {
    const { rules } = this.#options;
    if (rules.length === 0) return [];
    const there = this.#rulesThere();
    return rules.filter((wanted) => !there.some((found) => isRule(found, wanted)));
  }

  #rulesThere(): readonly KernelRule[] {
    return (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const listed = listRules(this.#kernel.socket, family);
      return listed instanceof SystemError ? [] : listed;
    });
  }

  #change(changes: readonly Change[], harmless: readonly string[]): SystemError[] {
    return this.#kernel.socket
      .change(changes)
      .filter((outcome) => outcome !== undefined)
      .filter(({ code }) => !harmless.includes(code));
  }
}

function isOwn(event: RouteEvent): boolean {
  return (event.kind === 'route' || event.kind === 'rule') && event.change === 'del' && event.own === true;
}

/** Where the line names no interface, any may be the one. */
function leavesBy(name: string): (nexthop: Nexthop) => boolean {
  return ({ interface: on }) => on === undefined || on === name;
}
