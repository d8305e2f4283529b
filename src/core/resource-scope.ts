interface AsyncCloseable {
  close(): Promise<void> | void;
}

/**
 * Holds what was started and closes it in reverse order. Node 20 has no `AsyncDisposableStack`.
 * All are closed even when one fails; the first failure is thrown at the end (several: an `AggregateError`).
 */
export class ResourceScope implements AsyncDisposable {
  #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | undefined;

  use<T extends AsyncCloseable>(resource: T): T {
    this.defer(() => resource.close());
    return resource;
  }

  defer(closer: () => Promise<void> | void): void {
    if (this.#closing !== undefined) throw new Error('This scope is closed');
    this.#closers.push(closer);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several resources failed to close');
  }
}
