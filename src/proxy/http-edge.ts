import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { withHeader, type HttpResponse, type HttpVersion, type RawHeaders } from '../http/index.js';
import { clientBody } from './client-body.js';
import type { Edge, EdgeRequest, EdgeTarget, EdgeWriter } from './edge.js';
import { errorResponse } from './error-response.js';
import { unmarkTarget } from './raw-target.js';
import { handshakeTarget, requestTarget, type TunnelOrigin } from './request-target.js';
import { respond } from './respond.js';
import { tunnel } from './tunnel.js';

/** Where HTTP/1.x requests of clients become exchanges, and their responses bytes again. */
export class HttpEdge {
  /** Requests under way on each connection. */
  readonly #busy = new WeakMap<Duplex, number>();

  constructor(readonly edge: Edge) {}

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
    const connection = request.socket;
    // A client that waits for `100 Continue` gets it from the server, or from us once somebody wants its body.
    let continued = !waits;
    const goOn = (): void => {
      if (continued) return;
      continued = true;
      response.writeContinue();
    };
    const informational = (status: number, headers: RawHeaders): void => {
      if (status === 100) goOn();
      else sendInformational(response, status, headers);
    };
    this.#busy.set(connection, (this.#busy.get(connection) ?? 0) + 1);
    response.once('close', () => this.#busy.set(connection, (this.#busy.get(connection) ?? 1) - 1));
    this.edge.serve(
      edgeRequest(request, origin, { wanted: waits ? goOn : undefined, informational }),
      new HttpWriter(request.method ?? 'GET', response, () => !continued || this.edge.options.isLast(connection)),
    );
  }

  /**
   * A request to change the protocol. A 101 turns the connection into a tunnel; `again` takes it back as HTTP
   * otherwise.
   */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    origin: TunnelOrigin | undefined,
    again: (socket: Duplex) => void,
  ): void {
    const { logger, session } = this.edge.options;
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
    const informational = (status: number, headers: RawHeaders): void => sendInformational(response, status, headers);
    const incoming = edgeRequest(request, origin, { wanted: undefined, informational }, socket);
    const writer = new UpgradeWriter(request.method ?? 'GET', response, socket, (answer) => {
      const { stream, head: first } = answer.upgraded as NonNullable<HttpResponse['upgraded']>;
      socket.write(headText(answer), 'latin1');
      const { host, port } = target ?? { host: '', port: 0 };
      const ends = { client: socket, server: stream, fromClient: head, fromServer: first };
      void tunnel(ends, { host, port, reason: 'upgrade' }).then((report) => session.tunnelEnded(report));
    });
    let target: EdgeTarget | undefined;
    const headers = (found: EdgeTarget): RawHeaders => incoming.headers((target = found));
    this.edge.serve({ ...incoming, headers }, writer);
  }
}

function edgeRequest(
  request: IncomingMessage,
  origin: TunnelOrigin | undefined,
  { wanted, informational }: { wanted: (() => void) | undefined; informational: EdgeRequest['informational'] },
  connection: Duplex = request.socket,
): EdgeRequest {
  const path = (request.url = unmarkTarget(request.url ?? '/'));
  return {
    ...{ method: request.method ?? 'GET', path, origin, connection, informational },
    httpVersion: `HTTP/${request.httpVersion}` as HttpVersion,
    target: () => requestTarget(request, origin),
    meantTarget: () => handshakeTarget(request),
    // As the backend would get them from a client that knew of it.
    headers: ({ reversed, authority = '' }) =>
      reversed === true ? withHeader(request.rawHeaders, 'Host', authority) : withoutProxyFields(request.rawHeaders),
    body: () => clientBody(request, wanted),
  };
}

class HttpWriter implements EdgeWriter {
  /** `isLast`: whether the connection cannot serve another request after this one. */
  constructor(
    readonly method: string,
    readonly response: ServerResponse,
    readonly isLast: () => boolean,
  ) {}

  get gone(): boolean {
    return this.response.destroyed;
  }

  get begun(): boolean {
    return this.response.headersSent;
  }

  respond(answer: HttpResponse): void {
    respond(this.response, answer, { method: this.method, close: this.isLast() });
  }

  fail(error: unknown, last = false): void {
    respond(this.response, errorResponse(error), { method: this.method, close: last || this.isLast() });
  }

  breakOff(): void {
    this.response.destroy();
  }

  watch({ gone, over }: Parameters<EdgeWriter['watch']>[0]): void {
    const { response } = this;
    response.once('close', () => {
      over();
      if (!response.writableFinished) gone(new Error('the client closed the connection'));
    });
  }
}

/** Of a request to change the protocol: once that is done, the connection is no longer HTTP's. */
class UpgradeWriter extends HttpWriter {
  #unwatch = (): void => undefined;

  constructor(
    method: string,
    response: ServerResponse,
    readonly socket: Duplex,
    readonly upgraded: (answer: HttpResponse) => void,
  ) {
    super(method, response, () => false);
  }

  override respond(answer: HttpResponse): void {
    if (answer.upgraded === undefined) return super.respond(answer);
    this.#unwatch();
    this.response.detachSocket(this.socket as Socket);
    this.upgraded(answer);
  }

  override watch({ gone, over }: Parameters<EdgeWriter['watch']>[0]): void {
    const { response, socket } = this;
    let watched = true;
    const once = (): void => {
      if (watched) over();
      watched = false;
    };
    const closed = (): void => gone(new Error('the client closed the connection'));
    socket.once('close', once);
    response.once('finish', once); // a response that changed nothing
    socket.once('close', closed);
    this.#unwatch = () => void socket.off('close', closed);
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
