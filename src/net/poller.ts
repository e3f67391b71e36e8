/**
 * Readiness of many descriptors without a thread: an epoll set that is looked at every few milliseconds while anything is
 * awaited, and not at all otherwise. Waiting in the thread pool would cost a thread and two wake-ups an event.
 */
import type { Clock, Timer } from '../clock.js';
import { EpollEvents, epollControl, epollCreate, epollWait, close as libcClose } from './libc.js';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } from './linux.js';

/** Gets the EPOLL* bits that are set. */
export type Ready = (events: number) => void;

type Watcher = { ready: Ready; readonly pass: number };

/** Something happened lately: look again soon. Nothing has for a while: half as often. */
const BUSY_MS = 5;
const QUIET_MS = 10;
const QUIET_AFTER_MS = 100;
const BATCH = 512;
/** How long one look may run its callbacks before it lets the event loop go round. */
const TURN_MS = 5;

export class Poller {
  readonly #epoll: number;
  readonly #events = new EpollEvents(BATCH);
  readonly #watchers: (Watcher | undefined)[] = [];
  #watched = 0;
  #pass = 0;
  #activeAt = 0;
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(readonly clock: Clock) {
    this.#epoll = epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`create an epoll set: errno ${-this.#epoll}`);
  }

  /** Calls `ready` whenever one of `events` holds, until `forget`. 0, or minus errno. */
  watch(fd: number, events: number, ready: Ready): number {
    const result = epollControl(this.#epoll, EPOLL_CTL_ADD, fd, events);
    if (result < 0) return result;
    this.#watchers[fd] = { ready, pass: this.#pass };
    this.#watched++;
    this.#activeAt = this.clock.now();
    this.#soon();
    return 0;
  }

  /** Waits for other events from now on. */
  change(fd: number, events: number, ready: Ready): void {
    const watcher = this.#watchers[fd];
    if (watcher === undefined) return;
    watcher.ready = ready;
    epollControl(this.#epoll, EPOLL_CTL_MOD, fd, events);
  }

  /** Stops watching; to be called before the descriptor is closed or handed on. */
  forget(fd: number): void {
    if (this.#watchers[fd] === undefined) return;
    this.#watchers[fd] = undefined;
    this.#watched--;
    epollControl(this.#epoll, EPOLL_CTL_DEL, fd, 0);
  }

  /** As `forget`, when the caller closes the descriptor next: the kernel then takes it out of the set itself. */
  forgetClosing(fd: number): void {
    if (this.#watchers[fd] === undefined) return;
    this.#watchers[fd] = undefined;
    this.#watched--;
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
    libcClose(this.#epoll);
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
      const quiet = this.clock.now() - this.#activeAt > QUIET_AFTER_MS;
      if (this.#watched > 0 && !this.#closed) this.#arm(quiet ? QUIET_MS : BUSY_MS);
    }
  }

  /** The set is level-triggered and takes turns: what is left for lack of time or room is reported next time. */
  #collect(): void {
    const endAt = this.clock.now() + TURN_MS;
    this.#pass++;
    const count = epollWait(this.#epoll, this.#events, 0);
    for (let index = 0; index < count; index++) {
      this.#deliver(this.#events.fd(index), this.#events.events(index));
      if (this.clock.now() > endAt) break;
    }
    if (count <= 0) return;
    this.#activeAt = this.clock.now();
  }

  /** A descriptor opened by an earlier callback of this pass may have the number of one closed: its event is stale. */
  #deliver(fd: number, events: number): void {
    const watcher = this.#watchers[fd];
    if (watcher !== undefined && watcher.pass < this.#pass) watcher.ready(events);
  }
}
