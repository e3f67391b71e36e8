/** A value that is believed only when it has lasted: links that flap, processes that come and go. */

export type Debounced = {
  readonly value: boolean;
  /** The other value was seen, and is believed at that time if it lasts. */
  readonly changesAt?: number | undefined;
};

/** A new reading. One that agrees with what is believed ends the wait; a delay of 0 is believed at once. */
export function observe(state: Debounced, reading: boolean, delayMs: number, now: number): Debounced {
  if (reading === state.value) return { value: state.value };
  if (state.changesAt !== undefined) return settle(state, now);
  return settle({ value: state.value, changesAt: now + delayMs }, now);
}

/** The value by now. */
export function settle(state: Debounced, now: number): Debounced {
  if (state.changesAt === undefined || now < state.changesAt) return state;
  return { value: !state.value };
}

/** When the value changes by itself; Infinity when it does not. */
export function changesAt(state: Debounced): number {
  return state.changesAt ?? Number.POSITIVE_INFINITY;
}
