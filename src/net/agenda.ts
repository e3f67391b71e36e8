/**
 * What is due when, earliest first and equal times in the order added. Made for many appointments at few points in time: those
 * of one time share a bucket, and only buckets are kept in a heap.
 */

export class Agenda {
  readonly #buckets = new Map<number, Bucket>();
  readonly #heap: Bucket[] = [];

  /** The earliest appointment's time, Infinity when there is none. */
  get nextAt(): number {
    return this.#first()?.at ?? Infinity;
  }

  add(at: number, callback: () => void): Appointment {
    const bucket = this.#buckets.get(at) ?? this.#begin(at);
    const appointment = new Appointment(bucket, callback);
    bucket.appointments.push(appointment);
    bucket.live++;
    return appointment;
  }

  /** Takes out the earliest appointment if it is due at `now`: what is to be called. */
  takeDue(now: number): (() => void) | undefined {
    const bucket = this.#first();
    return bucket === undefined || bucket.at > now ? undefined : bucket.take();
  }

  #begin(at: number): Bucket {
    const bucket = new Bucket(at);
    this.#buckets.set(at, bucket);
    this.#rise(bucket, this.#heap.length);
    return bucket;
  }

  /** The earliest bucket with something in it; those before it are dropped. */
  #first(): Bucket | undefined {
    let first = this.#heap[0];
    while (first !== undefined && first.live === 0) {
      this.#buckets.delete(first.at);
      const last = this.#heap.pop() as Bucket;
      if (last !== first) this.#sink(last);
      first = this.#heap[0];
    }
    return first;
  }

  /** Finds the place of `bucket` from `index` towards the root. */
  #rise(bucket: Bucket, index: number): void {
    let at = index;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1] as Bucket;
      if (parent.at <= bucket.at) break;
      this.#heap[at] = parent;
      at = (at - 1) >> 1;
    }
    this.#heap[at] = bucket;
  }

  /** Finds the place of `bucket` from the root towards the leaves. */
  #sink(bucket: Bucket): void {
    let at = 0;
    for (;;) {
      const child = this.#firstChild(at);
      if (child === undefined || child.bucket.at >= bucket.at) break;
      this.#heap[at] = child.bucket;
      at = child.index;
    }
    this.#heap[at] = bucket;
  }

  #firstChild(index: number): { readonly bucket: Bucket; readonly index: number } | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    if (left === undefined) return undefined;
    if (right !== undefined && right.at < left.at) return { bucket: right, index: 2 * index + 2 };
    return { bucket: left, index: 2 * index + 1 };
  }
}

/** The appointments of one point in time. */
class Bucket {
  readonly appointments: Appointment[] = [];
  /** How many are neither taken nor cancelled. */
  live = 0;
  #next = 0;

  constructor(readonly at: number) {}

  take(): (() => void) | undefined {
    for (;;) {
      const appointment = this.appointments[this.#next++];
      if (appointment === undefined) return undefined;
      const { callback } = appointment;
      if (callback === undefined) continue;
      appointment.cancel();
      return callback;
    }
  }
}

/** Something that is to happen at a point in time. */
export class Appointment {
  callback: (() => void) | undefined;

  constructor(
    readonly bucket: Bucket,
    callback: () => void,
  ) {
    this.callback = callback;
  }

  /** Takes it out of the agenda; harmless when it is out already. */
  cancel(): void {
    if (this.callback === undefined) return;
    this.callback = undefined;
    this.bucket.live--;
  }
}
