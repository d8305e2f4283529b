/**
 * Calls back with what has changed, a little later and together with all else that changes by then; a process where
 * nothing happens sleeps.
 */
export class Throttle {
  readonly #everyMs: number;
  readonly #beat: (changed: ReadonlySet<string>) => Iterable<string>;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `beat` returns what has to be looked at again the next time, changed or not. */
  constructor(everyMs: number, beat: (changed: ReadonlySet<string>) => Iterable<string>) {
    this.#everyMs = everyMs;
    this.#beat = beat;
  }

  changed(id: string): void {
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const changed = this.#changed;
      this.#changed = new Set();
      for (const again of this.#beat(changed)) this.changed(again);
    }, this.#everyMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
