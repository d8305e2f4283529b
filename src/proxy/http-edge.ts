import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../core/logger.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import {
  authorityOf,
  urlOf,
  withHeader,
  type HttpRequest,
  type HttpResponse,
  type HttpVersion,
  type RawHeaders,
} from '../http/index.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { clientBody } from './client-body.js';
import { errorResponse } from './error-response.js';
import { LiveExchange } from './live-exchange.js';
import { isCertificatePath, ownHost, ownPage } from './builtin-pages/own-pages.js';
import type { ProxySession } from './proxy-session.js';
import { unmarkTarget } from './raw-target.js';
import { badRequest, handshakeTarget, requestTarget, type RequestTarget, type TunnelOrigin } from './request-target.js';
import { respond } from './respond.js';
import { tunnel } from './tunnel.js';

export interface HttpEdgeOptions {
  session: ProxySession;
  ca: CertificateAuthority;
  logger: Logger;
  /** Whether this is an address of the listener itself. */
  isOwn: (host: string, port: number) => boolean;
  /** The connection that was accepted from the client which this stream is, or is inside of. */
  acceptedOf: (stream: Duplex) => Duplex;
  /** Whether a connection is to be closed after the request that is under way on it. */
  isLast: (stream: Duplex) => boolean;
}

/** Where HTTP/1.x requests of clients become exchanges, and their responses bytes again. */
export class HttpEdge {
  /** Requests under way on each connection. */
  readonly #busy = new WeakMap<Duplex, number>();

  constructor(readonly options: HttpEdgeOptions) {}

  /** Closes a connection if nothing is under way on it; else `isLast` says so to what is. */
  finish(stream: Duplex): void {
    if ((this.#busy.get(stream) ?? 0) === 0) stream.end();
  }

  /** Whether a request has come on a connection. */
  hasServed(stream: Duplex): boolean {
    return this.#busy.has(stream);
  }

  request(request: IncomingMessage, response: ServerResponse, origin: TunnelOrigin | undefined, waits: boolean): void {
    if (response.socket === null) {
      // Pipelined behind one that is not answered yet: the server would not see it earlier without a proxy.
      response.once('socket', () => this.request(request, response, origin, waits));
      return;
    }
    const target = this.#target(request, response, origin);
    if (target === undefined) return;
    // A client that waits for `100 Continue` gets it from the server, or from us once somebody wants its body.
    let continued = !waits;
    const goOn = (): void => {
      if (continued) return;
      continued = true;
      response.writeContinue();
    };
    const exchange = this.#exchange(request, target, origin, waits ? goOn : undefined, (status, headers) => {
      if (status === 100) goOn();
      else sendInformational(response, status, headers);
    });
    const connection = request.socket;
    const { session, acceptedOf } = this.options;
    const accepted = acceptedOf(connection);
    const watch = session.watchFaults?.(exchange, connection, accepted);
    this.#busy.set(connection, (this.#busy.get(connection) ?? 0) + 1);
    response.once('close', () => {
      this.#busy.set(connection, (this.#busy.get(connection) ?? 1) - 1);
      if (watch !== undefined) session.faultsOver?.(watch, exchange, connection, accepted);
      if (!response.writableFinished) exchange.abort(new Error('the client closed the connection'));
    });
    const { method } = exchange.request;
    this.#handle(exchange).then(
      (answer) => this.#answer(response, answer, { method, close: !continued || this.options.isLast(connection) }),
      (error: unknown) =>
        this.#fail(response, error, exchange, { method, close: !continued || this.options.isLast(connection) }),
    );
  }

  /** A request to change the protocol. A 101 turns the connection into a tunnel; `again` takes it back as HTTP otherwise. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    origin: TunnelOrigin | undefined,
    again: (socket: Duplex) => void,
  ): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = true;
    // A server hands out nothing but sockets.
    response.assignSocket(socket as Socket);
    socket.on('error', (error) => this.options.logger.debug('A client connection broke', { error: error.message }));
    response.once('finish', () => {
      response.detachSocket(socket as Socket);
      if (head.length > 0) socket.unshift(head);
      if (response.shouldKeepAlive) again(socket);
      else socket.end();
    });
    const target = this.#target(request, response, origin);
    if (target === undefined) return;
    const exchange = this.#exchange(request, target, origin, undefined, (status, headers) =>
      sendInformational(response, status, headers),
    );
    const gone = (): void => exchange.abort(new Error('the client closed the connection'));
    const { session, acceptedOf } = this.options;
    const accepted = acceptedOf(socket);
    let watch = session.watchFaults?.(exchange, socket, accepted);
    const over = (): void => {
      if (watch !== undefined) session.faultsOver?.(watch, exchange, socket, accepted);
      watch = undefined;
    };
    socket.once('close', over);
    response.once('finish', over); // a response that changed nothing
    socket.once('close', gone);
    const options = { method: exchange.request.method, close: false };
    this.#handle(exchange).then(
      (answer) => {
        if (answer.upgraded === undefined) {
          this.#answer(response, answer, options);
          return;
        }
        socket.off('close', gone);
        response.detachSocket(socket as Socket);
        socket.write(headText(answer), 'latin1');
        const ends = {
          client: socket,
          server: answer.upgraded.stream,
          fromClient: head,
          fromServer: answer.upgraded.head,
        };
        void tunnel(ends, { host: target.host, port: target.port, reason: 'upgrade' }).then((report) =>
          this.options.session.tunnelEnded(report),
        );
      },
      (error: unknown) => this.#fail(response, error, exchange, options),
    );
  }

  /** A chain may throw in place of rejecting. */
  #handle(exchange: LiveExchange): Promise<HttpResponse> {
    try {
      return this.options.session.handle(exchange);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Where the request goes; undefined when it was answered here. */
  #target(
    request: IncomingMessage,
    response: ServerResponse,
    origin: TunnelOrigin | undefined,
  ): EdgeTarget | undefined {
    const { ca, isOwn } = this.options;
    const method = request.method ?? 'GET';
    request.url = unmarkTarget(request.url ?? '/');
    let target: RequestTarget | undefined;
    try {
      target = requestTarget(request, origin);
    } catch (error) {
      respond(response, errorResponse(error), { method, close: true });
      return undefined;
    }
    if (target === undefined) {
      const { reverse } = this.options.session;
      const path = request.url;
      if (reverse !== undefined && !isCertificatePath(path)) return { ...reverse, target: path, reversed: true };
      const handshake = handshakeTarget(request);
      if (handshake !== undefined && handshake.host !== ownHost && !isOwn(handshake.host, handshake.port))
        return handshake;
      respond(response, ownPage(method, path, ca), { method, close: false });
      return undefined;
    }
    if (target.host === ownHost || (isOwn(target.host, target.port) && isCertificatePath(target.target))) {
      respond(response, ownPage(method, target.target, ca), { method, close: false });
      return undefined;
    }
    if (isOwn(target.host, target.port)) {
      const { reverse } = this.options.session;
      // A client that has this address as its proxy and as its backend.
      if (reverse !== undefined) return { ...reverse, target: target.target, reversed: true };
      respond(response, errorResponse(loop(target.host, target.port)), { method, close: false });
      return undefined;
    }
    return target;
  }

  #exchange(
    request: IncomingMessage,
    target: EdgeTarget,
    origin: TunnelOrigin | undefined,
    wanted: (() => void) | undefined,
    informational: (status: number, headers: RawHeaders) => void,
  ): LiveExchange {
    const { session } = this.options;
    const live: HttpRequest = {
      method: request.method ?? 'GET',
      scheme: target.scheme,
      host: target.host,
      port: target.port,
      target: target.target,
      httpVersion: `HTTP/${request.httpVersion}` as HttpVersion,
      headers:
        target.reversed === true ? reversedHeaders(request.rawHeaders, target) : withoutProxyFields(request.rawHeaders),
      body: clientBody(request, wanted),
    };
    const exchange = new LiveExchange(session.id, session.nextIndex(), live, informational);
    const name = origin?.serverName;
    if (name !== undefined && name !== target.host) exchange.notes.serverName = name;
    return exchange;
  }

  #answer(response: ServerResponse, answer: HttpResponse, options: { method: string; close: boolean }): void {
    if (response.destroyed) {
      answer.body.cancel(new Error('the client closed the connection'));
      answer.upgraded?.stream.destroy();
      return;
    }
    try {
      respond(response, answer, options);
    } catch (error) {
      // A header that cannot be written: a rule's, as the parser lets none through.
      this.options.logger.error('An answer could not be sent', { error: messageOf(error) });
      answer.body.cancel(error as Error);
      if (response.headersSent) response.destroy();
      else respond(response, errorResponse(error), options);
    }
  }

  #fail(
    response: ServerResponse,
    error: unknown,
    exchange: LiveExchange,
    options: { method: string; close: boolean },
  ): void {
    if (!(error instanceof ProxyctlError)) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.options.logger.error(`An exchange failed: ${messageOf(error)}`, { url: urlOf(exchange.request), stack });
    }
    if (response.destroyed) return;
    respond(response, errorResponse(error), options);
  }
}

/** `reversed`: the client named the proxy's own address, and not the backend that is meant. */
type EdgeTarget = RequestTarget & { reversed?: true };

/** As the backend would get them from a client that knew of it. */
function reversedHeaders(headers: RawHeaders, target: RequestTarget): RawHeaders {
  return withHeader(headers, 'Host', authorityOf(target));
}

/** Refuses what would come back to the same listener for ever. */
export function loop(host: string, port: number): ProxyctlError {
  return badRequest(
    `${host}:${port} is this proxy itself: the request would go round in a loop`,
    'Ask for another host, or exempt this one in the NO_PROXY of your client.',
  );
}

/** Without what the client told the proxy alone. */
function withoutProxyFields(headers: RawHeaders): RawHeaders {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if ((name.length === 16 || name.length === 19) && isProxyField(name)) return filtered(headers);
  }
  return headers;
}

function filtered(headers: RawHeaders): RawHeaders {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!isProxyField(headers[i] as string)) kept.push(headers[i] as string, headers[i + 1] as string);
  }
  return kept;
}

function isProxyField(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'proxy-connection' || lower === 'proxy-authorization';
}

/** 1xx responses go out as they came; `writeEarlyHints` would keep their Link headers only. HTTP/1.0 knows none. */
function sendInformational(response: ServerResponse, status: number, headers: RawHeaders): void {
  if (response.headersSent || response.req.httpVersionMinor === 0 || status === 101) return;
  (response as unknown as { _writeRaw(text: string, encoding: 'latin1'): void })._writeRaw(
    `HTTP/1.1 ${status} ${status === 103 ? 'Early Hints' : status === 102 ? 'Processing' : ''}\r\n${lines(headers)}\r\n`,
    'latin1',
  );
}

function headText({ status, reason, headers }: HttpResponse): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${lines(headers)}\r\n`;
}

function lines(headers: RawHeaders): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i] ?? ''}: ${headers[i + 1] ?? ''}\r\n`;
  return text;
}
