/** Tells addresses that went by themselves, since this process did not get to renew them, from those that another hand took away. */

// net/ipv4/devinet.c, check_lifetime: an address may go so much before its time.
const EARLY_MS = 100;
/** Their end may be read after the renewal that came too late. */
const READ_WITHIN_MS = 1000;

export class Lapse {
  #expireAt = Number.POSITIVE_INFINITY;
  #lapsedUntil = Number.NEGATIVE_INFINITY;

  /** They have so many seconds from now on; undefined: for ever. */
  renewed(now: number, lifetimeS: number | undefined): void {
    if (now >= this.#expireAt) this.#lapsedUntil = now + READ_WITHIN_MS;
    this.#expireAt = now + 1000 * (lifetimeS ?? Number.POSITIVE_INFINITY) - EARLY_MS;
  }

  released(): void {
    this.#expireAt = Number.POSITIVE_INFINITY;
  }

  /** Whether what is missed now has expired. */
  expired(now: number): boolean {
    return now >= this.#expireAt || now < this.#lapsedUntil;
  }
}
