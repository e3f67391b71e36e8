/** What things are called in nftables. Pure. */

/** lvsd's own table, of family inet. No other is ever touched. */
export const TABLE = 'lvsd';
export const BASE_CHAIN = 'prerouting';

export function sessionSet(space: string): string {
  return `sessions_${space}`;
}

export function serviceChain(service: string): string {
  return `service_${service}`;
}

/** Counts clients let in. */
export function admittedCounter(service: string): string {
  return `admitted_${service}`;
}

/** Counts attempts to connect that went to the sorry server. */
export function turnedAwayCounter(service: string): string {
  return `turned_away_${service}`;
}
