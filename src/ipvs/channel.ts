/**
 * Exchanges with the kernel over one socket, strictly one after another: a datagram goes out, its answers come in until
 * the one that ends it. This keeps the netlink package within its limits: never more than one datagram in flight, never
 * two dumps at once, a deadline for each, no callback that throws.
 */
import type { Buffer } from 'node:buffer';
import type { Clock, Timer } from '../clock.js';
import { type Attributes, decodeReplies, type Reply } from './codec.js';
import type { OpenTransport, Transport } from './transport.js';

/** One datagram and what to do with its answers. */
export type Exchange = {
  /** How many messages the datagram has. */
  readonly count: number;
  /** They are numbered from here: see reserve. */
  readonly firstSeq: number;
  readonly datagram: Buffer;
  /** Called for each answer that carries data, with the index of the message it answers. May throw DecodeError. */
  readonly onData?: (body: Attributes, index: number) => void;
};

/** How an exchange ended. */
export type Outcome =
  /** errno (positive) by index of the message refused; empty when all went well. */
  | { readonly kind: 'answered'; readonly errnos: ReadonlyMap<number, number> }
  /** What the kernel did with the messages is unknown. `cause` is an errno name or a sentence. */
  | { readonly kind: 'lost' | 'malformed' | 'closed'; readonly cause: string };

export type Channel = {
  /** The first of `count` numbers for messages, which no others have. */
  readonly reserve: (count: number) => number;
  /** Never rejects. */
  readonly exchange: (exchange: Exchange) => Promise<Outcome>;
  /** How many messages a datagram may have: as many as the socket takes, few while none is open. */
  readonly capacity: () => number;
  /** Ends everything under way or waiting as `closed`. */
  readonly close: () => void;
};

type Pending = {
  readonly exchange: Exchange;
  readonly resolve: (outcome: Outcome) => void;
};

type Current = Pending & {
  readonly errnos: Map<number, number>;
  /** When it is given up unless something comes in. */
  deadlineAt: number;
  malformed: string | undefined;
};

export type ChannelOptions = {
  readonly open: OpenTransport;
  readonly clock: Clock;
  /** How long the kernel may be silent before an exchange is given up. */
  readonly deadlineMs: number;
};

/** What every socket takes: 2 kB of the kernel's default buffer for the answer to each. */
const CAPACITY_OF_ANY = 100;

/** The socket is opened with the first exchange, and anew after one was lost. */
export function createChannel({ open, clock, deadlineMs }: ChannelOptions): Channel {
  const waiting: Pending[] = [];
  let current: Current | undefined;
  let transport: Transport | undefined;
  let timer: Timer | undefined;
  let nextSeq = 1;
  let closed = false;

  const startNext = (): void => {
    const pending = waiting.shift();
    if (pending === undefined) return;
    const deadlineAt = clock.now() + deadlineMs;
    current = { ...pending, errnos: new Map(), deadlineAt, malformed: undefined };
    send(pending.exchange.datagram, deadlineAt);
  };

  const send = (datagram: Buffer, deadlineAt: number): void => {
    try {
      transport ??= open({ onDatagram, onError: (error) => reset('lost', messageOf(error)) });
      timer ??= clock.wake(deadlineAt, onWake);
      transport.send(datagram);
    } catch (error) {
      reset('lost', messageOf(error));
    }
  };

  const finish = (outcome: Outcome): void => {
    const done = current;
    current = undefined;
    done?.resolve(outcome);
    startNext();
    if (current !== undefined) return;
    timer?.cancel();
    timer = undefined;
  };

  /** Gives up the exchange under way, and the socket: a late answer must not meet a later exchange. */
  const reset = (kind: 'lost' | 'malformed', cause: string): void => {
    transport?.close();
    transport = undefined;
    if (current !== undefined) finish({ kind, cause });
  };

  /** A due timer lets the socket be read first: after a stall the answer may be there already. */
  const onWake = (): void => {
    timer = undefined;
    setImmediate(() => {
      if (current === undefined || timer !== undefined) return;
      if (clock.now() < current.deadlineAt) timer = clock.wake(current.deadlineAt, onWake);
      else reset('lost', 'ETIMEDOUT');
    });
  };

  const onDatagram = (datagram: Buffer): void => {
    try {
      for (const reply of decodeReplies(datagram)) onReply(reply);
    } catch (error) {
      reset('malformed', messageOf(error));
    }
  };

  const onReply = (reply: Reply): void => {
    if (current === undefined || !belongs(current, reply)) return;
    current.deadlineAt = clock.now() + deadlineMs;
    if (take(current, reply)) finish(outcomeOf(current));
  };

  return {
    reserve: (count) => {
      const first = nextSeq;
      nextSeq = (nextSeq + count) % 0x7fffffff || 1;
      return first;
    },
    exchange: (exchange) =>
      new Promise((resolve) => {
        if (closed) return resolve({ kind: 'closed', cause: 'the client is closed' });
        waiting.push({ exchange, resolve });
        if (current === undefined) startNext();
      }),
    capacity: () => transport?.capacity ?? CAPACITY_OF_ANY,
    close: () => {
      closed = true;
      transport?.close();
      transport = undefined;
      const outcome: Outcome = { kind: 'closed', cause: 'the client was closed' };
      for (const pending of waiting.splice(0)) pending.resolve(outcome);
      finish(outcome);
    },
  };
}

function belongs({ exchange: { firstSeq, count } }: Current, { seq }: Reply): boolean {
  return seq >= firstSeq && seq < firstSeq + count;
}

/** Takes an answer in; true when it was the last. What cannot be read fails the exchange only then: more is to come. */
function take(current: Current, reply: Reply): boolean {
  const index = reply.seq - current.exchange.firstSeq;
  if (reply.interrupted) current.malformed ??= 'the table changed while it was read';
  if (reply.kind === 'end') {
    if (reply.errno !== 0) current.errnos.set(index, reply.errno);
    return index === current.exchange.count - 1;
  }
  try {
    current.exchange.onData?.(reply.body, index);
  } catch (error) {
    current.malformed ??= messageOf(error);
  }
  return false;
}

function outcomeOf({ malformed, errnos }: Current): Outcome {
  return malformed === undefined ? { kind: 'answered', errnos } : { kind: 'malformed', cause: malformed };
}

/** The errno name of a system error, which is the same everywhere, else what it says. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as { readonly code?: string };
  return /^E[A-Z0-9]+$/.test(code) ? code : error.message;
}
