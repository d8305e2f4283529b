import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { systemCode } from '../../errors/index.js';
import type { UpstreamError } from '../../http/index.js';
import {
  authorityOf,
  header,
  type BodyFlow,
  type BodySink,
  type HttpRequest,
  type RawHeaders,
} from '../../http/index.js';
import { fieldBlock, toFields } from '../h2/headers.js';
import { resetName } from '../h2/reset-codes.js';
import { resetStream } from '../h2/reset-stream.js';
import { failure, failureOf } from './failures.js';
import type { ResponseHead } from './response-head.js';
import type { Carrier, Transaction } from './transaction.js';

/** How long a body waits for `100 Continue` from a server that may not know of it (RFC 9110 §10.1.1), ms. */
const continueMs = 1000;
const forTheProxy = new Set(['host', 'proxy-authorization']);
const noTrailers: RawHeaders = [];
const notWanted = new Error('The answer was not wanted any more');
const endedEarly = new Error('The server ended the stream before the whole request was sent');

type Frame = [fields: IncomingHttpHeaders, flags: number, raw?: readonly string[]];

/** What a stream needs of the connection that it is on; `H2Connection` is one. */
interface StreamConnection {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
  readonly target: { scheme: 'http' | 'https'; host: string; port: number };
  /** The error that broke it, and the code of the server's GOAWAY. */
  readonly brokenBy: Error | undefined;
  readonly goneAway: number | undefined;
  /** Seconds, coarse: it costs nothing to read. */
  readonly now: number;
  /**
   * The stream ended before any response; whether its transaction goes elsewhere. `refused`: the server did not look at
   * it.
   */
  retry(transaction: Transaction, refused: boolean): boolean;
  /** The stream has ended. */
  left(stream: H2Stream): void;
}

/** One request on a stream of an HTTP/2 connection to a server, and its response. */
export class H2Stream implements Carrier, BodySink {
  /** When it last moved a byte, in the owner's seconds. */
  lastActive: number;
  readonly #request: HttpRequest;
  #stream: ClientHttp2Stream | undefined;
  #flow: BodyFlow | undefined;
  #requestSent = false;
  #requestTrailers = noTrailers;
  #trailers = noTrailers;
  #continueTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #over = false;

  constructor(
    readonly connection: StreamConnection,
    readonly transaction: Transaction,
  ) {
    this.#request = transaction.exchange.request;
    this.lastActive = connection.now;
  }

  get paused(): boolean {
    return this.#stream?.isPaused() ?? false;
  }

  /** Throws, having sent nothing, when the request cannot be written or the connection takes no more. */
  send(): void {
    const { transaction, connection } = this;
    const { headers, body } = this.#request;
    const endStream = body.length === 0;
    const stream = connection.session.request(requestFields(this.#request), { endStream, waitForTrailers: !endStream });
    this.#stream = stream;
    transaction.carriedBy(this);
    stream.on('headers', (...frame: Frame) => this.#informational(...frame));
    stream.on('response', (...frame: Frame) => this.#head(...frame));
    stream.on('trailers', (_fields: unknown, _flags: unknown, raw?: readonly string[]) => (this.#trailers = raw ?? []));
    // Listened to from the start: a server's reset throws away what nobody has read yet.
    stream.on('data', (data: Buffer) => {
      this.#moved();
      transaction.data(data);
    });
    stream.once('end', () => this.#end(stream));
    stream.on('error', (error: Error) => (this.#error = error));
    stream.once('close', () => this.#closed(stream));
    if (endStream) {
      this.#sent();
      if (!body.used) body.pipe(noSink);
      return;
    }
    stream.once('wantTrailers', () => stream.sendTrailers(toFields(this.#requestTrailers, {})));
    stream.on('drain', () => {
      this.#moved();
      this.#flow?.resume();
    });
    if (/100-continue/i.test(header(headers, 'expect') ?? ''))
      this.#continueTimer = setTimeout(() => this.#sendBody(), continueMs);
    else body.pipe(this);
  }

  // ---- what the transaction asks of its carrier

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  destroy(): void {
    this.#reset();
    this.#leave(notWanted);
  }

  /** Ends it with this failure. */
  fail(error: UpstreamError): void {
    this.#reset();
    this.#leave(error);
    this.transaction.fail(error);
  }

  // ---- the request's body

  open(flow: BodyFlow): void {
    this.#flow = flow;
  }

  chunk(data: Buffer): void {
    const stream = this.#stream;
    if (this.#over || stream === undefined || stream.destroyed || stream.closed || data.length === 0) return;
    this.#moved();
    if (!stream.write(data)) this.#flow?.pause();
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#requestTrailers = trailers;
    this.#stream?.end();
    this.#sent();
  }

  error(error: Error): void {
    if (this.#over) return;
    this.fail(
      failure('aborted', 'request', this.#request, `the client broke off its request (${error.message})`, {
        cause: error,
      }),
    );
  }

  // ---- what the server sends

  #informational(fields: IncomingHttpHeaders, _flags: number, raw: readonly string[] = []): void {
    this.#moved();
    const { transaction } = this;
    this.#started();
    transaction.informational(headOf(this.#request.method, Number(fields[':status']), raw, false));
    if (this.#continueTimer !== undefined) this.#sendBody();
  }

  #head(fields: IncomingHttpHeaders, flags: number, raw: readonly string[] = []): void {
    this.#moved();
    const { transaction } = this;
    this.#started();
    this.#release();
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    transaction.head(headOf(this.#request.method, Number(fields[':status']), raw, ended));
    if (ended) transaction.end(noTrailers);
    // A response that has come whole is handed on as a whole, which is cheaper: its end is a matter of ticks.
    const { closed, rstCode } = this.#stream as ClientHttp2Stream;
    if (!ended && closed && rstCode === constants.NGHTTP2_NO_ERROR) return;
    transaction.answer();
  }

  #started(): void {
    const { transaction } = this;
    if (transaction.started) return;
    transaction.started = true;
    transaction.exchange.timings.responseStart = transaction.exchange.elapsed();
  }

  #end(stream: ClientHttp2Stream): void {
    // A reset looks like an end as well.
    const { transaction } = this;
    if (transaction.ended || stream.rstCode !== constants.NGHTTP2_NO_ERROR || stream.destroyed || this.#over) return;
    if (transaction.responseHead === undefined) return;
    transaction.end(this.#trailers);
    transaction.unwatch();
    transaction.answer();
  }

  #closed(stream: ClientHttp2Stream): void {
    const { transaction } = this;
    const over = this.#over;
    this.#leave(endedEarly);
    if (over || transaction.ended) {
      transaction.unwatch();
      return;
    }
    const { rstCode = constants.NGHTTP2_NO_ERROR } = stream;
    const refused = rstCode === constants.NGHTTP2_REFUSED_STREAM;
    if (!transaction.started && this.connection.retry(transaction, refused)) return;
    transaction.fail(this.#failure(rstCode));
  }

  #failure(rstCode: number): UpstreamError {
    const { transaction, connection } = this;
    const phase = this.#requestSent ? 'response' : 'request';
    const target = this.#request;
    const progress = transaction.progress();
    const { brokenBy, goneAway } = connection;
    if (goneAway !== undefined && goneAway !== constants.NGHTTP2_NO_ERROR)
      return failure('closed', phase, target, `GOAWAY with ${resetName(goneAway)} ${progress}`, {
        systemCode: resetName(goneAway),
      });
    if (brokenBy !== undefined) {
      const code = systemCode(brokenBy);
      if (code?.startsWith('ERR_HTTP2') === true)
        return failure('protocol', phase, target, `${brokenBy.message} ${progress}`, { cause: brokenBy });
      return failureOf(Object.assign(new Error(`${brokenBy.message} ${progress}`), { code }), phase, target);
    }
    if (connection.socket.destroyed) return failure('closed', phase, target, progress);
    const name = resetName(rstCode);
    return failure('reset', phase, target, `the stream, with ${name}, ${progress}`, {
      systemCode: name,
      cause: this.#error,
    });
  }

  #sendBody(): void {
    this.#release();
    const { body } = this.#request;
    if (!this.#over && !body.used) body.pipe(this);
  }

  #sent(): void {
    this.#requestSent = true;
    const { exchange } = this.transaction;
    exchange.timings.requestSent = exchange.elapsed();
  }

  #moved(): void {
    this.lastActive = this.connection.now;
  }

  #reset(): void {
    if (this.#stream !== undefined) resetStream(this.#stream, constants.NGHTTP2_CANCEL);
  }

  #release(): void {
    clearTimeout(this.#continueTimer);
    this.#continueTimer = undefined;
  }

  /** It takes no more of the request, and its place is free. */
  #leave(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    if (!this.#requestSent) this.#flow?.abort(reason);
    this.connection.left(this);
  }
}

/** The request's field block: pseudo-headers first; the client's `host` is the authority. */
function requestFields(request: HttpRequest): OutgoingHttpHeaders {
  const { method, scheme, target, headers, body } = request;
  const fields = toFields(
    headers,
    {
      ':method': method,
      ':scheme': scheme,
      ':authority': header(headers, 'host') ?? authorityOf(request),
      ':path': target,
    },
    forTheProxy,
  );
  // A rule may have changed the body.
  if (fields['content-length'] !== undefined && body.length !== undefined)
    fields['content-length'] = String(body.length);
  return fields;
}

function headOf(method: string, status: number, raw: readonly string[], ended: boolean): ResponseHead {
  const { headers } = fieldBlock(raw);
  const length = header(headers, 'content-length');
  const bodiless = ended || method === 'HEAD' || status < 200 || status === 204 || status === 304;
  const known = length !== undefined && /^\d{1,15}$/.test(length);
  return {
    ...{ status, reason: '', httpVersion: 'HTTP/2.0', headers, keepAlive: true, keepAliveMs: undefined },
    framing: bodiless ? 'none' : known ? 'length' : 'close',
    length: bodiless ? 0 : known ? Number(length) : undefined,
  };
}

/** An empty body is read all the same, as somebody may be watching it. */
const noSink: BodySink = {
  open: () => undefined,
  chunk: () => undefined,
  end: () => undefined,
  error: () => undefined,
};
