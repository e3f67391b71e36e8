/**
 * Readiness of many descriptors without a thread: an epoll set. While few are awaited, Node's own event loop watches the set, and
 * an event is told at once. While many are, a wake-up for each event would cost more than the event: the set is then looked at again
 * and again, for several are ready at each look. Waiting in the thread pool would cost a thread and two wake-ups an event.
 */
import type { Clock, Timer } from '../clock.js';
import { EpollEvents, epollControl, epollCreate, epollWait, close as libcClose } from './libc.js';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } from './linux.js';
import { type Watch, watchReadable } from './watch.js';

/** Is told the EPOLL* bits that are set. */
export type Watcher = { readonly ready: (events: number) => void };

/** More than so many at a time are looked at by timers, until so few are left. */
const MANY = 32;
const FEW = 8;
/** Of many the next look is after half as long as nothing has happened: what takes its time is told later by half of it at the most. */
const SHARE = 0.5;
const SHORTEST_MS = 5;
const LONGEST_MS = 10;
const BATCH = 512;
/** Where so many were ready, more will be by the time they are served. */
const CROWD = 8;
/** How long one look may run its callbacks before it lets the event loop go round. */
const TURN_MS = 5;

export class Poller {
  readonly #epoll: number;
  readonly #events = new EpollEvents(BATCH);
  /** By descriptor. */
  readonly #watchers: (Watcher | undefined)[] = [];
  /** In which pass each of them began. */
  readonly #since: number[] = [];
  readonly #loop: Watch;
  #watched = 0;
  #many = false;
  #pass = 0;
  /** How many events were fetched, and which is told next. */
  #count = 0;
  #index = 0;
  #activeAt = 0;
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(readonly clock: Clock) {
    this.#epoll = epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`create an epoll set: errno ${-this.#epoll}`);
    this.#loop = watchReadable(this.#epoll, () => this.#look());
    this.#loop.pause();
  }

  /** Tells `watcher` of `events` until `forget`. 0, or minus errno. */
  watch(fd: number, events: number, watcher: Watcher): number {
    const result = epollControl(this.#epoll, EPOLL_CTL_ADD, fd, events);
    if (result < 0) return result;
    this.#watchers[fd] = watcher;
    this.#since[fd] = this.#pass;
    this.#watched++;
    this.#activeAt = this.clock.now();
    this.#soon();
    return 0;
  }

  /** Reports what holds of `events` once more: for edge-triggered watchers that have not taken everything. */
  again(fd: number, events: number): void {
    epollControl(this.#epoll, EPOLL_CTL_MOD, fd, events);
  }

  /** Stops watching; to be called before the descriptor is closed or handed on. */
  forget(fd: number): void {
    if (this.#watchers[fd] === undefined) return;
    this.#drop(fd);
    epollControl(this.#epoll, EPOLL_CTL_DEL, fd, 0);
  }

  /** As `forget`, when the caller closes the descriptor next: the kernel then takes it out of the set itself. */
  forgetClosing(fd: number): void {
    if (this.#watchers[fd] !== undefined) this.#drop(fd);
  }

  /** How many descriptors are watched. */
  get watched(): number {
    return this.#watched;
  }

  /** Ends all watching; harmless the second time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    clearImmediate(this.#immediate);
    this.#loop.close();
    libcClose(this.#epoll);
  }

  #drop(fd: number): void {
    this.#watchers[fd] = undefined;
    this.#watched--;
    if (this.#watched === 0) this.#loop.pause();
  }

  /** Close to the servers much is ready as soon as all due checks have begun: looking then saves a wake-up. */
  #soon(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#timer?.cancel();
      this.#look();
    });
  }

  #arm(inMs: number): void {
    this.#timer ??= this.clock.wake(this.clock.now() + inMs, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    try {
      this.#collect();
    } finally {
      if (!this.#closed) this.#lookAgain();
    }
  }

  #lookAgain(): void {
    this.#many = this.#watched > (this.#many ? FEW : MANY);
    if (this.#many) this.#loop.pause();
    if (this.#index < this.#count || this.#count >= CROWD) this.#soon();
    else if (this.#many) this.#arm(this.#pauseMs());
    else if (this.#watched > 0) this.#loop.resume();
  }

  #pauseMs(): number {
    const idleMs = this.clock.now() - this.#activeAt;
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, idleMs * SHARE));
  }

  /** What there is no time for, or what a callback that throws leaves, is kept: an edge is told once only. */
  #collect(): void {
    const endAt = this.clock.now() + TURN_MS;
    if (this.#index >= this.#count) this.#fetch();
    while (this.#index < this.#count && this.clock.now() < endAt) {
      const index = this.#index++;
      this.#deliver(this.#events.fd(index), this.#events.events(index));
    }
  }

  #fetch(): void {
    this.#pass++;
    this.#index = 0;
    this.#count = epollWait(this.#epoll, this.#events, 0);
    if (this.#count > 0) this.#activeAt = this.clock.now();
  }

  /** A descriptor opened since the events were fetched may have the number of one closed: its event is stale. */
  #deliver(fd: number, events: number): void {
    const watcher = this.#watchers[fd];
    if (watcher !== undefined && (this.#since[fd] ?? 0) < this.#pass) watcher.ready(events);
  }
}
