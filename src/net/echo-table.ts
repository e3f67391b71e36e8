/** Which pings are under way, and which of them a reply answers: by sequence number, sender and random token. */
import type { Echo } from './icmp.js';
import { AF_INET } from './linux.js';

const SEQUENCES = 65536;
/** Bytes of an echo's data. */
export const TOKEN_SIZE = 16;

/** Whose ping it is. */
export type Pingable = { answered(): void };

type Ping = { readonly to: Uint8Array; readonly token: Uint8Array; readonly pinged: Pingable };

export class EchoTable {
  readonly #underWay = new Map<number, Ping>();
  readonly #random: RandomPool;
  readonly id: number;
  #sequence = 0;

  /** `randomFill` fills bytes with what nobody can guess. */
  constructor(randomFill: (bytes: Uint8Array) => void) {
    this.#random = new RandomPool(randomFill);
    const [high = 0, low = 0] = this.#random.take(2);
    this.id = (high << 8) | low;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** What to send to a socket address; undefined when every sequence number is in use. */
  begin(to: Uint8Array, pinged: Pingable): Echo | undefined {
    if (this.#underWay.size >= SEQUENCES) return undefined;
    do this.#sequence = (this.#sequence + 1) % SEQUENCES;
    while (this.#underWay.has(this.#sequence));
    const token = this.#random.take(TOKEN_SIZE);
    this.#underWay.set(this.#sequence, { to, token, pinged });
    return { id: this.id, sequence: this.#sequence, data: token };
  }

  /** Forgets a ping; harmless when its number is another's by now. */
  forget(sequence: number, pinged: Pingable): void {
    if (this.#underWay.get(sequence)?.pinged === pinged) this.#underWay.delete(sequence);
  }

  /** Whose ping a reply from `sender` answers, which is under way no more; undefined for any other packet. */
  take({ sequence, data }: Echo, sender: Uint8Array): Pingable | undefined {
    const ping = this.#underWay.get(sequence);
    if (ping === undefined || !sameHost(ping.to, sender) || !sameBytes(ping.token, data)) return undefined;
    this.#underWay.delete(sequence);
    return ping.pinged;
  }
}

/** Random bytes, asked for in large portions: asking costs more than the bytes. */
class RandomPool {
  #bytes = new Uint8Array();
  #used = 0;

  constructor(readonly fill: (bytes: Uint8Array) => void) {}

  take(size: number): Uint8Array {
    if (this.#bytes.length - this.#used < size) {
      this.#bytes = new Uint8Array(4096);
      this.fill(this.#bytes);
      this.#used = 0;
    }
    this.#used += size;
    return this.#bytes.subarray(this.#used - size, this.#used);
  }
}

/** Compares family and address of two socket addresses, leaving out port, flow and scope. */
function sameHost(a: Uint8Array, b: Uint8Array): boolean {
  const [from, to] = a[0] === AF_INET ? [4, 8] : [8, 24];
  for (let at = from; at < to; at++) if (a[at] !== b[at]) return false;
  return a[0] === b[0];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
