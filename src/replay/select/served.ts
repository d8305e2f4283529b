/**
 * Which recorded exchanges were given out, in which order, and who waits for one of them. Entries are named by their
 * place in the recording.
 */
export class ServedExchanges {
  readonly #used: Uint8Array;
  readonly #ever: Uint8Array;
  readonly #order: number[] = [];
  readonly #waiting = new Map<number, Set<() => void>>();

  constructor(size: number, served: readonly number[] = []) {
    this.#used = new Uint8Array(size);
    this.#ever = new Uint8Array(size);
    for (const position of served) if (position >= 0 && position < size) this.mark(position);
  }

  mark(position: number): void {
    this.#used[position] = 1;
    this.#ever[position] = 1;
    this.#order.push(position);
  }

  /** Its response has been handed over. */
  answered(position: number): void {
    for (const resolve of this.#waiting.get(position) ?? []) resolve();
    this.#waiting.delete(position);
  }

  /** Whether somebody waits for its response. Nobody begins to once it was given out. */
  isAwaited(position: number): boolean {
    return this.#waiting.has(position);
  }

  /** The response did not reach the client: who asks again gets it again. */
  release(position: number): void {
    this.#used[position] = 0;
  }

  /** The request that `from` was marked for has turned out to be `to`. */
  exchange(from: number, to: number): void {
    this.#used[from] = 0;
    this.#ever[from] = 0;
    this.#used[to] = 1;
    this.#ever[to] = 1;
    const at = this.#order.lastIndexOf(from);
    if (at === -1) this.#order.push(to);
    else this.#order[at] = to;
  }

  /** The request that it was marked for has turned out to be another one, which had been made before. */
  withdraw(position: number): void {
    this.#used[position] = 0;
    this.#ever[position] = 0;
  }

  /** Its response was given, and stands for no further request unless it repeats. */
  isUsed(position: number): boolean {
    return this.#used[position] === 1;
  }

  /** Its request has been made in this run, whether the response arrived or not. */
  hasHappened(position: number): boolean {
    return this.#ever[position] === 1;
  }

  /** Positions in the order in which they answered; one that repeats stands there each time. */
  order(from = 0): number[] {
    return this.#order.slice(from);
  }

  /** Calls back once the response of `position` has been handed over. Returns a function that takes it back. */
  onServed(position: number, callback: () => void): () => void {
    const callbacks = this.#waiting.get(position) ?? new Set();
    this.#waiting.set(position, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }
}
