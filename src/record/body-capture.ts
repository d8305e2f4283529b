import type { BodyFlow, BodyTap, RawHeaders } from '../http/index.js';
import type { BodyRef } from './exchange-record.js';
import type { ExchangeLog } from './exchange-log.js';
import { LargeBody } from './large-body.js';

/** Bodies up to this size stand in the journal itself; each larger one is a file beside it. */
export const inlineBytes = 64 * 1024;

/** Takes what passes of one body, as a tap on it. */
export class BodyCapture implements BodyTap {
  readonly #journal: ExchangeLog;
  readonly #index: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #trailers: RawHeaders | undefined;
  #state: 'unread' | 'flowing' | 'complete' | 'cut' = 'unread';
  #flow: BodyFlow | undefined;
  #large: LargeBody | undefined;
  #stored: BodyRef | undefined;
  #over: (() => void) | undefined;

  constructor(journal: ExchangeLog, index: number) {
    this.#journal = journal;
    this.#index = index;
  }

  /** Body bytes that have come. */
  get size(): number {
    return this.#size;
  }

  /** It has begun and is not over. */
  get flowing(): boolean {
    return this.#state === 'flowing';
  }

  get complete(): boolean {
    return this.#state === 'complete';
  }

  get trailers(): RawHeaders | undefined {
    return this.#trailers;
  }

  open(flow: BodyFlow): void {
    this.#flow = flow;
    if (this.#state === 'unread') this.#state = 'flowing';
  }

  chunk(data: Buffer): void {
    if (this.#state !== 'flowing') return;
    this.#size += data.length;
    if (this.#large !== undefined) return this.#large.write(data, this.#flow as BodyFlow);
    this.#chunks.push(data);
    if (this.#size <= inlineBytes || !this.#journal.writable) return;
    this.#large = new LargeBody(this.#journal.largeBodies(this.#index));
    for (const chunk of this.#chunks.splice(0)) this.#large.write(chunk, this.#flow as BodyFlow);
  }

  end(trailers: RawHeaders): void {
    if (this.#state !== 'flowing') return;
    if (trailers.length > 0) this.#trailers = trailers;
    this.#leave('complete');
  }

  error(): void {
    this.cut();
  }

  /** Takes no more: what has come by now is all there is. */
  cut(): void {
    if (this.#state === 'flowing' || this.#state === 'unread') this.#leave('cut');
  }

  /** Calls back when it is over, at once if it is. */
  whenOver(callback: () => void): void {
    if (this.#state === 'flowing') this.#over = callback;
    else callback();
  }

  /** Calls back once a large body is in its file. To be called when it is over. */
  settle(callback: () => void): void {
    if (this.#large === undefined) return callback();
    this.#large.end((ref) => {
      this.#stored = ref;
      callback();
    });
  }

  /**
   * What the record says of it, once it is settled. Undefined: there was no body. `expected`: there should have been
   * one.
   */
  ref(expected: boolean): BodyRef | undefined {
    const truncated = this.#state !== 'complete' && (expected || this.#size > 0);
    if (this.#size === 0 && !truncated) return undefined;
    const ref: BodyRef = this.#stored ?? { size: this.#inlineSize(), at: 'inline' };
    return truncated ? { ...ref, truncated } : ref;
  }

  /** The chunks that follow the record's line. */
  inline(): readonly Buffer[] {
    return this.#chunks;
  }

  #inlineSize(): number {
    return this.#large === undefined ? this.#size : 0;
  }

  #leave(state: 'complete' | 'cut'): void {
    this.#state = state;
    this.#flow = undefined;
    const over = this.#over;
    this.#over = undefined;
    over?.();
  }
}
