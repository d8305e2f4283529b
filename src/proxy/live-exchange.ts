import type { Exchange, ExchangeNotes, ExchangeTimings, HttpRequest, RawHeaders } from '../http/index.js';

/** An exchange with a client that is there now. */
export class LiveExchange implements Exchange {
  readonly timings: ExchangeTimings = {};
  readonly notes: ExchangeNotes = {};
  readonly startedAt: number;
  readonly #start: number;
  #gone: Error | undefined;
  #onAbort: ((reason: Error) => void)[] | undefined;

  constructor(
    readonly sessionId: string,
    readonly index: number,
    readonly request: HttpRequest,
    readonly sendInformational: (status: number, headers: RawHeaders) => void,
  ) {
    this.#start = performance.now();
    this.startedAt = performance.timeOrigin + this.#start;
  }

  get id(): string {
    return `${this.sessionId}-${this.index}`;
  }

  elapsed(): number {
    return performance.now() - this.#start;
  }

  onAbort(callback: (reason: Error) => void): () => void {
    if (this.#gone !== undefined) {
      callback(this.#gone);
      return () => undefined;
    }
    this.#onAbort ??= [];
    this.#onAbort.push(callback);
    return () => {
      const at = this.#onAbort?.indexOf(callback) ?? -1;
      if (at !== -1) this.#onAbort?.splice(at, 1);
    };
  }

  /** The client went away before the end. */
  abort(reason: Error): void {
    if (this.#gone !== undefined) return;
    this.#gone = reason;
    const callbacks = this.#onAbort ?? [];
    this.#onAbort = undefined;
    for (const callback of callbacks) callback(reason);
  }

  informational(status: number, headers: RawHeaders): void {
    this.sendInformational(status, headers);
  }
}
