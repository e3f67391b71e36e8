/**
 * Virtual routers on a simulated LAN in simulated time. Each node is an election and a kernel that keeps its addresses
 * as long as their lifetime; the LAN delays, loses, reorders and cuts. Everything that happens can be read as a trace.
 */
import { describeCause } from '../../src/vrrp/election/causes.js';
import { groupOrders } from '../../src/vrrp/election/group.js';
import { initialState, step, wakeAt } from '../../src/vrrp/election/machine.js';
import type { Action, Event, Fitness, Router, State } from '../../src/vrrp/election/state.js';
import { vipLifetimeS } from '../../src/vrrp/election/timers.js';

/** Milliseconds until an advert arrives, or undefined when it is lost. */
export type Delivery = (from: string, to: string) => number | undefined;

/** Where a router is: on a segment of its own, and in a sync group of its host. */
export type Place = { readonly segment?: string; readonly group?: string };

type Node = {
  readonly name: string;
  readonly segment: string;
  readonly group: string | undefined;
  readonly router: Router;
  state: State;
  running: boolean;
  /** The process is stopped; what arrives waits in its socket. */
  frozen: boolean;
  readonly inbox: Event[];
  /** When the kernel lets the addresses go; -Infinity while it holds none. */
  heldUntil: number;
  lastAdvertAt: number;
  /** What its process was told of the trackers, kept over a restart. */
  fitness: Fitness;
};

/** A step of a router, after what it did. */
export type Watched = {
  readonly name: string;
  readonly event: Event;
  readonly before: State;
  readonly after: State;
};

/** When the number of nodes that hold the addresses changed. */
export type Holding = { readonly at: number; readonly holders: readonly string[] };

type Scheduled = { readonly at: number; readonly run: () => void };

const EVENTS_AT_MOST = 1_000_000;

export class FakeLan {
  now = 0;
  readonly trace: string[] = [];
  readonly holdings: Holding[] = [];
  readonly nodes = new Map<string, Node>();
  private readonly queue: Scheduled[] = [];
  private readonly cuts = new Set<string>();
  private watcher: (step: Watched) => void = () => {};

  constructor(private delivery: Delivery = () => 0.5) {}

  /** A node with its address; it does nothing until `start`. */
  add(name: string, router: Router, { segment = 'lan', group }: Place = {}): void {
    const fitness = { priority: router.priority };
    this.nodes.set(name, {
      name,
      segment,
      group,
      router,
      fitness,
      state: initialState(router),
      running: false,
      frozen: false,
      inbox: [],
      heldUntil: Number.NEGATIVE_INFINITY,
      lastAdvertAt: Number.NEGATIVE_INFINITY,
    });
  }

  /** Starts the process; it adopts what the kernel still holds if it was master before. */
  start(name: string): void {
    const node = this.node(name);
    this.say(name, 'starts');
    node.running = true;
    node.frozen = false;
    node.state = initialState(node.router, node.fitness);
    const holds = node.heldUntil > this.now;
    this.feed(name, {
      kind: 'startup',
      adopt: holds ? { of: 'last-run', lastAdvertAgoMs: this.now - node.lastAdvertAt } : undefined,
    });
  }

  /** Kills the process; the kernel keeps the addresses for their lifetime. */
  kill(name: string): void {
    const node = this.node(name);
    this.say(name, 'is killed');
    node.running = false;
    node.state = initialState(node.router, node.fitness);
    node.inbox.length = 0;
  }

  freeze(name: string): void {
    this.say(name, 'is frozen');
    this.node(name).frozen = true;
  }

  /** Wakes a frozen process: it reads its socket before it looks at its timer. */
  thaw(name: string): void {
    const node = this.node(name);
    this.say(name, 'is thawed');
    node.frozen = false;
    for (const event of node.inbox.splice(0)) this.feed(name, event);
    this.arm(node);
  }

  /** Gives a node an event and does what it says. */
  feed(name: string, event: Event): void {
    const node = this.node(name);
    if (!node.running) return;
    if (node.frozen) {
      if (node.inbox.length < 1000) node.inbox.push(event);
      return;
    }
    this.step(node, event);
    if (node.group !== undefined) this.orderGroup(node.group);
  }

  /** Does something to several at once, before their group is asked. */
  together(names: readonly string[], event: (name: string) => Event): void {
    for (const name of names) {
      const node = this.node(name);
      if (node.running) this.step(node, event(name));
    }
    for (const name of names) this.orderGroup(this.node(name).group ?? '');
  }

  private orderGroup(group: string): void {
    const members = () => [...this.nodes.values()].filter((node) => node.group === group);
    for (;;) {
      const orders = groupOrders(new Map(members().map(({ name, state }) => [name, state])));
      if (orders.length === 0) return;
      for (const { instance, event } of orders) this.step(this.node(instance), event);
    }
  }

  private step(node: Node, event: Event): void {
    if (event.kind === 'fitness') node.fitness = event.fitness;
    const before = node.state;
    const { state, actions } = step(node.router, before, event, this.now);
    node.state = state;
    this.arm(node);
    for (const action of actions) this.act(node, action);
    if (state.name === 'INIT' && event.kind !== 'fitness') node.running = false;
    this.watcher({ name: node.name, event, before, after: state });
  }

  /** Nothing passes between the two, in either direction. */
  cut(a: string, b: string): void {
    this.say(a, `is cut from ${b}`);
    this.cuts.add(link(a, b));
  }

  mend(a: string, b: string): void {
    this.say(a, `is joined with ${b}`);
    this.cuts.delete(link(a, b));
  }

  deliverBy(delivery: Delivery): void {
    this.delivery = delivery;
  }

  /** Is told of every step from now on. */
  watch(watcher: (step: Watched) => void): void {
    this.watcher = watcher;
  }

  isCut(a: string, b: string): boolean {
    return this.cuts.has(link(a, b));
  }

  /** Does something at a point in time. */
  at(when: number, run: () => void): void {
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.queue[middle]?.at ?? 0) <= when) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, { at: when, run });
  }

  /** Runs until the given time. */
  runUntil(end: number): void {
    for (let count = 0; (this.queue[0]?.at ?? Number.POSITIVE_INFINITY) <= end; count++) {
      if (count > EVENTS_AT_MOST)
        throw new Error(`fake LAN: more than ${EVENTS_AT_MOST} events, the last at ${this.now} ms`);
      const next = this.queue.shift();
      if (next === undefined) break;
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  /** The nodes whose kernel holds the addresses now. */
  holders(): string[] {
    return [...this.nodes.values()].filter(({ heldUntil }) => heldUntil > this.now).map(({ name }) => name);
  }

  stateOf(name: string): State {
    return this.node(name).state;
  }

  private node(name: string): Node {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`fake LAN: no node ${name}`);
    return node;
  }

  private arm(node: Node): void {
    const at = wakeAt(node.state);
    if (at === Number.POSITIVE_INFINITY) return;
    this.at(Math.max(at, this.now), () => {
      if (node.running && !node.frozen && wakeAt(node.state) === at)
        this.feed(node.name, { kind: 'timeout' });
    });
  }

  private act(node: Node, action: Action): void {
    switch (action.kind) {
      case 'acquire':
      case 'renew':
        this.hold(node, this.now + 1000 * (vipLifetimeS(node.router) ?? Number.POSITIVE_INFINITY));
        break;
      case 'release':
        this.hold(node, Number.NEGATIVE_INFINITY);
        break;
      case 'advertise':
        this.broadcast(node, action.priority);
        break;
      case 'announce':
        this.say(node.name, `announces ${action.of} × ${action.repeat}`);
        break;
      case 'transition':
        this.say(node.name, `${action.from} → ${action.to}: ${describeCause(action.cause)}`);
        break;
      case 'rx-lower-pri':
        this.say(node.name, `heard ${action.peer.address}, which is lower`);
        break;
    }
  }

  private hold(node: Node, until: number): void {
    const before = node.heldUntil > this.now;
    node.heldUntil = until;
    const after = until > this.now;
    if (after !== before) this.say(node.name, after ? 'holds the addresses' : 'lets the addresses go');
    if (after !== before) this.note();
    if (after && until !== Number.POSITIVE_INFINITY) this.at(until, () => this.expire(node, until));
  }

  private expire(node: Node, until: number): void {
    if (node.heldUntil !== until) return;
    this.say(node.name, 'loses the addresses: lifetime over');
    this.note();
  }

  private note(): void {
    this.holdings.push({ at: this.now, holders: this.holders() });
  }

  private broadcast(from: Node, priority: number): void {
    if (!from.running) return;
    if (priority > 0) from.lastAdvertAt = this.now;
    const arrivals: string[] = [];
    for (const to of this.nodes.values()) {
      if (to === from || to.segment !== from.segment) continue;
      const delay = this.cuts.has(link(from.name, to.name)) ? undefined : this.delivery(from.name, to.name);
      if (delay === undefined) continue;
      arrivals.push(to.name);
      this.at(this.now + delay, () =>
        this.feed(to.name, {
          kind: 'advert',
          source: from.router.primaryAddress ?? '0.0.0.0',
          priority,
          maxAdverIntMs: from.router.advertIntMs,
        }),
      );
    }
    this.say(
      from.name,
      `advert ${priority}${arrivals.length === this.peers(from) ? '' : ` (heard by ${arrivals.join(' ') || 'nobody'})`}`,
    );
  }

  private peers(of: Node): number {
    return [...this.nodes.values()].filter(({ segment }) => segment === of.segment).length - 1;
  }

  private say(name: string, text: string): void {
    this.trace.push(`${this.now.toFixed(3).padStart(12)}  ${name}  ${text}`);
  }
}

function link(a: string, b: string): string {
  return [a, b].sort().join('-');
}
