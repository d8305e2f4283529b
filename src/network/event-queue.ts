interface Entry {
  at: number;
  /** Events of one time run in the order in which they were asked for. */
  order: number;
  run: (argument: unknown) => void;
  argument: unknown;
}

/**
 * A virtual clock and what will happen on it: a binary heap. Each event runs at its own time, however late the caller
 * is, so that real delays of the caller never add up. Times are milliseconds with a fraction.
 */
export class EventQueue {
  /** The virtual time. During an event it is that event's own time. */
  now: number;
  #heap: Entry[] = [];
  #orders = 0;

  constructor(now = 0) {
    this.now = now;
  }

  /** Runs `run(argument)` at `time`, which is not before `now`. */
  at<T>(time: number, run: (argument: T) => void, argument: T): void {
    const entry: Entry = { at: time, order: this.#orders, run: run as (argument: unknown) => void, argument };
    this.#orders += 1;
    this.#rise(entry);
  }

  /** The time of the earliest event; `Infinity` when there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Runs the earliest event. Returns false when there is none. */
  step(): boolean {
    const first = this.#heap[0];
    if (first === undefined) return false;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    if (first.at > this.now) this.now = first.at;
    first.run(first.argument);
    return true;
  }

  /** Runs every event that is due by `time`, then sets the clock to it. */
  advanceTo(time: number): void {
    while (this.next <= time) this.step();
    if (time > this.now) this.now = time;
  }

  #rise(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as Entry;
      if (isBefore(parent, entry)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** Puts `entry` in at the root, whose own entry is gone. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, heap[childIndex] as Entry)) childIndex += 1;
      const child = heap[childIndex] as Entry;
      if (isBefore(entry, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
