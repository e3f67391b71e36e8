/** Two directors with a sync group of two or three instances, in simulated time, and what may befall them; with what they were told. */
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { createFakeClock } from './fake-clock.js';
import { createFakeDirector, type FakeDirector } from './fake-directors.js';
import { FakeWire } from './fake-underlay.js';
import { instance, vrrpConfig } from './instances.js';

export const MEMBERS = ['in', 'out', 'far'] as const;
export type MemberName = (typeof MEMBERS)[number];
export const DIRECTORS = ['a', 'b'] as const;
export type DirectorName = (typeof DIRECTORS)[number];

/** The file of a director. */
export type File = { readonly priority: number; readonly size: 2 | 3 };

export type Told = { readonly of: 'INSTANCE' | 'GROUP'; readonly name: string; readonly state: string };

/** What all members have in common. */
export type Common = Pick<InstanceConfig, 'version' | 'advertIntMs' | 'preempt' | 'preemptDelayMs'>;

export class GroupLives {
  readonly clock = createFakeClock();
  readonly #wire = new FakeWire(this.clock);
  readonly #directors: Readonly<Record<DirectorName, FakeDirector>>;
  readonly #common: Common;
  /** When each instance was last added by a file. */
  readonly addedAt = new Map<string, number>();
  readonly #sizes = new Map<DirectorName, number>();

  constructor(common: Common) {
    this.#common = common;
    const lan = { clock: this.clock, wire: this.#wire };
    this.#directors = {
      a: createFakeDirector(lan, 'a', '10.0.0.1'),
      b: createFakeDirector(lan, 'b', '10.0.0.2'),
    };
    for (const { readings } of Object.values(this.#directors)) readings.set('script web', true);
  }

  load(who: DirectorName, { priority, size }: File): void {
    for (const name of MEMBERS.slice(this.#sizes.get(who) ?? 0, size)) {
      this.addedAt.set(`${who}.${name}`, this.clock.now());
    }
    this.#sizes.set(who, size);
    this.#directors[who].director.configure(this.#configOf(priority, size));
  }

  setLink(who: DirectorName, name: MemberName, up: boolean): void {
    this.#directors[who].underlay.setLink(`eth-${name}`, up);
  }

  /** Whether its packets get through, and others' to it, though its links are up. */
  setJoined(who: DirectorName, joined: boolean): void {
    this.#directors[who].underlay.cut = !joined;
  }

  get joined(): boolean {
    return Object.values(this.#directors).every(({ underlay }) => !underlay.cut);
  }

  setWell(who: DirectorName, well: boolean): void {
    this.#directors[who].readings.set('script web', well);
    this.#directors[who].director.assess();
  }

  handOver(who: DirectorName): void {
    void this.#directors[who].director.handover('in');
  }

  resume(who: DirectorName): void {
    void this.#directors[who].director.resume('in');
  }

  /** The states of the instances it has. */
  states(who: DirectorName): ReadonlyMap<string, string> {
    return new Map(this.#directors[who].director.instances().map(({ name, state }) => [name, state]));
  }

  holds(who: DirectorName, name: string): boolean {
    return this.#directors[who].underlay.holds(name);
  }

  /** What was told since this was called last. */
  news(who: DirectorName): readonly Told[] {
    return this.#directors[who].news().flatMap((line) => {
      const [, of, name, state] = /^(INSTANCE|GROUP) "(\w+)" (\w+) /.exec(line) ?? [];
      return of === undefined ? [] : [{ of: of as Told['of'], name: name ?? '', state: state ?? '' }];
    });
  }

  #configOf(priority: number, size: number): VrrpConfig {
    const nothing = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };
    const web = { ...nothing, scripts: [{ name: 'web', weight: 0, reverse: false }] };
    const notify = { sendDeleted: true, priorityChanges: false, smtpAlert: false, noEmailFaults: false };
    const instances = MEMBERS.slice(0, size).map((name, i) =>
      instance({
        ...this.#common,
        name,
        priority,
        notify,
        interface: `eth-${name}`,
        virtualRouterId: i + 1,
        addresses: [`192.0.2.${i + 1}`],
        track: name === 'in' ? web : nothing,
      }),
    );
    const names = instances.map(({ name }) => name);
    const group = { name: 'VG', instances: names, track: nothing, trackingWeight: false, notify };
    return vrrpConfig(instances, { syncGroups: [group] });
  }
}
