/**
 * Gratuitous ARP and unsolicited neighbour advertisements on the wire, with the gaps the configuration asks for between
 * packets. When to announce, and how often, is decided elsewhere (`garp.ts`).
 */
import type { Clock, Timer } from '../../clock.js';
import type { FrameSender } from '../../net/frames.js';
import { parseMac } from '../../net/mac.js';
import type { Link } from '../../net/route/link.js';
import type { LinkTable } from '../../net/route/links.js';
import type { Interface } from '../../net/socket-options.js';
import { interfaceSetting, readSetting } from '../../net/sysctl.js';
import type { SystemError } from '../../net/system-error.js';
import type { GarpGroupConfig } from '../config.js';
import { encodeGratuitousArp } from './arp.js';
import { encodeNeighbourAdvert } from './ndp.js';
import type { AddressConfig } from './network-config.js';

/** A frame that announces one address. */
export type Announcement = {
  readonly on: Interface;
  /** What that is made upon, where it is made: gaps are kept between all frames that leave by one. */
  readonly base?: string;
  readonly family: AddressConfig['family'];
  readonly frame: Uint8Array;
};

/** Frames of one turn of the event loop: three microseconds each. */
const FRAMES_A_TURN = 128;
const TURN_MS = 1;
/** Timers count whole ms: what a gap below allows meanwhile is sent together, but no more than this of a longer delay. */
const CATCH_UP_MS = 5;
/** Of one owner; a set that comes while so many wait is pointless. */
const MOST_WAITING = 8192;

/** Whose announcements these are. */
type Owner = string | object;

type Waiting = Announcement & { readonly owner: Owner };
type Queue = {
  readonly gapMs: number;
  waiting: Waiting[];
  /** How many of them are whose. */
  readonly counts: Map<Owner, number>;
  nextAt: number;
  timer: Timer | undefined;
};

export class Announcer {
  readonly #frames: FrameSender;
  readonly #clock: Clock;
  readonly #groups: readonly GarpGroupConfig[];
  readonly #onError: (error: SystemError) => void;
  readonly #queues = new Map<string, Queue>();

  constructor(
    frames: FrameSender,
    clock: Clock,
    groups: readonly GarpGroupConfig[],
    onError: (error: SystemError) => void,
  ) {
    this.#frames = frames;
    this.#clock = clock;
    this.#groups = groups;
    this.#onError = onError;
  }

  /**
   * Sends every announcement `repeat` times, round after round. Where no gap is configured the first round has left when
   * this returns; the others follow in the next turns of the event loop.
   */
  announce(owner: Owner, announcements: readonly Announcement[], repeat: number): void {
    for (const [key, group] of this.#byQueue(announcements)) {
      const queue = this.#queue(key, group[0]);
      if (queue.waiting.length === 0) queue.nextAt = Math.max(queue.nextAt, this.#clock.now());
      const mine = queue.counts.get(owner) ?? 0;
      if (mine > MOST_WAITING) continue;
      const direct = queue.gapMs === 0;
      if (direct) for (const each of group) this.#send(each);
      const round = group.map((each) => ({ ...each, owner }));
      const rounds = direct ? repeat - 1 : repeat;
      for (let i = 0; i < rounds; i += 1) queue.waiting.push(...round);
      queue.counts.set(owner, mine + rounds * round.length);
      this.#arm(queue, this.#clock.now());
    }
  }

  /** Forgets what is still to be sent: an owner who gave an address away must not claim it any more. */
  cancel(owner: Owner): void {
    for (const queue of this.#queues.values()) {
      if (queue.counts.delete(owner)) queue.waiting = queue.waiting.filter((each) => each.owner !== owner);
    }
  }

  /** Sends nothing any more. */
  close(): void {
    for (const queue of this.#queues.values()) {
      queue.waiting = [];
      queue.timer?.cancel();
    }
  }

  #byQueue(announcements: readonly Announcement[]): ReadonlyMap<string, Announcement[]> {
    const found = new Map<string, Announcement[]>();
    for (const each of announcements) {
      const key = `${each.family} ${this.#groupOf(each)?.interfaces[0] ?? each.base ?? each.on.name}`;
      const group = found.get(key) ?? [];
      group.push(each);
      found.set(key, group);
    }
    return found;
  }

  #queue(key: string, first: Announcement | undefined): Queue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const group = first && this.#groupOf(first);
    const gapMs = (first?.family === 'ipv6' ? group?.gnaIntervalMs : group?.garpIntervalMs) ?? 0;
    const made: Queue = { gapMs, waiting: [], counts: new Map(), nextAt: 0, timer: undefined };
    this.#queues.set(key, made);
    return made;
  }

  #groupOf({ on, base = on.name }: Announcement): GarpGroupConfig | undefined {
    const has = (name: string) => this.#groups.find(({ interfaces }) => interfaces.includes(name));
    return has(on.name) ?? has(base);
  }

  #arm(queue: Queue, notBefore: number): void {
    if (queue.timer !== undefined || queue.waiting.length === 0) return;
    queue.timer = this.#clock.wake(Math.max(queue.nextAt, notBefore), () => {
      queue.timer = undefined;
      this.#sendDue(queue);
      this.#arm(queue, this.#clock.now() + TURN_MS);
    });
  }

  #sendDue(queue: Queue): void {
    const now = this.#clock.now();
    queue.nextAt = Math.max(queue.nextAt, now - CATCH_UP_MS);
    for (let sent = 0; sent < FRAMES_A_TURN && queue.nextAt <= now; sent += 1) {
      const next = queue.waiting.shift();
      if (next === undefined) return;
      this.#send(next);
      queue.counts.set(next.owner, (queue.counts.get(next.owner) ?? 1) - 1);
      queue.nextAt += queue.gapMs;
    }
  }

  #send({ on, frame }: Announcement): void {
    const failed = this.#frames.send(on, frame);
    if (failed !== undefined) this.#onError(failed);
  }
}

/**
 * One announcement for each address whose interface is there and has neighbours to tell. On a VMAC it is no question: an old master
 * would answer it from the same MAC address, and switches would send the new one's packets to it.
 */
export function announcementsOf(
  addresses: readonly AddressConfig[],
  links: LinkTable,
  vmacs: readonly string[] = [],
  baseOf: (name: string) => string = (name) => name,
): readonly Announcement[] {
  const routers = new Map<string, boolean>();
  const routerOn = (name: string) => {
    const router = routers.get(name) ?? forwards(name);
    routers.set(name, router);
    return router;
  };
  return addresses.flatMap(({ address, family, interface: name }) => {
    const link = links.byName(name);
    const mac = link === undefined ? undefined : tellableMac(link);
    if (link === undefined || mac === undefined) return [];
    const frame =
      family === 'ipv4'
        ? encodeGratuitousArp(mac, address, vmacs.includes(name) ? 'reply' : 'request')
        : encodeNeighbourAdvert(mac, address, routerOn(name));
    return [{ on: { name, index: link.index }, base: baseOf(name), family, frame }];
  });
}

function tellableMac({ mac, loopback, noArp }: Link): Uint8Array | undefined {
  return mac === undefined || loopback || noArp ? undefined : parseMac(mac);
}

function forwards(name: string): boolean {
  const setting = readSetting(interfaceSetting('ipv6', name, 'forwarding'));
  return typeof setting === 'string' && setting !== '0';
}
