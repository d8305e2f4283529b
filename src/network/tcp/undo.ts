/**
 * Remembers what an episode of loss did to the window, so that it can be taken back when nothing was lost after all:
 * every retransmission was reported as a duplicate (RFC 3708), or the first progress answers an original (RFC 3522).
 */
export class Undo {
  priorWindow = 0;
  priorThreshold = 0;
  /** The index where the episode began; -1: none that could be undone. */
  #from = -1;
  /** Retransmissions that were not yet reported as duplicates; -1: none was sent yet, which is not the same as 0. */
  #repeats = -1;
  /** When the first retransmission of the episode was sent; 0: none was. */
  #firstRepeatAt = 0;

  get possible(): boolean {
    return this.#from >= 0;
  }

  begin(from: number, { window, threshold, repeats }: { window: number; threshold: number; repeats: number }): void {
    this.#from = from;
    this.#repeats = repeats === 0 ? -1 : repeats;
    this.priorWindow = window;
    this.priorThreshold = threshold;
  }

  end(): void {
    this.#from = -1;
  }

  noteRepeat(now: number): void {
    this.#repeats = Math.max(0, this.#repeats) + 1;
    if (this.#firstRepeatAt === 0) this.#firstRepeatAt = now;
  }

  noteDuplicate(index: number): void {
    if (this.#repeats > 0 && index >= this.#from) this.#repeats -= 1;
  }

  /** Nothing is being repaired: the next retransmission is the first again. */
  forgetRepeats(): void {
    this.#firstRepeatAt = 0;
  }

  /** Every retransmission arrived as a duplicate. */
  get repeatsWereDuplicates(): boolean {
    return this.possible && this.#repeats === 0;
  }

  /** The progress that `echo` stands for answers a transmission from before the first retransmission. */
  isOriginalResponse(echo: number): boolean {
    return this.possible && this.#firstRepeatAt > 0 && echo < this.#firstRepeatAt;
  }
}
