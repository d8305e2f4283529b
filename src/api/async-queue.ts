/** Values that wait for their one reader, who takes them at its own pace. */
export class AsyncQueue<T> {
  #waiting: T[];
  #wake = (): void => undefined;

  constructor(waiting: T[] = []) {
    this.#waiting = waiting;
  }

  get size(): number {
    return this.#waiting.length;
  }

  put(value: T): void {
    this.#waiting.push(value);
    this.wake();
  }

  /** Everything that has come. */
  takeAll(): T[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Ends a wait though nothing has come: the reader has something else to look at. */
  wake(): void {
    this.#wake();
  }

  /** Resolves once something is there or the wait was ended; with false when neither has happened within `limitMs`. */
  arrival(limitMs?: number): Promise<boolean> {
    if (this.#waiting.length > 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = limitMs === undefined ? undefined : setTimeout(() => resolve(false), limitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
