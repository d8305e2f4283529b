import { Body, type BodyFlow, type BodySink, type BodySource, type RawHeaders } from '../http/index.js';

/** What the holder of a body's end is told. Each of the last three comes at most once, and then nothing else. */
export interface EndKeeper {
  /** All of it has come: call `release` to let the reader have the end. */
  ended(release: () => void): void;
  /** It broke off: call `release` to let the reader know. */
  failed(error: Error, release: () => void): void;
  /** The reader gave it up. */
  givenUp(reason: Error): void;
  /** Asks to be called back at the end of this turn of the event loop. */
  laterThisTurn(callback: () => void): void;
}

/**
 * The same body, whose end waits until its keeper releases it. Of a body of known length the last chunk is its end for
 * a client, so that chunk is held with it (until the end of the turn at most, in case the end itself is late).
 */
export function holdEnd(body: Body, keeper: EndKeeper): Body {
  const source: BodySource = {
    pipe: (sink) => body.pipe(new HoldingSink(sink, keeper, body.length)),
    cancel: (reason) => {
      keeper.givenUp(reason);
      body.cancel(reason);
    },
  };
  return new Body(source, body.length);
}

class HoldingSink implements BodySink {
  #left: number | undefined;
  #last: Buffer | undefined;
  #over = false;
  #gone = false;

  constructor(
    readonly sink: BodySink,
    readonly keeper: EndKeeper,
    length: number | undefined,
  ) {
    this.#left = length;
  }

  open(flow: BodyFlow): void {
    this.sink.open({
      pause: () => flow.pause(),
      resume: () => flow.resume(),
      abort: (reason) => {
        this.#gone = true;
        if (!this.#over) {
          this.#over = true;
          this.keeper.givenUp(reason);
        }
        flow.abort(reason);
      },
    });
  }

  chunk(data: Buffer): void {
    if (this.#gone) return;
    if (this.#left !== undefined) {
      this.#left -= data.length;
      if (this.#left === 0) {
        this.#last = data;
        this.keeper.laterThisTurn(this.#letLastGo);
        return;
      }
    }
    this.sink.chunk(data);
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#over = true;
    this.keeper.ended(() => {
      if (this.#gone) return;
      this.#deliverLast();
      if (!this.#isGone()) this.sink.end(trailers);
    });
  }

  error(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.keeper.failed(error, () => {
      if (this.#gone) return;
      this.#deliverLast();
      if (!this.#isGone()) this.sink.error(error);
    });
  }

  readonly #letLastGo = (): void => {
    if (!this.#over && !this.#gone) this.#deliverLast();
  };

  #deliverLast(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined) this.sink.chunk(last);
  }

  /** The reader may give up while it takes the last chunk. */
  #isGone(): boolean {
    return this.#gone;
  }
}
