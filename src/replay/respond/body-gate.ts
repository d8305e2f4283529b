import type { BodyFlow } from '../../http/index.js';

/** The back-pressure of a body's reader as promises. */
export class BodyGate implements BodyFlow {
  /** Why the reader has given the body up. */
  aborted: Error | undefined;
  /** Resolves when the reader gives the body up. */
  readonly given: Promise<void>;
  #give: () => void = () => undefined;
  #paused = false;
  #wake: (() => void) | undefined;

  constructor() {
    this.given = new Promise((resolve) => (this.#give = resolve));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  abort(reason: Error): void {
    this.aborted = reason;
    this.#give();
    this.#wake?.();
  }

  /** Resolves when the reader takes more; rejects with its reason when it has given the body up. */
  async opened(): Promise<void> {
    if (this.#paused && this.aborted === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.aborted !== undefined) throw this.aborted;
  }
}
