import { Readable } from 'node:stream';
import { ProxyctlError } from '../errors/index.js';
import type { RawHeaders } from './headers.js';

const noTrailers: RawHeaders = [];

/** Lets the receiver of a body hold it back. `pause` and `resume` may be called at any time, in any number. */
export interface BodyFlow {
  pause(): void;
  resume(): void;
  /** Gives the body up: nothing more is delivered, and what feeds it is let go. */
  abort(reason: Error): void;
}

/**
 * Takes a body's bytes. `open` comes first and once, then `chunk` any number of times, then either `end` or `error`,
 * once. Chunks may come within the call of `pipe`. A chunk's memory is not written again after it was delivered.
 */
export interface BodySink {
  open(flow: BodyFlow): void;
  chunk(data: Buffer): void;
  end(trailers: RawHeaders): void;
  error(error: Error): void;
}

/** What feeds a body. `pipe` is called once at most. */
export interface BodySource {
  pipe(sink: BodySink): void;
  /** Called instead of `pipe` when nobody wants the body. */
  cancel?(reason: Error): void;
}

/** Sees a body's bytes on their way. It may hold them back through the flow that `open` hands it. */
export type BodyTap = BodySink;

/**
 * A message body: bytes on their way, read once, with back-pressure. Push-based, as a Node stream for each of several
 * thousand small bodies a second costs more than all else in the pipeline.
 */
export class Body {
  /** Bytes, when known before they have come (RFC 9110 §8.6). */
  readonly length: number | undefined;
  readonly #source: BodySource;
  #used = false;

  constructor(source: BodySource, length?: number) {
    this.#source = source;
    this.length = length;
  }

  static empty(trailers: RawHeaders = noTrailers): Body {
    return new Body(new WholeSource(undefined, trailers), 0);
  }

  /** The whole body at once; text is UTF-8. */
  static of(data: Buffer | string, trailers: RawHeaders = noTrailers): Body {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return new Body(new WholeSource(bytes, trailers), bytes.length);
  }

  static fromReadable(readable: Readable, length?: number): Body {
    return new Body(new ReadableSource(readable), length);
  }

  get used(): boolean {
    return this.#used;
  }

  /** Starts the flow into `sink`. Throws if the body was read before. */
  pipe(sink: BodySink): void {
    if (this.#used) throw new Error('This body was read before');
    this.#used = true;
    this.#source.pipe(sink);
  }

  /** Lets a body go that nobody wants. No effect once it was read. */
  cancel(reason: Error): void {
    if (this.#used) return;
    this.#used = true;
    this.#source.cancel?.(reason);
  }

  /**
   * The same body, seen by `tap` on its way: `tap` gets each event before the reader, and either may hold the flow
   * back.
   */
  tap(tap: BodyTap): Body {
    return new Body(
      {
        pipe: (sink) => this.pipe(new TappedSink(tap, sink)),
        cancel: (reason) => {
          this.cancel(reason);
          tap.open(noFlow);
          tap.error(reason);
        },
      },
      this.length,
    );
  }

  /** The body as a whole. Throws `PROXYCTL_BODY_TOO_LARGE` past `limitBytes`. */
  bytes(limitBytes = 64 * 1024 * 1024): Promise<{ data: Buffer; trailers: RawHeaders }> {
    if (this.#source instanceof WholeSource) return this.#atOnce(this.#source, limitBytes);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let flow: BodyFlow | undefined;
      this.pipe({
        open: (opened) => (flow = opened),
        chunk: (data) => {
          size += data.length;
          if (size > limitBytes) {
            const error = tooLarge(limitBytes);
            flow?.abort(error);
            reject(error);
            return;
          }
          chunks.push(data);
        },
        end: (trailers) =>
          resolve({ data: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size), trailers }),
        error: reject,
      });
    });
  }

  /** Most bodies are there as a whole already. */
  #atOnce({ data = noBytes, trailers }: WholeSource, limitBytes: number) {
    if (this.#used) return Promise.reject(new Error('This body was read before'));
    this.#used = true;
    return data.length > limitBytes ? Promise.reject(tooLarge(limitBytes)) : Promise.resolve({ data, trailers });
  }

  /** A Node stream of this body, for the libraries that want one. Trailers are lost. */
  toReadable(): Readable {
    let flow: BodyFlow | undefined;
    const readable = new Readable({
      read: () => {
        if (!this.#used) {
          this.pipe({
            open: (opened) => (flow = opened),
            chunk: (data) => {
              if (!readable.push(data)) flow?.pause();
            },
            end: () => readable.push(null),
            error: (error) => readable.destroy(error),
          });
        }
        flow?.resume();
      },
      destroy: (error, callback) => {
        const reason = error ?? new Error('The reader closed the body');
        if (flow === undefined) this.cancel(reason);
        else flow.abort(reason);
        callback(error);
      },
    });
    return readable;
  }
}

const noBytes = Buffer.alloc(0);

function tooLarge(limitBytes: number): ProxyctlError {
  return new ProxyctlError('PROXYCTL_BODY_TOO_LARGE', `The body is over ${limitBytes} bytes`);
}

const noFlow: BodyFlow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };

class WholeSource implements BodySource {
  constructor(
    readonly data: Buffer | undefined,
    readonly trailers: RawHeaders,
  ) {}

  /** One chunk has nothing after it to hold back, so `pause` has no effect here. */
  pipe(sink: BodySink): void {
    let aborted = false;
    sink.open({ pause: () => undefined, resume: () => undefined, abort: () => (aborted = true) });
    if (this.data !== undefined && this.data.length > 0 && !(aborted as boolean)) sink.chunk(this.data);
    if (!(aborted as boolean)) sink.end(this.trailers);
  }
}

class ReadableSource implements BodySource {
  constructor(readonly readable: Readable) {}

  pipe(sink: BodySink): void {
    const { readable } = this;
    let over = false;
    sink.open({
      pause: () => readable.pause(),
      resume: () => readable.resume(),
      abort: (reason) => {
        over = true;
        readable.destroy(reason);
      },
    });
    // It may have been over before anybody listened.
    if (readable.readableEnded) {
      end();
      return;
    }
    if (readable.destroyed) {
      fail(readable.errored ?? closedEarly());
      return;
    }
    readable.on('data', (data: Buffer) => {
      if (!over) sink.chunk(data);
    });
    readable.once('end', end);
    readable.once('error', fail);
    readable.once('close', () => fail(closedEarly()));

    function end(): void {
      if (over) return;
      over = true;
      sink.end(trailersOf(readable));
    }

    function fail(error: Error): void {
      if (over) return;
      over = true;
      sink.error(error);
    }
  }

  cancel(reason: Error): void {
    this.readable.once('error', () => undefined);
    this.readable.destroy(reason);
  }
}

function closedEarly(): Error {
  return new Error('The stream closed before its end');
}

function trailersOf(readable: Readable): RawHeaders {
  return 'rawTrailers' in readable && Array.isArray(readable.rawTrailers)
    ? (readable.rawTrailers as string[])
    : noTrailers;
}

/** Hands each event to a tap and then to the reader; the source flows only while neither holds it back. */
class TappedSink implements BodySink {
  #holds = 0;
  #flow: BodyFlow = noFlow;

  constructor(
    readonly tap: BodyTap,
    readonly sink: BodySink,
  ) {}

  open(flow: BodyFlow): void {
    this.#flow = flow;
    this.tap.open(this.#gate());
    const gate = this.#gate();
    this.sink.open({
      pause: () => gate.pause(),
      resume: () => gate.resume(),
      abort: (reason) => {
        flow.abort(reason);
        this.tap.error(reason);
      },
    });
  }

  chunk(data: Buffer): void {
    this.tap.chunk(data);
    this.sink.chunk(data);
  }

  end(trailers: RawHeaders): void {
    this.tap.end(trailers);
    this.sink.end(trailers);
  }

  error(error: Error): void {
    this.tap.error(error);
    this.sink.error(error);
  }

  #gate(): BodyFlow {
    let held = false;
    return {
      pause: () => {
        if (held) return;
        held = true;
        this.#holds += 1;
        if (this.#holds === 1) this.#flow.pause();
      },
      resume: () => {
        if (!held) return;
        held = false;
        this.#holds -= 1;
        if (this.#holds === 0) this.#flow.resume();
      },
      abort: (reason) => {
        this.#flow.abort(reason);
        this.sink.error(reason);
      },
    };
  }
}
