import type { ServerHttp2Stream } from 'node:http2';
import { Body, header, type BodyFlow, type BodySink, type BodySource, type RawHeaders } from '../../http/index.js';
import { resetName } from './reset-codes.js';

const noTrailers: RawHeaders = [];

/**
 * The body of an HTTP/2 request. Its flow is the stream's own: while nobody reads, the window stays shut. `wanted` is called when
 * somebody starts to read; `givenUp` when nobody will, after which what still comes is dropped.
 */
export function h2RequestBody(
  stream: ServerHttp2Stream,
  headers: RawHeaders,
  wanted: (() => void) | undefined,
  givenUp: () => void,
): Body {
  if (stream.endAfterHeaders) return Body.empty();
  const length = header(headers, 'content-length');
  return new Body(
    new H2RequestBody(stream, wanted, givenUp),
    length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
  );
}

class H2RequestBody implements BodySource, BodyFlow {
  #sink: BodySink | undefined;
  #trailers = noTrailers;

  constructor(
    readonly stream: ServerHttp2Stream,
    readonly wanted: (() => void) | undefined,
    readonly givenUp: () => void,
  ) {
    stream.on('trailers', (_fields: unknown, _flags: unknown, raw?: readonly string[]) => (this.#trailers = raw ?? []));
  }

  pipe(sink: BodySink): void {
    const { stream } = this;
    this.#sink = sink;
    sink.open(this);
    this.wanted?.();
    if (stream.destroyed) {
      this.#fail();
      return;
    }
    stream.on('data', (data: Buffer) => this.#sink?.chunk(data));
    stream.once('end', () => {
      // A reset looks like an end as well.
      if (stream.aborted || stream.rstCode !== 0) {
        this.#fail();
        return;
      }
      const reader = this.#sink;
      this.#sink = undefined;
      reader?.end(this.#trailers);
    });
    stream.once('close', () => this.#fail());
  }

  cancel(): void {
    this.abort();
  }

  pause(): void {
    if (this.#sink !== undefined) this.stream.pause();
  }

  resume(): void {
    if (this.#sink !== undefined) this.stream.resume();
  }

  abort(): void {
    this.#sink = undefined;
    this.stream.resume();
    this.givenUp();
  }

  #fail(): void {
    const reader = this.#sink;
    this.#sink = undefined;
    reader?.error(new Error(`the client reset the stream (${resetName(this.stream.rstCode)}) within its request`));
  }
}
