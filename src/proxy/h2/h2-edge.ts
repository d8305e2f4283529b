import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { messageOf, ProxyctlError } from '../../errors/index.js';
import {
  authorityOf,
  header,
  urlOf,
  withHeader,
  withoutHeaders,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
} from '../../http/index.js';
import { errorResponse } from '../error-response.js';
import { loop, type HttpEdgeOptions } from '../http-edge.js';
import { LiveExchange } from '../live-exchange.js';
import { isCertificatePath, ownHost, ownPage } from '../builtin-pages/own-pages.js';
import type { TunnelOrigin } from '../request-target.js';
import { guardSession } from './guard-session.js';
import { h2RequestBody } from './h2-request-body.js';
import { respondH2 } from './h2-respond.js';
import { h2Target, type H2Target } from './h2-target.js';
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
    readonly options: HttpEdgeOptions,
    limits: SilenceLimits = {},
  ) {
    this.#silence = new SilenceWatch(limits);
  }

  /**
   * Speaks HTTP/2 on a connection whose client chose it (by ALPN, or with prior knowledge). The preface is still to be read.
   * `bare`: a modelled network that comes later would pass it by.
   */
  serve(socket: Duplex, origin: TunnelOrigin | undefined, unwrapped: boolean): void {
    const { logger } = this.options;
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

  /** Lets what is under way end, and takes nothing more on open connections to such places; `unwrappedOnly`: those that a network passes by. */
  retire(whose: (origin: TunnelOrigin | undefined) => boolean, unwrappedOnly = false): void {
    for (const [session, { origin, unwrapped }] of this.#open)
      if ((unwrapped || !unwrappedOnly) && whose(origin)) session.close();
  }

  #stream(stream: ServerHttp2Stream, block: FieldBlock, origin: TunnelOrigin | undefined, connection: Duplex): void {
    stream.on('error', (error) => this.options.logger.debug('A client reset a stream', { error: messageOf(error) }));
    if (stream.destroyed) return; // its session ends
    const method = block.pseudo[':method'] ?? 'GET';
    const target = this.#target(stream, block, method, origin);
    if (target === undefined) return;
    const passed = watchClose(stream);
    const exchange = this.#exchange(stream, block, method, target, origin, passed);
    const { session, acceptedOf } = this.options;
    const accepted = acceptedOf(connection);
    const watch = session.watchFaults?.(exchange, connection, accepted);
    stream.once('close', () => {
      // A stream closes with its last frame, which is written to the connection right after.
      if (watch !== undefined) setImmediate(() => session.faultsOver?.(watch, exchange, connection, accepted));
      if (!passed.answered) exchange.abort(new Error(`the client reset the stream (${resetName(stream.rstCode)})`));
    });
    this.#handle(exchange).then(
      (answer) => this.#answer(stream, answer, exchange),
      (error: unknown) => this.#fail(stream, error, exchange),
    );
  }

  /** Where the request goes; undefined when it was answered here. */
  #target(
    stream: ServerHttp2Stream,
    block: FieldBlock,
    method: string,
    origin: TunnelOrigin | undefined,
  ): H2Target | undefined {
    const { ca, isOwn } = this.options;
    let target: H2Target | undefined;
    try {
      target = h2Target(block, origin);
    } catch (error) {
      respondH2(stream, errorResponse(error, block.headers), method);
      return undefined;
    }
    const own = target === undefined || isOwn(target.host, target.port);
    const { reverse } = this.options.session;
    const path = block.pseudo[':path'] ?? '/';
    if (own && reverse !== undefined && !isCertificatePath(path))
      return { ...reverse, target: path, authority: authorityOf(reverse) };
    if (own && origin === undefined) respondH2(stream, ownPage(method, path, ca), method);
    else if (target?.host === ownHost) respondH2(stream, ownPage(method, target.target, ca), method);
    else if (own) respondH2(stream, errorResponse(loop(target?.host ?? '', target?.port ?? 0), block.headers), method);
    else return target;
    return undefined;
  }

  #exchange(
    stream: ServerHttp2Stream,
    { headers }: FieldBlock,
    method: string,
    target: H2Target,
    origin: TunnelOrigin | undefined,
    passed: StreamClose,
  ): LiveExchange {
    const { session } = this.options;
    const told = clientHeaders(headers, target);
    let continued = !/100-continue/i.test(header(headers, 'expect') ?? '');
    const informational = (status: number, fields: RawHeaders): void => {
      if (status === 100) continued = true;
      if (status === 101 || stream.headersSent || stream.destroyed || stream.closed) return;
      stream.additionalHeaders(toFields(fields, { ':status': status }));
    };
    const body = h2RequestBody(stream, headers, passed, {
      wanted: continued ? undefined : () => continued || informational(100, []),
      givenUp: () => endWhenResponded(stream),
    });
    const { scheme, host, port } = target;
    const live: HttpRequest = {
      ...{ method, scheme, host, port, target: target.target },
      httpVersion: 'HTTP/2.0',
      headers: told,
      body,
    };
    const exchange = new LiveExchange(session.id, session.nextIndex(), live, informational);
    const name = origin?.serverName;
    if (name !== undefined && name !== target.host) exchange.notes.serverName = name;
    return exchange;
  }

  /** A chain may throw in place of rejecting. */
  #handle(exchange: LiveExchange): Promise<HttpResponse> {
    try {
      return this.options.session.handle(exchange);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #answer(stream: ServerHttp2Stream, answer: HttpResponse, { request }: LiveExchange): void {
    const { method, headers } = request;
    if (stream.destroyed || stream.closed) {
      answer.body.cancel(new Error('the client reset the stream'));
      answer.upgraded?.stream.destroy();
      return;
    }
    try {
      respondH2(stream, answer, method);
    } catch (error) {
      // A header that cannot be written: a rule's, as the parsers let none through.
      this.options.logger.error('An answer could not be sent', { error: messageOf(error) });
      answer.body.cancel(error as Error);
      if (stream.headersSent) resetStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
      else respondH2(stream, errorResponse(error, headers), method);
    }
  }

  #fail(stream: ServerHttp2Stream, error: unknown, exchange: LiveExchange): void {
    if (!(error instanceof ProxyctlError)) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.options.logger.error(`An exchange failed: ${messageOf(error)}`, { url: urlOf(exchange.request), stack });
    }
    if (stream.destroyed || stream.closed) return;
    if (isStreamReset(error)) resetStream(stream, resetCodeOf(error));
    else respondH2(stream, errorResponse(error, exchange.request.headers), exchange.request.method);
  }
}

/**
 * The client's headers without what it told the proxy alone. An authority that the URL does not show (another host within a tunnel)
 * stands as `host`, which is what it is in HTTP/1.
 */
function clientHeaders(headers: RawHeaders, { scheme, host, port, authority }: H2Target): RawHeaders {
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
