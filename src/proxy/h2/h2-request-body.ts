import type { ServerHttp2Stream } from 'node:http2';
import {
  Body,
  ClientGoneError,
  header,
  type BodyFlow,
  type BodySink,
  type BodySource,
  type RawHeaders,
} from '../../http/index.js';
import { resetName } from './reset-codes.js';
import type { StreamClose } from './stream-close.js';

const noTrailers: RawHeaders = [];

interface BodyReader {
  /** Called when somebody starts to read. */
  wanted: (() => void) | undefined;
  /** Called when nobody will, after which what still comes is dropped. */
  givenUp: () => void;
}

/** The body of an HTTP/2 request. Its flow is the stream's own: while nobody reads, the window stays shut. */
export function h2RequestBody(
  stream: ServerHttp2Stream,
  headers: RawHeaders,
  passed: StreamClose,
  reader: BodyReader,
): Body {
  if (stream.endAfterHeaders) return Body.empty();
  const length = header(headers, 'content-length');
  return new Body(
    new H2RequestBody(stream, passed, reader),
    length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
  );
}

class H2RequestBody implements BodySource, BodyFlow {
  #sink: BodySink | undefined;
  #trailers = noTrailers;

  constructor(
    readonly stream: ServerHttp2Stream,
    readonly passed: StreamClose,
    readonly reader: BodyReader,
  ) {
    stream.on('trailers', (_fields: unknown, _flags: unknown, raw?: readonly string[]) => (this.#trailers = raw ?? []));
  }

  pipe(sink: BodySink): void {
    const { stream } = this;
    this.#sink = sink;
    sink.open(this);
    this.reader.wanted?.();
    // Its end may have come before anybody listened.
    if (stream.readableEnded) {
      this.#ended();
      return;
    }
    if (stream.destroyed) {
      this.#fail();
      return;
    }
    stream.on('data', (data: Buffer) => this.#sink?.chunk(data));
    stream.once('end', () => this.#ended());
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
    this.reader.givenUp();
  }

  /** A reset looks like an end as well. */
  #ended(): void {
    const { stream, passed } = this;
    if (stream.closed && !passed.asked) {
      this.#fail();
      return;
    }
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end(this.#trailers);
  }

  #fail(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.error(
      new ClientGoneError(`the client reset the stream (${resetName(this.stream.rstCode)}) within its request`),
    );
  }
}
