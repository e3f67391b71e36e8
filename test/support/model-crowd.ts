/** Clients in simulated time against a model of the kernel and a director that looks when it wants to. */
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { leavingAfter } from '../../src/pool/draining.js';
import { type Followed, follow, followOn, wakeAt, withReadings } from '../../src/pool/followed.js';
import { remember } from '../../src/pool/memory.js';
import { planServices } from '../../src/pool/plan.js';
import { beginPool, withHealth } from '../../src/pool/pool.js';
import { type Connection, IpvsModel } from './ipvs-model.js';
import { checker } from './pools.js';

/** From a reading until what it leads to is in force. */
const LATENCY_MS = 3;
type Leaving = { readonly at: number; readonly connection: Connection };

export class Crowd {
  readonly kernel = new IpvsModel();
  now = 0;
  /** Where newcomers went, by destination; `refused` among them, and `reset` by a dead server. */
  readonly went = new Map<string, number>();
  /** The most active connections of each server at once. */
  readonly most = new Map<string, number>();
  looks = 0;
  readonly #dead = new Set<string>();
  #followed: Followed;
  #written: { readonly at: number; readonly apply: () => void } | undefined;
  #lookAt = 0;
  #open: Leaving[] = [];
  #closed: Leaving[] = [];
  #owed = 0;

  /** `expireMs`: the kernel's FIN timeout. */
  constructor(
    config: VirtualServerConfig,
    readonly expireMs = 120_000,
  ) {
    this.#followed = follow(beginPool(config, { now: 0, rsInitNotifies: false }).pool);
  }

  /** `ms` with `perSecond` newcomers that stay for `stayMs`, or for a time up to twice that when `uneven`. */
  run(ms: number, perSecond: number, stayMs: number, uneven = false): void {
    for (const end = this.now + ms; this.now < end; this.now += 1) {
      this.#direct();
      this.#part();
      for (this.#owed += perSecond; this.#owed >= 1000; this.#owed -= 1000) {
        this.connect(uneven ? stayMs * 2 * random(this.#open.length + this.now) : stayMs);
      }
    }
  }

  connect(stayMs: number): void {
    const connection = this.kernel.connect();
    const isDead = connection !== undefined && this.#dead.has(connection.server);
    const where = isDead ? 'reset' : (connection?.server ?? 'refused');
    this.went.set(where, (this.went.get(where) ?? 0) + 1);
    if (connection === undefined) return;
    if (isDead) {
      this.#end([{ at: this.now, connection }]);
      return;
    }
    this.#open.push({ at: this.now + stayMs, connection });
    this.most.set(where, Math.max(this.most.get(where) ?? 0, this.kernel.activeAt(where)));
  }

  everyoneLeaves(): void {
    this.#open = this.#open.map(({ connection }) => ({ at: this.now, connection }));
    this.#part();
  }

  /** The server dies, and resets whom it had and all who come. */
  kill(last: number): void {
    const server = `10.0.0.${last}:80`;
    this.#dead.add(server);
    this.#end(this.#open.filter(({ connection }) => connection.server === server));
    this.#open = this.#open.filter(({ connection }) => connection.server !== server);
  }

  revive(last: number): void {
    this.#dead.delete(`10.0.0.${last}:80`);
  }

  health(last: number, up: boolean): void {
    const realServer = `10.0.0.${last}:80`;
    const result = { checker: checker(last).id, realServer, up, reason: '', since: this.now };
    const { pool } = withHealth(this.#followed.pool, result, this.now);
    this.#followed = { ...this.#followed, pool };
    this.#state();
  }

  reload(config: VirtualServerConfig): void {
    const { pool: past } = this.#followed;
    const memory = { ...remember(past), leaving: leavingAfter(past, config, this.now) };
    const { pool } = beginPool(config, { now: this.now, memory, rsInitNotifies: false });
    this.#followed = followOn(this.#followed, pool);
    this.#state();
  }

  /** Of the newcomers since the last call, where they went. */
  share(): Record<string, number> {
    const share = Object.fromEntries([...this.went].sort());
    this.went.clear();
    return share;
  }

  #direct(): void {
    if (this.#written !== undefined && this.now >= this.#written.at) {
      this.#written.apply();
      this.#written = undefined;
    }
    if (this.#written !== undefined || this.now < this.#lookAt) return;
    this.looks += 1;
    this.#followed = withReadings(this.#followed, [this.kernel.read()], this.now).followed;
    this.#state();
  }

  #state(): void {
    const [service] = planServices(this.#followed.pool, this.#followed.flows, this.now);
    const apply = () => service !== undefined && this.kernel.apply(service, () => {});
    this.#written = { at: this.now + LATENCY_MS, apply };
    this.#lookAt = wakeAt(this.#followed, this.now) ?? Infinity;
  }

  #part(): void {
    const [gone, staying] = split(this.#open, this.now);
    this.#open = staying;
    this.#end(gone);
    while (this.#closed[0] !== undefined && this.#closed[0].at <= this.now) {
      this.kernel.expire(this.#closed.shift()?.connection.server ?? '');
    }
  }

  #end(gone: readonly Leaving[]): void {
    for (const { connection } of gone) {
      this.kernel.close(connection);
      this.#closed.push({ at: this.now + this.expireMs, connection });
    }
  }
}

function split(all: readonly Leaving[], now: number): [Leaving[], Leaving[]] {
  return [all.filter(({ at }) => at <= now), all.filter(({ at }) => at > now)];
}

/** From 0 to 1, the same for the same number. */
function random(seed: number): number {
  const x = Math.sin(seed) * 10_000;
  return x - Math.floor(x);
}
