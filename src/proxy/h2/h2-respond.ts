import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import {
  ClientGoneError,
  grpcTrailers,
  isGrpc,
  mayHaveBody,
  type BodyFlow,
  type BodySink,
  type HttpResponse,
  type RawHeaders,
} from '../../http/index.js';
import { grpcFailureOf } from '../grpc-failure.js';
import { toFields } from './headers.js';
import { isStreamReset, resetCodeOf } from './reset-codes.js';
import { resetStream } from './reset-stream.js';

/** How long the rest of a broken answer may take to leave before its stream is reset, ms. */
const flushMs = 30_000;
const noBody = new Error('This answer has no body');
/**
 * What leaves in one frame, which may end the stream. The end of more has a frame of its own, sent once the rest has
 * left.
 */
const oneFrameBytes = 16 * 1024;
const ownDate = { sendDate: false } as const;

/**
 * Sends a response on an HTTP/2 stream: the head at once, the body with back-pressure, the trailers. When the body
 * breaks off the stream is reset: a truncated answer never looks whole. A gRPC call ends with a status instead, as its
 * own connection's end would give it, unless the server itself reset it. Throws, having sent nothing, for a header that
 * cannot be written.
 */
export function respondH2(stream: ServerHttp2Stream, answer: HttpResponse, method: string): void {
  const { status, body } = answer;
  const bodiless = !mayHaveBody(method, status);
  const fields = toFields(answer.headers, { ':status': status });
  // A rule may have changed the body.
  if (!bodiless && body.length !== undefined && fields['content-length'] !== undefined)
    fields['content-length'] = String(body.length);
  if (bodiless) {
    stream.respond(fields, { ...ownDate, endStream: true });
    body.cancel(noBody);
    return;
  }
  const writer = new H2ResponseWriter(stream, fields, answer.headers);
  body.pipe(writer);
  writer.begin();
}

class H2ResponseWriter implements BodySink {
  #flow: BodyFlow | undefined;
  #begun = false;
  #over = false;
  #waiting = false;
  #first: Buffer | undefined;
  #trailers: RawHeaders = [];

  constructor(
    readonly stream: ServerHttp2Stream,
    readonly fields: OutgoingHttpHeaders,
    readonly headers: RawHeaders,
  ) {}

  open(flow: BodyFlow): void {
    this.#flow = flow;
    this.stream.once('close', () => {
      if (this.#over) return;
      this.#over = true;
      flow.abort(new ClientGoneError('the client reset the stream'));
    });
  }

  /** The body is not here whole: head and what there is of it go out, and trailers may come. */
  begin(): void {
    if (this.#begun || this.stream.destroyed) return;
    this.#head({ ...ownDate, waitForTrailers: true });
    this.stream.once('wantTrailers', () => this.stream.sendTrailers(toFields(this.#trailers, {})));
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.#write(first);
  }

  chunk(data: Buffer): void {
    if (this.#over || data.length === 0) return;
    if (this.#begun) this.#write(data);
    else if (this.#first === undefined) this.#first = data;
    else {
      this.begin();
      this.#write(data);
    }
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#over = true;
    const { stream } = this;
    this.#trailers = trailers;
    if (!this.#begun && trailers.length === 0 && (this.#first?.length ?? 0) <= oneFrameBytes) {
      const data = this.#first;
      this.#head({ ...ownDate, endStream: data === undefined });
      if (data !== undefined) stream.end(data);
      return;
    }
    this.begin();
    stream.end();
  }

  error(error: Error): void {
    if (this.#over) return;
    this.begin();
    this.#over = true;
    if (!isStreamReset(error) && isGrpc(this.headers)) {
      const { status, message } = grpcFailureOf(error);
      this.#trailers = grpcTrailers(status, message);
      this.stream.end();
      return;
    }
    resetAfterFlush(this.stream, resetCodeOf(error));
  }

  #head(options: { sendDate: boolean; endStream?: boolean; waitForTrailers?: boolean }): void {
    this.#begun = true;
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.respond(this.fields, options);
  }

  #write(data: Buffer): void {
    if (this.stream.write(data) || this.#waiting) return;
    this.#waiting = true;
    this.#flow?.pause();
    this.stream.once('drain', () => {
      this.#waiting = false;
      this.#flow?.resume();
    });
  }
}

/** Lets what was written leave, as a reset takes along what waits. */
function resetAfterFlush(stream: ServerHttp2Stream, code = constants.NGHTTP2_INTERNAL_ERROR): void {
  if (stream.destroyed) return;
  if (stream.writableLength === 0) {
    setImmediate(() => resetStream(stream, code));
    return;
  }
  const timer = setTimeout(() => resetStream(stream, code), flushMs);
  stream.once('close', () => clearTimeout(timer));
  stream.once('drain', () => setImmediate(() => resetStream(stream, code)));
  // A little that waits is no reason for `drain`.
  if (!stream.writableNeedDrain) stream.write(Buffer.alloc(0), () => setImmediate(() => resetStream(stream, code)));
}
