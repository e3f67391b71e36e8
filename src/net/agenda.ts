/** What is due when, earliest first and equal times in the order added: a heap from which anything can be taken out again. */

export class Agenda {
  readonly #heap: Appointment[] = [];
  #added = 0;

  /** The earliest appointment's time, Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(at: number, callback: () => void): Appointment {
    const appointment = new Appointment(this, at, this.#added++, callback);
    this.#rise(appointment, this.#heap.length);
    return appointment;
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
    const { index } = appointment;
    if (index < 0) return;
    appointment.index = -1;
    const last = this.#heap.pop() as Appointment;
    if (last === appointment) return;
    const parent = this.#heap[(index - 1) >> 1];
    if (index > 0 && parent !== undefined && last.isBefore(parent)) this.#rise(last, index);
    else this.#sink(last, index);
  }

  /** Finds the place of `appointment` from `index` towards the root. */
  #rise(appointment: Appointment, index: number): void {
    let at = index;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1] as Appointment;
      if (parent.isBefore(appointment)) break;
      this.#place(parent, at);
      at = (at - 1) >> 1;
    }
    this.#place(appointment, at);
  }

  /** Finds the place of `appointment` from `index` towards the leaves. */
  #sink(appointment: Appointment, index: number): void {
    let at = index;
    for (;;) {
      const child = this.#firstChild(at);
      if (child === undefined || appointment.isBefore(child)) break;
      const next = child.index;
      this.#place(child, at);
      at = next;
    }
    this.#place(appointment, at);
  }

  #firstChild(index: number): Appointment | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right?.isBefore(left) ? right : left;
  }

  #place(appointment: Appointment, index: number): void {
    this.#heap[index] = appointment;
    appointment.index = index;
  }
}

/** A point in time and what is to happen then. */
export class Appointment {
  /** Its place in the heap; -1 when it is out. */
  index = -1;

  constructor(
    readonly agenda: Agenda,
    readonly at: number,
    readonly order: number,
    readonly callback: () => void,
  ) {}

  isBefore(other: Appointment): boolean {
    return this.at < other.at || (this.at === other.at && this.order < other.order);
  }

  /** Takes itself out; harmless when it is out already. */
  cancel(): void {
    this.agenda.remove(this);
  }
}
