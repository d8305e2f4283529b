/** Runs tasks one after another, in the order in which they came. One task's failure is its caller's alone. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all that was given so far has run. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
