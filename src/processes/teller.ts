/**
 * Tells the other director's kernel of the connections of this one, in the words of its own synchronisation: all at first, then
 * what is new, until it is told to stop. The kernel by itself tells of a connection after some packets, and up to 2 s late.
 */
import type { Clock } from '../clock.js';
import { createNews, parseConnection } from '../ipvs/sync/connection.js';
import { answersHere, type Describe } from '../ipvs/sync/describe.js';
import { encodeMessages, type MessageOptions } from '../ipvs/sync/message.js';
import type { MulticastSender } from '../net/multicast-sender.js';

export type TellerOptions = {
  readonly clock: Clock;
  /** The kernel's connections now, some lines at a time. */
  readonly list: () => AsyncIterable<readonly string[]>;
  readonly onError: (text: string) => void;
};

export type Telling = {
  readonly sender: MulticastSender;
  readonly describe: Describe;
  readonly message: MessageOptions;
  /** A listing that begins after this is the last; may move while it is going on. */
  readonly until: () => number;
};

/** Between two listings; a long one is followed by as long a rest, unless it is the last but one. */
const REST_MS = 15;
/** What may have been lost is said again, once. */
const AGAIN_MS = 100;
/** Messages in one go: a backup's socket takes about 90 with the kernel's usual buffer. */
const BURST = 32;
const BURST_REST_MS = 2;
/** Connections remembered as told of; those beyond are the kernel's own synchronisation's. */
const MOST = 250_000;
/**
 * Half-open connections are told of only while they are young. Where real servers answer through the director that answer is held back,
 * the client asks again after a second (RFC 6298 §2.1), the new master may have chosen another server for it by then, and its kernel
 * would take the word of the old one. Where they answer directly the client goes on, with the new master, and the old one never hears
 * of it. The kernel gives half-open ones 60 s from their last packet (net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts), and lists what
 * is left in whole seconds.
 */
const HALF_OPEN = / SYN_RECV +(\d+) *$/;
const YOUNG_S = 59;
const YOUNG_DIRECT_S = 57;
/** After the end none of them is young that long; whole seconds alone are too coarse. */
const YOUNG_MS = 700;
/** A listing that goes on this long after the end is given up: the new master holds nothing back any more. */
const OVERTIME_MS = 1800;

/** Resolves when all is told, to how many connections were; or when it could not be, to undefined. Never rejects. */
export function createTeller({
  clock,
  list,
  onError,
}: TellerOptions): (telling: Telling) => Promise<number | undefined> {
  return async (telling) => {
    try {
      return await tell(telling);
    } catch (error) {
      onError((error as Error).message);
      return undefined;
    } finally {
      telling.sender.close();
    }
  };

  async function tell(telling: Telling): Promise<number> {
    const againAt = clock.now() + AGAIN_MS;
    let news = createNews(MOST);
    let repeated = false;
    let told = 0;
    for (;;) {
      const beganAt = clock.now();
      if (!repeated && beganAt >= againAt) {
        repeated = true;
        news = createNews(MOST);
      }
      const count = await pass(telling, news);
      told = repeated ? told : told + count;
      const now = clock.now();
      if (beganAt >= telling.until() || now >= telling.until() + OVERTIME_MS) return told;
      await rest(telling, now + (now - beganAt));
    }
  }

  /** Ends with the telling: what began since the last listing is told of by one more, at once. */
  async function rest({ until }: Telling, restedAt: number): Promise<void> {
    do await pause(REST_MS);
    while (clock.now() < Math.min(restedAt, until()));
  }

  async function pass(
    { sender, describe, message, until }: Telling,
    news: ReturnType<typeof createNews>,
  ): Promise<number> {
    let count = 0;
    let sent = 0;
    for await (const lines of list()) {
      const late = clock.now() > until() + YOUNG_MS;
      const entryOf = (line: string) => {
        const connection = parseConnection(line);
        return connection && describe(connection);
      };
      const timely = lines.filter((line) => {
        const leftS = HALF_OPEN.exec(line)?.[1];
        if (leftS === undefined || (!late && Number(leftS) >= YOUNG_S)) return true;
        const entry = Number(leftS) >= YOUNG_DIRECT_S ? entryOf(line) : undefined;
        return entry !== undefined && !answersHere(entry);
      });
      const entries = news(timely).flatMap((line) => entryOf(line) ?? []);
      count += entries.length;
      for (const bytes of encodeMessages(entries, message)) {
        await send(sender, bytes);
        if (++sent % BURST === 0) await pause(BURST_REST_MS);
      }
      if (clock.now() > until() + OVERTIME_MS) break;
    }
    return count;
  }

  /** A full queue of the interface empties by itself. */
  async function send(sender: MulticastSender, bytes: Uint8Array): Promise<void> {
    const refused = sender.send(bytes);
    if (refused === undefined) return;
    if (refused.code !== 'ENOBUFS' && refused.code !== 'EAGAIN') throw new Error(`${refused}`);
    await pause(BURST_REST_MS);
    sender.send(bytes);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => clock.wake(clock.now() + ms, resolve));
  }
}
