/** Whatever happens in whatever order, nobody is refused while a sorry server is up, and nobody is let in above the limit. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Scheduler } from '../../src/ipvs/table.js';
import { type AgentWords, withAgent } from '../../src/pool/agent.js';
import type { OverflowConfig, VirtualServerConfig } from '../../src/pool/config.js';
import { leavingAfter, withDrain } from '../../src/pool/draining.js';
import { type Followed, follow, followOn, mustReadFirst, withReadings } from '../../src/pool/followed.js';
import { remember } from '../../src/pool/memory.js';
import { planServices } from '../../src/pool/plan.js';
import { beginPool, type Pool, withHealth } from '../../src/pool/pool.js';
import { isAway } from '../../src/pool/server.js';
import { type Connection, IpvsModel } from '../support/ipvs-model.js';
import { checker, realServer, sorryServer, virtualServer } from '../support/pools.js';
import { SEED } from '../support/seed.js';

/** OVERFLOW_RUNS makes it longer. */
const RUNS = Number(process.env.OVERFLOW_RUNS ?? 300);
const SERVERS = 3;
const SORRY_SERVERS = [7, 8, 9];

type Event =
  | { readonly kind: 'connect'; readonly times: number }
  | { readonly kind: 'close'; readonly which: number; readonly times: number }
  | { readonly kind: 'expire'; readonly server: number }
  | { readonly kind: 'look' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'health'; readonly server: number; readonly up: boolean }
  | { readonly kind: 'sorry-health'; readonly sorry: number; readonly up: boolean }
  | { readonly kind: 'agent'; readonly server: number; readonly words: AgentWords }
  | { readonly kind: 'drain'; readonly server: number; readonly undo: boolean }
  | { readonly kind: 'reload'; readonly limit: number; readonly weight: number; readonly server: number }
  | { readonly kind: 'remove'; readonly server: number }
  /** By a reload, others are the sorry servers. */
  | { readonly kind: 'sorry-reload'; readonly sorry: readonly number[]; readonly weight: number };

const server = fc.integer({ min: 1, max: SERVERS });
const sorry = fc.constantFrom(...SORRY_SERVERS);
const some = fc.subarray(SORRY_SERVERS, { minLength: 1 });
const words = fc.oneof(
  fc.record({ percent: fc.constantFrom(0, 1, 50, 100, 300) }),
  fc.record({ mode: fc.constantFrom('ready' as const, 'drain' as const, 'maint' as const) }),
  fc.record({ health: fc.record({ up: fc.boolean(), reason: fc.constant('') }) }),
);
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('connect' as const), times: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('close' as const),
        which: fc.nat(200),
        times: fc.integer({ min: 1, max: 12 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('expire' as const), server }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('health' as const), server, up: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), server, undo: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('reload' as const),
        limit: fc.integer({ min: 1, max: 30 }),
        weight: fc.integer({ min: 1, max: 4 }),
        server,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), server }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('sorry-health' as const), sorry, up: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('agent' as const), server, words }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('sorry-reload' as const),
        sorry: some,
        weight: fc.integer({ min: 1, max: 5 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 120 },
);

const setups = fc.record({
  mode: fc.constantFrom<OverflowConfig>({ mode: 'connections' }, { mode: 'quiesce', intervalMs: 250 }),
  connections: fc.constantFrom<Scheduler>('sed', 'fo'),
  quiesce: fc.constantFrom<Scheduler>('rr', 'wlc', 'lc', 'nq', 'sed'),
  limit: fc.constantFrom(1, 5, 20),
  lower: fc.boolean(),
  slowStartMs: fc.constantFrom(0, 5000),
  sorry: some,
  sorryWeight: fc.integer({ min: 1, max: 5 }),
  quorum: fc.integer({ min: 1, max: 4 }),
});
type Setup = typeof setups extends fc.Arbitrary<infer T> ? T : never;

function configOf(setup: Setup): VirtualServerConfig {
  const { mode, limit, lower, slowStartMs, quorum } = setup;
  const realServers = Array.from({ length: SERVERS }, (_, index) =>
    realServer(index + 1, {
      upperThreshold: limit,
      lowerThreshold: lower ? Math.ceil(limit / 2) : 0,
      slowStartMs,
      checkers: [checker(index + 1), agentOf(index + 1)],
    }),
  );
  return virtualServer({
    scheduler: mode.mode === 'connections' ? setup.connections : setup.quiesce,
    overflow: mode,
    realServers,
    quorum,
    sorryServers: sorryServers(setup.sorry, setup.sorryWeight),
  });
}

/** The first has the weight given, others 1. */
function sorryServers(which: readonly number[], weight: number) {
  return which.map((last, place) =>
    sorryServer({
      id: `sorry 10.0.0.${last}:80`,
      address: `10.0.0.${last}`,
      weight: place === 0 ? weight : 1,
      checkers: [checker(last)],
    }),
  );
}

function agentOf(last: number) {
  return { id: `10.0.0.${last}:80/agent`, alpha: false, agent: true } as const;
}

/** A director, its kernel and its clients. */
class World {
  readonly kernel = new IpvsModel();
  readonly connections: Connection[] = [];
  refused = 0;
  now = 1000;
  /** Newcomers come at any moment, also between two changes of the table. */
  crowded = false;
  followed: Followed;

  constructor(config: VirtualServerConfig) {
    this.followed = follow(beginPool(config, { now: this.now, rsInitNotifies: false }).pool);
    this.look();
    this.crowded = true;
  }

  get pool(): Pool {
    return this.followed.pool;
  }

  active(): Map<string, { readonly active: number; readonly limit: number }> {
    return new Map(
      this.pool.servers.map(({ config: { id, upperThreshold: limit } }) => [
        id,
        { active: this.kernel.activeAt(id), limit },
      ]),
    );
  }

  /** What the director states, and a newcomer after every single change of it. */
  state(): void {
    if (mustReadFirst(this.followed)) return;
    const [service] = planServices(this.pool, this.followed.flows, this.now);
    if (service !== undefined) this.kernel.apply(service, () => this.crowded && this.connect());
  }

  look(): void {
    this.now += 20;
    this.followed = withReadings(this.followed, [this.kernel.read()], this.now).followed;
    this.state();
  }

  /** Looks until nobody has come in two looks. */
  watch(): void {
    for (let quiet = 0; quiet < 2; ) {
      const seen = this.connections.length;
      this.look();
      quiet = seen === this.connections.length ? quiet + 1 : 0;
    }
  }

  connect(): Connection | undefined {
    const connection = this.kernel.connect();
    if (connection === undefined && this.pool.sorry.some(({ up }) => up)) this.refused += 1;
    if (connection === undefined) return undefined;
    this.connections.push(connection);
    return connection;
  }

  close(which: number): void {
    const open = this.connections.filter((one) => one.open);
    const connection = open[which % Math.max(1, open.length)];
    if (connection !== undefined) this.kernel.close(connection);
  }

  become(pool: Pool): void {
    this.followed = { ...this.followed, pool };
    this.state();
  }

  reload(config: VirtualServerConfig): void {
    const memory = { ...remember(this.pool), leaving: leavingAfter(this.pool, config, this.now) };
    const { pool } = beginPool(config, { now: this.now, memory, rsInitNotifies: false });
    this.followed = followOn(this.followed, pool);
    this.state();
  }

  play(event: Event): void {
    switch (event.kind) {
      case 'connect':
        for (let n = 0; n < event.times; n++) this.connect();
        return;
      case 'close': {
        for (let n = 0; n < event.times; n++) this.close(event.which + n);
        return;
      }
      case 'expire':
        this.kernel.expire(`10.0.0.${event.server}:80`);
        return;
      case 'look':
        this.look();
        return;
      case 'pass':
        this.now += event.ms;
        this.state();
        return;
      case 'health': {
        const name = `10.0.0.${event.server}:80`;
        const result = {
          checker: checker(event.server).id,
          realServer: name,
          up: event.up,
          reason: '',
          since: 0,
        };
        this.become(withHealth(this.pool, result, this.now).pool);
        return;
      }
      case 'sorry-health': {
        const realServer = `sorry 10.0.0.${event.sorry}:80`;
        const result = { checker: checker(event.sorry).id, realServer, up: event.up, reason: '', since: 0 };
        this.become(withHealth(this.pool, result, this.now).pool);
        return;
      }
      case 'agent': {
        const who = { checker: agentOf(event.server).id, realServer: `10.0.0.${event.server}:80` };
        this.become(withAgent(this.pool, { ...who, words: event.words, since: 0 }, this.now).pool);
        return;
      }
      case 'drain': {
        const command = { realServer: `10.0.0.${event.server}:80`, undo: event.undo, now: this.now };
        this.become(withDrain(this.pool, command)?.pool ?? this.pool);
        return;
      }
      case 'reload':
        this.reload(changed(this.pool.config, event));
        return;
      case 'remove': {
        const { config } = this.pool;
        const realServers = config.realServers.filter(({ id }) => id !== `10.0.0.${event.server}:80`);
        this.reload(realServers.length === 0 ? config : { ...config, realServers });
        return;
      }
      case 'sorry-reload':
        this.reload({ ...this.pool.config, sorryServers: sorryServers(event.sorry, event.weight) });
        return;
    }
  }
}

function isSorry(server: string | undefined): boolean {
  return SORRY_SERVERS.some((last) => server === `10.0.0.${last}:80`);
}

/** A tenth more. */
function mostActive(limit: number): number {
  return limit + Math.floor(limit / 10);
}

function changed(
  config: VirtualServerConfig,
  { limit, weight, server: which }: Extract<Event, { kind: 'reload' }>,
) {
  const realServers = config.realServers.map((one) =>
    one.id === `10.0.0.${which}:80`
      ? { ...one, weight, upperThreshold: limit, lowerThreshold: Math.min(one.lowerThreshold, limit) }
      : one,
  );
  return { ...config, realServers };
}

describe(`overflow, after any order of events (FUZZ_SEED=${SEED})`, () => {
  it('never refuses a newcomer while a sorry server is up, not even between two changes of the table, nor sends one to a sorry server that is down', () => {
    fc.assert(
      fc.property(setups, events, (setup, list) => {
        const world = new World(configOf(setup));
        for (const event of list) {
          world.play(event);
          const went = world.connect()?.server;
          assert.equal(world.refused, 0, `refused at ${JSON.stringify(event)}`);
          const up = world.pool.sorry.some((one) => one.up && one.config.id === `sorry ${went}`);
          assert.ok(!isSorry(went) || up, `${went} is down, at ${JSON.stringify(event)}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('opens a server that is bounded for its slow start before the last other is drained', () => {
    const world = new World(
      configOf({
        mode: { mode: 'quiesce', intervalMs: 250 },
        connections: 'sed',
        quiesce: 'rr',
        limit: 20,
        lower: false,
        slowStartMs: 5000,
        sorry: [9],
        sorryWeight: 1,
        quorum: 1,
      }),
    );
    for (const event of [
      { kind: 'health', server: 1, up: false },
      { kind: 'health', server: 3, up: false },
      { kind: 'health', server: 3, up: true },
      { kind: 'connect', times: 4 },
      { kind: 'drain', server: 2, undo: false },
    ] as const) {
      world.play(event);
      assert.equal(world.refused, 0, `refused at ${JSON.stringify(event)}`);
    }
  });

  it('connections: gives the sorry server nobody while a server that serves has room, once it was looked at twice since the last newcomer', () => {
    fc.assert(
      fc.property(setups, events, (setup, list) => {
        const world = new World({
          ...configOf({ ...setup, mode: { mode: 'connections' }, lower: false, quorum: 1, slowStartMs: 0 }),
        });
        for (const event of list) {
          world.play(event);
          world.watch();
          if (!world.pool.quorumUp) continue;
          const roomy = world.pool.servers.find(
            (one) =>
              one.up && !isAway(one) && world.kernel.activeAt(one.config.id) < one.config.upperThreshold,
          );
          const got = world.connect()?.server;
          if (roomy !== undefined) assert.ok(!isSorry(got), `${roomy.config.id} has room`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('connections: looked at after each event and newcomer, no server is over its limit by more than a tenth', () => {
    fc.assert(
      fc.property(setups, events, (setup, list) => {
        const world = new World(configOf({ ...setup, mode: { mode: 'connections' } }));
        // Nobody is thrown out for a lower limit; one more may come, on whom the kernel sees that it is exceeded.
        let found = new Map<string, number>();
        for (const event of list) {
          world.play(event);
          world.watch();
          if (event.kind === 'reload')
            found = new Map([...world.active()].map(([id, { active }]) => [id, active + 1]));
          for (const [id, { active, limit }] of world.active()) {
            const most = Math.max(mostActive(limit), found.get(id) ?? 0);
            assert.ok(active <= most, `${id} has ${active} of ${limit} after ${JSON.stringify(event)}`);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('lets everyone back in when the crowd has gone', () => {
    fc.assert(
      fc.property(setups, events, (setup, list) => {
        const world = new World(configOf({ ...setup, quorum: 1 }));
        for (const event of list) world.play(event);
        for (const id of world.pool.config.realServers.map((one) => one.id)) {
          world.become(
            withDrain(world.pool, { realServer: id, undo: true, now: world.now })?.pool ?? world.pool,
          );
          const last = Number(id.split(':')[0]?.split('.')[3]);
          const result = { checker: checker(last).id, realServer: id, up: true, reason: '', since: 0 };
          world.become(withHealth(world.pool, result, world.now).pool);
          const ready = { percent: 100, mode: 'ready', health: { up: true, reason: '' } } as const;
          world.play({ kind: 'agent', server: last, words: ready });
        }
        world.crowded = false;
        for (const connection of world.connections) world.kernel.close(connection);
        world.now += 10_000;
        world.look();
        world.look();
        const back = world.connect()?.server;
        assert.ok(back !== undefined && !isSorry(back), `${back}`);
      }),
      { numRuns: RUNS },
    );
  });
});
