/**
 * A model of how the kernel chooses a destination for a new connection: thresholds, the mark of overload, schedulers.
 * After net/netfilter/ipvs of Linux 6.1: ip_vs_bind_dest, ip_vs_unbind_dest, __ip_vs_update_dest, ip_vs_{sed,fo,wlc,lc,nq,rr,wrr}.c.
 */
import { type Change, diffService } from '../../src/ipvs/diff.js';
import { type Destination, destinationId, type Service } from '../../src/ipvs/table.js';
import type { DestinationReading } from '../../src/pool/flow.js';

type Entry = {
  destination: Destination;
  active: number;
  inactive: number;
  total: number;
  overloaded: boolean;
};

/** A connection: where it went; whether it is still counted as active. */
export type Connection = { readonly server: string; open: boolean };

export class IpvsModel {
  #service: Service | undefined;
  readonly #entries = new Map<string, Entry>();
  #next = 0;

  /** Applies what the reconciler would, one change at a time; `between` is called after each. */
  apply(want: Service, between: () => void): void {
    const have = this.#service && {
      ...this.#service,
      destinations: [...this.#entries.values()].map(({ destination }) => destination),
    };
    for (const change of diffService(have, want)) {
      this.#change(change);
      between();
    }
    this.#service = want;
  }

  get exists(): boolean {
    return this.#service !== undefined && this.#entries.size > 0;
  }

  /** A newcomer; undefined: refused. */
  connect(): Connection | undefined {
    const chosen = this.#schedule(this.#service?.scheduler ?? '');
    if (chosen === undefined) return undefined;
    chosen.active += 1;
    chosen.total += 1;
    const { upperThreshold } = chosen.destination;
    if (upperThreshold !== 0 && chosen.active + chosen.inactive >= upperThreshold) chosen.overloaded = true;
    return { server: destinationId(chosen.destination), open: true };
  }

  /** The client closes: active becomes inactive. */
  close(connection: Connection): void {
    const entry = this.#entries.get(connection.server);
    if (entry !== undefined && connection.open && entry.active > 0) {
      entry.active -= 1;
      entry.inactive += 1;
    }
    connection.open = false;
  }

  /** One inactive entry of a server times out. */
  expire(server: string): void {
    const entry = this.#entries.get(server);
    if (entry === undefined || entry.inactive === 0) return;
    entry.inactive -= 1;
    const total = entry.active + entry.inactive;
    const { upperThreshold, lowerThreshold } = entry.destination;
    if (lowerThreshold !== 0) {
      if (total < lowerThreshold) entry.overloaded = false;
    } else if (upperThreshold === 0 || total * 4 < upperThreshold * 3) entry.overloaded = false;
  }

  activeAt(server: string): number {
    return this.#entries.get(server)?.active ?? 0;
  }

  read(): DestinationReading[] {
    return [...this.#entries].map(([id, { active, inactive, total, destination }]) => ({
      id,
      active,
      inactive,
      total,
      perSecond: 0,
      upperThreshold: destination.upperThreshold,
      lowerThreshold: destination.lowerThreshold,
    }));
  }

  #change(change: Change): void {
    switch (change.kind) {
      case 'add-service':
      case 'edit-service':
        this.#service = { ...change.service, destinations: [] };
        return;
      case 'delete-service':
        this.#service = undefined;
        this.#entries.clear();
        return;
      case 'add-destination':
        this.#entries.set(destinationId(change.destination), {
          destination: change.destination,
          active: 0,
          inactive: 0,
          total: 0,
          overloaded: false,
        });
        return;
      case 'edit-destination':
        this.#edit(change.destination);
        return;
      case 'delete-destination':
        this.#entries.delete(destinationId(change.destination));
    }
  }

  #edit(destination: Destination): void {
    const entry = this.#entries.get(destinationId(destination));
    if (entry === undefined) throw new Error(`edited before it was added: ${destinationId(destination)}`);
    if (destination.lowerThreshold > destination.upperThreshold) throw new Error('ERANGE: l_threshold');
    const { upperThreshold } = destination;
    if (upperThreshold === 0 || upperThreshold > entry.destination.upperThreshold) entry.overloaded = false;
    entry.destination = destination;
  }

  #schedule(scheduler: string): Entry | undefined {
    const ready = [...this.#entries.values()].filter(
      ({ destination, overloaded }) => destination.weight > 0 && !overloaded,
    );
    const load = ({ active, inactive }: Entry) => active * 256 + inactive;
    switch (scheduler) {
      case 'sed':
        return least(ready, ({ active, destination }) => (active + 1) / destination.weight);
      case 'nq':
        return (
          ready.find(({ active }) => active === 0) ??
          least(ready, ({ active, destination }) => (active + 1) / destination.weight)
        );
      case 'fo':
        return least(ready, ({ destination }) => -destination.weight);
      case 'wlc':
        return least(ready, (entry) => load(entry) / entry.destination.weight);
      case 'lc':
        return least(ready, load);
      default:
        this.#next += 1;
        return ready[this.#next % Math.max(1, ready.length)];
    }
  }
}

function least(entries: readonly Entry[], cost: (entry: Entry) => number): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) if (best === undefined || cost(entry) < cost(best)) best = entry;
  return best;
}
