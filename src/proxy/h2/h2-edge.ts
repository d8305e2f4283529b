import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../errors/index.js';
import {
  ClientGoneError,
  header,
  withHeader,
  withoutHeaders,
  type HttpResponse,
  type RawHeaders,
} from '../../http/index.js';
import type { Edge, EdgeRequest, EdgeTarget, EdgeWriter } from '../edge.js';
import { errorResponse } from '../error-response.js';
import type { TunnelOrigin } from '../request-target.js';
import { guardSession } from './guard-session.js';
import { h2RequestBody } from './h2-request-body.js';
import { respondH2 } from './h2-respond.js';
import { h2Target } from './h2-target.js';
import { fieldBlock, toFields, type FieldBlock } from './headers.js';
import { isStreamReset, resetCodeOf, resetName } from './reset-codes.js';
import { resetStream } from './reset-stream.js';
import { watchClose, type StreamClose } from './stream-close.js';
import { connectionWindowBytes, serverOptions } from './settings.js';
import { SilenceWatch, type SilenceLimits } from './silence-watch.js';

const forTheProxy = new Set(['proxy-connection', 'proxy-authorization']);

/** Where HTTP/2 streams of clients become exchanges, and their responses frames again. Server push is never offered. */
export class H2Edge {
  /** What each open connection is to, and whether a modelled network passes it by. */
  readonly #open = new Map<ServerHttp2Session, { origin: TunnelOrigin | undefined; unwrapped: boolean }>();

  readonly #silence: SilenceWatch;

  constructor(
    readonly edge: Edge,
    limits: SilenceLimits = {},
  ) {
    this.#silence = new SilenceWatch(limits);
  }

  /**
   * Speaks HTTP/2 on a connection whose client chose it (by ALPN, or with prior knowledge). The preface is still to be
   * read. `unwrapped`: a modelled network that comes later would pass it by.
   */
  serve(socket: Duplex, origin: TunnelOrigin | undefined, unwrapped: boolean): void {
    const { logger } = this.edge.options;
    const session: ServerHttp2Session = performServerHandshake(socket, serverOptions);
    guardSession(session, socket);
    this.#silence.watch(session, socket);
    this.#open.set(session, { origin, unwrapped });
    session.once('close', () => this.#open.delete(session));
    session.setLocalWindowSize(connectionWindowBytes);
    session.on('error', (error) => logger.debug('An HTTP/2 connection of a client broke', { error: messageOf(error) }));
    session.on('stream', (stream, _fields: IncomingHttpHeaders, _flags: number, raw?: readonly string[]) =>
      this.#stream(stream, fieldBlock(raw ?? []), origin, socket),
    );
    // A client that closed its half waits for nothing more.
    socket.once('end', () => socket.end());
  }

  /**
   * Lets what is under way end, and takes nothing more on open connections to such places; `unwrappedOnly`: those that
   * a network passes by.
   */
  retire(whose: (origin: TunnelOrigin | undefined) => boolean, unwrappedOnly = false): void {
    for (const [session, { origin, unwrapped }] of this.#open)
      if ((unwrapped || !unwrappedOnly) && whose(origin)) session.close();
  }

  #stream(stream: ServerHttp2Stream, block: FieldBlock, origin: TunnelOrigin | undefined, connection: Duplex): void {
    const { logger } = this.edge.options;
    stream.on('error', (error) => logger.debug('A client reset a stream', { error: messageOf(error) }));
    if (stream.destroyed) return; // its session ends
    const writer = new H2Writer(stream, block);
    this.edge.serve(this.#request(stream, block, origin, connection, writer), writer);
  }

  #request(
    stream: ServerHttp2Stream,
    block: FieldBlock,
    origin: TunnelOrigin | undefined,
    connection: Duplex,
    writer: H2Writer,
  ): EdgeRequest {
    const { pseudo, headers } = block;
    const { isOwn } = this.edge.options;
    // A client that waits for `100 Continue` gets one: the server's, or ours once somebody wants its body.
    let continued = !/100-continue/i.test(header(headers, 'expect') ?? '');
    const informational = (status: number, fields: RawHeaders): void => {
      if (status === 100 && continued) return;
      if (status === 100) continued = true;
      if (status === 101 || stream.headersSent || stream.destroyed || stream.closed) return;
      stream.additionalHeaders(toFields(fields, { ':status': status }));
    };
    return {
      ...{ method: writer.method, path: pseudo[':path'] ?? '/', httpVersion: 'HTTP/2.0', origin, connection },
      informational,
      proxyAuthorization: header(headers, 'proxy-authorization'),
      target: () => {
        const target = h2Target(block, origin);
        // Outside of a tunnel the listener's own authority is what a path alone is in HTTP/1.
        const toProxy = target === undefined || (origin === undefined && isOwn(target.host, target.port));
        return toProxy ? undefined : target;
      },
      headers: (target) => clientHeaders(headers, target),
      body: () =>
        h2RequestBody(stream, headers, writer.passed, {
          wanted: () => informational(100, []),
          givenUp: () => endWhenResponded(stream),
        }),
    };
  }
}

class H2Writer implements EdgeWriter {
  readonly method: string;
  #passed: StreamClose | undefined;

  constructor(
    readonly stream: ServerHttp2Stream,
    readonly block: FieldBlock,
  ) {
    this.method = block.pseudo[':method'] ?? 'GET';
  }

  /** How the stream closes; watched from when an exchange needs it. */
  get passed(): StreamClose {
    return (this.#passed ??= watchClose(this.stream));
  }

  get gone(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }

  get begun(): boolean {
    return this.stream.headersSent;
  }

  respond(answer: HttpResponse): void {
    respondH2(this.stream, answer, this.method);
  }

  fail(error: unknown): void {
    const { stream, block, method } = this;
    if (isStreamReset(error)) resetStream(stream, resetCodeOf(error));
    else respondH2(stream, errorResponse(error, block.headers), method);
  }

  breakOff(): void {
    resetStream(this.stream, constants.NGHTTP2_INTERNAL_ERROR);
  }

  watch({ gone, over }: Parameters<EdgeWriter['watch']>[0]): void {
    const { stream, passed } = this;
    stream.once('close', () => {
      // A stream closes with its last frame, which is written to the connection right after.
      setImmediate(over);
      if (!passed.answered) gone(new ClientGoneError(`the client reset the stream (${resetName(stream.rstCode)})`));
    });
  }
}

/**
 * The client's headers without what it told the proxy alone. An authority that the URL does not show (another host
 * within a tunnel) stands as `host`, which is what it is in HTTP/1.
 */
function clientHeaders(headers: RawHeaders, { scheme, host, port, authority }: EdgeTarget): RawHeaders {
  const kept = withoutHeaders(headers, forTheProxy);
  if (authority === undefined) return kept;
  const named = header(kept, 'host');
  if (named !== undefined)
    return named.toLowerCase() === authority.toLowerCase() ? kept : withHeader(kept, 'host', authority);
  const plain = host.includes(':') ? `[${host}]` : host;
  const defaultPort = scheme === 'https' ? 443 : 80;
  const same = authority.toLowerCase();
  const shown = same === `${plain}:${port}` || (port === defaultPort && same === plain);
  return shown ? kept : ['host', authority, ...kept];
}

/** Nobody reads the request any more: once it is answered, the client need not go on sending it (RFC 9113 §8.1). */
function endWhenResponded(stream: ServerHttp2Stream): void {
  const end = (): void => {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  };
  // Node sends trailers a turn after it was told them, which may be before or after `finish`.
  const afterTrailers = (): NodeJS.Immediate => setImmediate(() => setImmediate(end));
  const finished = (): void => {
    if (stream.listenerCount('wantTrailers') > 0) stream.once('wantTrailers', afterTrailers);
    else if (stream.sentTrailers === undefined) end();
    else afterTrailers();
  };
  if (stream.writableFinished) finished();
  else stream.once('finish', finished);
}
