import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  ClientGoneError,
  withHeader,
  type Body,
  type HttpResponse,
  type HttpVersion,
  type RawHeaders,
} from '../http/index.js';
import { clientBody } from './client-body.js';
import type { Edge, EdgeRequest, EdgeTarget, EdgeWriter } from './edge.js';
import { errorResponse } from './error-response.js';
import { unmarkTarget } from './raw-target.js';
import { handshakeTarget, requestTarget, type TunnelOrigin } from './request-target.js';
import { respond } from './respond.js';
import { tunnel } from './tunnel.js';

/** Where HTTP/1.x requests of clients become exchanges, and their responses bytes again. */
export class HttpEdge {
  /** Exchanges under way on each connection. */
  readonly busy = new WeakMap<Duplex, number>();

  constructor(readonly edge: Edge) {}

  /** Closes a connection if nothing is under way on it; else `isLast` says so to what is. */
  finish(stream: Duplex): void {
    if ((this.busy.get(stream) ?? 0) === 0) stream.end();
  }

  /** Whether a request has come on a connection. */
  hasServed(stream: Duplex): boolean {
    return this.busy.has(stream);
  }

  request(request: IncomingMessage, response: ServerResponse, origin: TunnelOrigin | undefined, waits: boolean): void {
    if (response.socket === null) {
      // Pipelined behind one that is not answered yet: the server would not see it earlier without a proxy.
      response.once('socket', () => this.request(request, response, origin, waits));
      return;
    }
    const client = new HttpClient(this, { request, response, origin, connection: request.socket, waits });
    this.edge.serve(client, client);
  }

  /** Asks to change the protocol. A 101 makes the connection a tunnel; `again` takes it back as HTTP otherwise. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    origin: TunnelOrigin | undefined,
    again: (socket: Duplex) => void,
  ): void {
    const { logger } = this.edge.options;
    const response = new ServerResponse(request);
    response.shouldKeepAlive = true;
    // A server hands out nothing but sockets.
    response.assignSocket(socket as Socket);
    socket.on('error', (error) => logger.debug('A client connection broke', { error: error.message }));
    response.once('finish', () => {
      response.detachSocket(socket as Socket);
      if (head.length > 0) socket.unshift(head);
      if (response.shouldKeepAlive) again(socket);
      else socket.end();
    });
    const client = new UpgradingClient(this, { request, response, origin, connection: socket, waits: false }, head);
    this.edge.serve(client, client);
  }
}

interface HttpClientParts {
  request: IncomingMessage;
  response: ServerResponse;
  origin: TunnelOrigin | undefined;
  connection: Duplex;
  /** The client waits for `100 Continue`: it gets it from the server, or from us once somebody wants its body. */
  waits: boolean;
}

/** One request of a client and where its response goes: an object for both, as each request makes one. */
class HttpClient implements EdgeRequest, EdgeWriter {
  readonly method: string;
  readonly path: string;
  readonly httpVersion: HttpVersion;
  readonly origin: TunnelOrigin | undefined;
  readonly connection: Duplex;
  protected readonly response: ServerResponse;
  readonly #request: IncomingMessage;
  readonly #waits: boolean;
  #continued: boolean;

  constructor(
    protected readonly owner: HttpEdge,
    { request, response, origin, connection, waits }: HttpClientParts,
  ) {
    this.#request = request;
    this.response = response;
    this.method = request.method ?? 'GET';
    this.path = request.url = unmarkTarget(request.url ?? '/');
    this.httpVersion = `HTTP/${request.httpVersion}` as HttpVersion;
    this.origin = origin;
    this.connection = connection;
    this.#waits = waits;
    this.#continued = !waits;
  }

  target(): EdgeTarget | undefined {
    return requestTarget(this.#request, this.origin);
  }

  meantTarget(): EdgeTarget | undefined {
    return handshakeTarget(this.#request);
  }

  /** As the backend would get them from a client that knew of it. */
  headers({ reversed, authority = '' }: EdgeTarget): RawHeaders {
    const { rawHeaders } = this.#request;
    return reversed === true ? withHeader(rawHeaders, 'Host', authority) : withoutProxyFields(rawHeaders);
  }

  body(): Body {
    return clientBody(this.#request, this.#waits ? () => this.#goOn() : undefined);
  }

  informational(status: number, headers: RawHeaders): void {
    if (status === 100) this.#goOn();
    else sendInformational(this.response, status, headers);
  }

  get proxyAuthorization(): string | undefined {
    return this.#request.headers['proxy-authorization'];
  }

  get gone(): boolean {
    return this.response.destroyed;
  }

  get begun(): boolean {
    return this.response.headersSent;
  }

  respond(answer: HttpResponse): void {
    respond(this.response, answer, { method: this.method, close: this.isLast });
  }

  fail(error: unknown, last = false): void {
    respond(this.response, errorResponse(error), { method: this.method, close: last || this.isLast });
  }

  breakOff(): void {
    this.response.destroy();
  }

  watch({ gone, over }: Parameters<EdgeWriter['watch']>[0]): void {
    const { response, connection } = this;
    const { busy } = this.owner;
    busy.set(connection, (busy.get(connection) ?? 0) + 1);
    response.once('close', () => {
      busy.set(connection, (busy.get(connection) ?? 1) - 1);
      over();
      if (!response.writableFinished) gone(new ClientGoneError('the client closed the connection'));
    });
  }

  /** Whether the connection cannot serve another request after this one. */
  protected get isLast(): boolean {
    return !this.#continued || this.owner.edge.options.isLast(this.connection);
  }

  #goOn(): void {
    if (this.#continued) return;
    this.#continued = true;
    this.response.writeContinue();
  }
}

/** A client that asks to change the protocol: once that is done, the connection is no longer HTTP's. */
class UpgradingClient extends HttpClient {
  #target: EdgeTarget | undefined;
  #unwatch = (): void => undefined;

  constructor(
    owner: HttpEdge,
    parts: HttpClientParts,
    /** What the client has sent behind its request. */
    readonly head: Buffer,
  ) {
    super(owner, parts);
  }

  protected override get isLast(): boolean {
    return false;
  }

  override headers(target: EdgeTarget): RawHeaders {
    this.#target = target;
    return super.headers(target);
  }

  override informational(status: number, headers: RawHeaders): void {
    sendInformational(this.response, status, headers);
  }

  override respond(answer: HttpResponse): void {
    if (answer.upgraded === undefined) return super.respond(answer);
    const { connection, response, head, owner } = this;
    this.#unwatch();
    response.detachSocket(connection as Socket);
    connection.write(headText(answer), 'latin1');
    const { stream, head: first } = answer.upgraded;
    const ends = { client: connection, server: stream, fromClient: head, fromServer: first };
    const { host, port } = this.#target ?? { host: '', port: 0 };
    void tunnel(ends, { host, port, reason: 'upgrade' }).then((report) =>
      owner.edge.options.session.tunnelEnded(report),
    );
  }

  override watch({ gone, over }: Parameters<EdgeWriter['watch']>[0]): void {
    const { response, connection } = this;
    let watched = true;
    const once = (): void => {
      if (watched) over();
      watched = false;
    };
    const closed = (): void => gone(new ClientGoneError('the client closed the connection'));
    connection.once('close', once);
    response.once('finish', once); // a response that changed nothing
    connection.once('close', closed);
    this.#unwatch = () => void connection.off('close', closed);
  }
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
