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
 * called again when more is left. A watch keeps the process alive until it is closed. Any descriptor that can be polled:
 * sockets, eventfd, inotify.
 */
export function watchReadable(fd: number, onReadable: () => void): Watch {
  let retry: NodeJS.Timeout | undefined;
  let watching = true;
  const onPoll = (status: number): void => {
    guarded(onReadable);
    // libuv stops a handle that reports an error (link down, receive overrun); reading has taken the error away.
    if (status < 0 && watching) retry = setTimeout(() => handle.start(onPoll), RETRY_MS);
  };
  const handle = poll(fd, onPoll);
  const end = (how: 'stop' | 'close'): void => {
    watching = false;
    clearTimeout(retry);
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
}

/** An exception that left the callback would be lost in native code: it goes the way of every other uncaught one. */
function guarded(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}
