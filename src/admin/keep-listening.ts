/** A server that listens as long as it is wanted: what it cannot have now it is given when it can. */
import type { Server } from 'node:http';
import type { Clock, Timer } from '../clock.js';
import { type Complaints, createComplaint } from '../complaint.js';

export type KeepListeningOptions = Complaints & {
  readonly server: Server;
  readonly clock: Clock;
  /** Where, as errors name it. */
  readonly place: string;
  /** Calls `listen`; may throw. */
  readonly open: () => void;
  /** Whether it is still to be found where it listens; always where that is not given. */
  readonly isThere?: () => boolean;
};

/** Between two attempts, and two looks. */
const LOOK_MS = 5000;

/** Gives what ends the keeping; the server is the caller's to close, afterwards. */
export function keepListening(options: KeepListeningOptions): () => void {
  const { server, clock, place, open, isThere } = options;
  const complaint = createComplaint(options);
  let timer: Timer | undefined;
  server.on('error', failed);
  server.on('listening', () => complaint.worked(`${place} is served now`));
  attempt();
  lookLater();
  return () => timer?.cancel();

  function lookLater(): void {
    timer = clock.wake(clock.now() + LOOK_MS, look);
  }

  function look(): void {
    if (server.listening && isThere?.() === false) server.close();
    if (!server.listening) attempt();
    lookLater();
  }

  function attempt(): void {
    try {
      open();
    } catch (error) {
      failed(error as Error);
    }
  }

  function failed({ message }: Error): void {
    complaint.failed(`cannot serve ${place}: ${message}: tried again until it works`);
  }
}
