/**
 * Waiting for descriptors in Node's own event loop (libuv's poll handles, by koffi): level-triggered, no thread, a
 * callback in the poll phase, so that timers come in between however much there is to read.
 */
import koffi from 'koffi';

/** A watched descriptor. Close the watch before the descriptor. */
export type Watch = {
  /** Until it is resumed it neither calls back nor keeps the process alive. Each costs a system call where it changes something. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
};

/** A descriptor that fails again and again costs a thousand wake-ups a second, not a core. */
const RETRY_MS = 1;

// koffi calls back with libuv's status, which its declaration leaves out.
type OnPoll = (status: number) => void;
type PollHandle = {
  readonly start: (onPoll: OnPoll) => void;
  readonly stop: () => void;
  readonly close: () => void;
};
const poll = koffi.node.poll as unknown as (fd: number, onPoll: OnPoll) => PollHandle;

/**
 * Calls `onReadable` whenever the descriptor has data or an error to be read; it should read a bounded amount, and is
 * called again when more is left: `true` says that there may be. A watch keeps the process alive until it is closed. Any descriptor
 * that can be polled: sockets, eventfd, inotify.
 *
 * With `restMs`, which may say another time at each call, what comes again before twice that time has passed is left to gather for so long: waking up for each packet of a
 * flood costs more than reading it.
 */
export function watchReadable(
  fd: number,
  onReadable: () => unknown,
  { restMs = () => 0 }: { readonly restMs?: () => number } = {},
): Watch {
  let later: NodeJS.Timeout | undefined;
  let calledAt = Number.NEGATIVE_INFINITY;
  let watching = true;
  const onPoll = (status: number): void => {
    const more = guarded(onReadable);
    if (!watching) return;
    // libuv stops a handle that reports an error (link down, receive overrun); reading has taken the error away.
    if (status < 0) startIn(RETRY_MS);
    else if (restMs() > 0 && isBusy() && more !== true) {
      handle.stop();
      startIn(restMs());
    }
  };
  const handle = poll(fd, onPoll);
  const end = (how: 'stop' | 'close'): void => {
    watching = false;
    clearTimeout(later);
    handle[how]();
  };
  return {
    pause: () => {
      if (watching) end('stop');
    },
    resume: () => {
      if (!watching) handle.start(onPoll);
      watching = true;
    },
    close: () => end('close'),
  };

  function startIn(ms: number): void {
    later = setTimeout(() => handle.start(onPoll), ms);
  }

  function isBusy(): boolean {
    const now = performance.now();
    const sinceMs = now - calledAt;
    calledAt = now;
    return sinceMs < 2 * restMs();
  }
}

/** An exception that left the callback would be lost in native code: it goes the way of every other uncaught one. */
function guarded<T>(callback: () => T): T | undefined {
  try {
    return callback();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
    return undefined;
  }
}
