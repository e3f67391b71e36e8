/** What is due when, earliest first and equal times in the order added: a heap from which anything can be taken out again. */

export type Appointment = {
  readonly at: number;
  readonly callback: () => void;
};

type Slot = Appointment & { readonly order: number; index: number };

export class Agenda {
  readonly #heap: Slot[] = [];
  #added = 0;

  /** The earliest appointment's time, Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Adds an appointment; what comes back is what `remove` wants. */
  add(at: number, callback: () => void): Appointment {
    const slot: Slot = { at, callback, order: this.#added++, index: this.#heap.length };
    this.#heap.push(slot);
    this.#rise(slot);
    return slot;
  }

  /** Takes out the earliest appointment if it is due at `now`. */
  takeDue(now: number): Appointment | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Takes out an appointment; harmless when it is out already. */
  remove(appointment: Appointment): void {
    const slot = appointment as Slot;
    if (this.#heap[slot.index] !== slot) return;
    const last = this.#heap.pop();
    if (last === undefined || last === slot) return;
    this.#place(last, slot.index);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(slot: Slot): void {
    while (slot.index > 0) {
      const parent = this.#heap[(slot.index - 1) >> 1];
      if (parent === undefined || isBefore(parent, slot)) return;
      this.#swap(slot, parent);
    }
  }

  #sink(slot: Slot): void {
    for (;;) {
      const left = this.#heap[2 * slot.index + 1];
      const right = this.#heap[2 * slot.index + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(slot, child)) return;
      this.#swap(slot, child);
    }
  }

  #swap(a: Slot, b: Slot): void {
    const index = a.index;
    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(slot: Slot, index: number): void {
    this.#heap[index] = slot;
    slot.index = index;
  }
}

function isBefore(a: Slot, b: Slot): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
