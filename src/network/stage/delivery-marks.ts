/**
 * How many bytes a direction was handed and has handed on, and who waits until all that it was handed by a moment has
 * gone on.
 */
export class DeliveryMarks {
  #taken = 0;
  #delivered = 0;
  #closed = false;
  #waiting: { at: number; done: () => void }[] = [];

  took(bytes: number): void {
    this.#taken += bytes;
  }

  delivered(bytes: number): void {
    this.#delivered += bytes;
    while (this.#waiting.length > 0 && (this.#waiting[0]?.at ?? 0) <= this.#delivered) this.#waiting.shift()?.done();
  }

  /** Calls back when all that was handed over so far has been delivered, or never will be. */
  whenDelivered(done: () => void): void {
    if (this.#closed || this.#delivered >= this.#taken) done();
    else this.#waiting.push({ at: this.#taken, done });
  }

  close(): void {
    this.#closed = true;
    for (const { done } of this.#waiting.splice(0)) done();
  }
}
