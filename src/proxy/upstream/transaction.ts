import {
  Body,
  type BodyFlow,
  type BodySink,
  type BodySource,
  type Exchange,
  type HttpResponse,
  type RawHeaders,
  type UpstreamError,
} from '../../http/index.js';
import { failure, type Target } from './failures.js';
import { MalformedResponse, type ResponseHead } from './response-head.js';
import type { ResponseEvents } from './response-parser.js';

/** What a transaction needs of the connection that carries it. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** Gives the connection up. */
  destroy(): void;
}

const noTrailers: RawHeaders = [];

/**
 * One request under way on a connection, and its response. It collects the first bytes until the response can be handed
 * on, then passes the body to whoever reads it, and holds the connection back while nobody does.
 */
export class Transaction implements ResponseEvents, BodySource, BodyFlow {
  /** Whether a byte of the response has come. */
  started = false;
  /** Whether the response has come whole. */
  ended = false;
  /** Whether the response was handed on (a later failure is then the body's). */
  answered = false;
  responseHead: ResponseHead | undefined;
  #carrier: Carrier | undefined;
  #sink: BodySink | undefined;
  #queue: Buffer[] = [];
  #trailers = noTrailers;
  #failed: UpstreamError | undefined;
  #given = false;
  #received = 0;
  #offAbort: (() => void) | undefined;

  constructor(
    readonly exchange: Exchange,
    readonly resolve: (response: HttpResponse) => void,
    readonly reject: (error: Error) => void,
  ) {}

  get target(): Target {
    return this.exchange.request;
  }

  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** Calls back when the client goes away before the end. */
  watch(gone: (reason: Error) => void): void {
    this.#offAbort ??= this.exchange.onAbort(gone);
  }

  unwatch(): void {
    this.#offAbort?.();
    this.#offAbort = undefined;
  }

  // ---- what the parser finds

  informational(head: ResponseHead): void {
    this.exchange.informational(head.status, head.headers);
  }

  head(head: ResponseHead): void {
    this.responseHead = head;
  }

  data(bytes: Buffer): void {
    this.#received += bytes.length;
    if (this.#given) return;
    if (this.#sink !== undefined) this.#sink.chunk(bytes);
    else {
      this.#queue.push(bytes);
      // The response is out, yet nobody reads its body so far: no more of it until somebody does.
      if (this.answered) this.#carrier?.pause();
    }
  }

  end(trailers: RawHeaders): void {
    this.ended = true;
    this.#trailers = trailers;
    this.exchange.timings.responseEnd = this.exchange.elapsed();
    if (this.#sink !== undefined && !this.#given) this.#sink.end(trailers);
  }

  // ---- the response

  /** Hands the response on, once its head has come. Called after each read, so that a short body is there whole. */
  answer(upgraded?: HttpResponse['upgraded']): void {
    const head = this.responseHead;
    if (this.answered || head === undefined) return;
    this.answered = true;
    const { status, reason, httpVersion, headers } = head;
    if (upgraded !== undefined) {
      this.resolve({ status, reason, httpVersion, headers, body: Body.empty(), upgraded });
      return;
    }
    this.resolve({ status, reason, httpVersion, headers, body: this.#body(head) });
  }

  #body(head: ResponseHead): Body {
    if (!this.ended) return new Body(this, head.framing === 'length' ? head.length : undefined);
    const [first] = this.#queue;
    if (first === undefined) return Body.empty(this.#trailers);
    return Body.of(this.#queue.length === 1 ? first : Buffer.concat(this.#queue), this.#trailers);
  }

  /** Ends it with this failure, wherever it is. */
  fail(error: UpstreamError): void {
    if (this.#failed !== undefined || this.ended) return;
    this.#failed = error;
    this.unwatch();
    if (!this.answered) this.reject(error);
    else if (this.#sink !== undefined && !this.#given) this.#sink.error(error);
  }

  /** How far the response had come, for the message of a failure. */
  progress(): string {
    if (!this.started) return 'before any answer';
    if (this.responseHead === undefined) return 'within the head of the answer';
    const { length, framing } = this.responseHead;
    return framing === 'length' && length !== undefined
      ? `after ${this.#received} of ${length} bytes of the body`
      : `after ${this.#received} bytes of the body`;
  }

  malformed(error: unknown): UpstreamError {
    const detail = error instanceof MalformedResponse ? error.message : String(error);
    return failure('protocol', 'response', this.target, detail, { cause: error });
  }

  // ---- the body, as its reader sees it

  pipe(sink: BodySink): void {
    this.#sink = sink;
    sink.open(this);
    const queue = this.#queue;
    this.#queue = [];
    for (const bytes of queue) {
      if (!this.#given) sink.chunk(bytes);
    }
    if (this.#given) return;
    if (this.#failed !== undefined) sink.error(this.#failed);
    else if (this.ended) sink.end(this.#trailers);
    else if (!this.#held) this.#carrier?.resume();
  }

  cancel(reason: Error): void {
    this.abort(reason);
  }

  #held = false;

  pause(): void {
    this.#held = true;
    if (!this.ended) this.#carrier?.pause();
  }

  resume(): void {
    this.#held = false;
    if (!this.ended) this.#carrier?.resume();
  }

  abort(_reason: Error): void {
    if (this.#given) return;
    this.#given = true;
    this.#queue = [];
    this.unwatch();
    if (!this.ended) this.#carrier?.destroy();
  }
}
