import { Body, type BodyFlow, type BodySink, type RawHeaders } from '../http/index.js';
import type { BodyCapture } from './body-capture.js';

/**
 * The body of a request on its way to the backend, captured whole: a backend may answer before it has read the body, or
 * not be there at all, and what the client asked for is still what it sent. Nothing is held up by that, as the client
 * sends it anyway.
 */
export class WatchedRequestBody {
  /** For the backend. */
  readonly body: Body;
  readonly #source: Body;
  readonly #capture: BodyCapture;

  constructor(source: Body, capture: BodyCapture) {
    this.#source = source;
    this.#capture = capture;
    // a body that nobody wants is read by `readOn` when the outcome is known
    this.body = new Body({ pipe: (sink) => source.pipe(new ReadOnSink(capture, sink)) }, source.length);
  }

  /** Captures a body that was never read. One that is being read is captured to its end without being told to. */
  readOn(): void {
    if (!this.#source.used) this.#source.pipe(this.#capture);
  }
}

/** Feeds a capture and a reader; a reader that gives the body up leaves, and the capture goes on alone. */
class ReadOnSink implements BodySink {
  readonly #capture: BodyCapture;
  #reader: BodySink | undefined;
  readonly #holders = new Set<'capture' | 'reader'>();
  #flow: BodyFlow | undefined;

  constructor(capture: BodyCapture, reader: BodySink) {
    this.#capture = capture;
    this.#reader = reader;
  }

  open(flow: BodyFlow): void {
    this.#flow = flow;
    this.#capture.open({ ...this.#gate('capture'), abort: (reason) => flow.abort(reason) });
    const abort = (): void => {
      this.#reader = undefined;
      this.#release('reader');
    };
    this.#reader?.open({ ...this.#gate('reader'), abort });
  }

  chunk(data: Buffer): void {
    this.#capture.chunk(data);
    this.#reader?.chunk(data);
  }

  end(trailers: RawHeaders): void {
    this.#capture.end(trailers);
    this.#reader?.end(trailers);
  }

  error(error: Error): void {
    this.#capture.error();
    this.#reader?.error(error);
  }

  #gate(holder: 'capture' | 'reader'): Omit<BodyFlow, 'abort'> {
    return {
      pause: () => {
        this.#holders.add(holder);
        if (this.#holders.size === 1) this.#flow?.pause();
      },
      resume: () => this.#release(holder),
    };
  }

  #release(holder: 'capture' | 'reader'): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#flow?.resume();
  }
}
