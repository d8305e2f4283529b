/** What follows the last of several equal recorded requests. */
export type Exhausted = 'repeat' | 'error' | 'cycle';

/**
 * Which recorded exchanges were given out, in which order. Of several equal ones the next unused in recorded order
 * answers, so the sequence of their answers is the recorded one, whatever else is asked in between.
 */
export class Sequence {
  readonly #used: Uint8Array;
  readonly #order: number[] = [];

  constructor(size: number, served: readonly number[] = []) {
    this.#used = new Uint8Array(size);
    for (const position of served) if (position >= 0 && position < size) this.#mark(position);
  }

  /** Takes the next of `positions` (equal requests in recorded order, one at least); undefined when they are used up. */
  take(positions: readonly number[], exhausted: Exhausted): number | undefined {
    const position = positions.find((candidate) => this.#used[candidate] === 0) ?? this.#after(positions, exhausted);
    if (position !== undefined) this.#mark(position);
    return position;
  }

  isUsed(position: number): boolean {
    return this.#used[position] === 1;
  }

  /** Positions in the order in which they answered; one that repeats stands there each time. */
  get order(): number[] {
    return [...this.#order];
  }

  #after(positions: readonly number[], exhausted: Exhausted): number | undefined {
    if (exhausted === 'error') return undefined;
    if (exhausted === 'repeat') return positions.at(-1);
    for (const position of positions) this.#used[position] = 0;
    return positions[0];
  }

  #mark(position: number): void {
    this.#used[position] = 1;
    this.#order.push(position);
  }
}
