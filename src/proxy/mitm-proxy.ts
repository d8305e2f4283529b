import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Proxy as HttpMitmProxy } from 'http-mitm-proxy';
import { messageOf, systemCode } from '../errors/index.js';
import { parseAuthority } from '../http/index.js';
import { isInstrumented } from '../network/stage/instrumented-socket.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { detachFromParser, type ParserError } from './detach-from-parser.js';
import { Edge } from './edge.js';
import { H2Edge } from './h2/h2-edge.js';
import { takePreface } from './h2/take-preface.js';
import type { Target } from './host-routes.js';
import { HttpEdge } from './http-edge.js';
import { Admitter, type AdmitterOptions } from './listener/admission.js';
import { ClientConnections } from './listener/client-connections.js';
import { headWithoutOffer } from './listener/head-without-offer.js';
import { createHttpServer, listenFailure, maxHeaderBytes } from './listener/http-server.js';
import { ownAuthorities } from './listener/own-authorities.js';
import { refuseMalformed } from './listener/refuse-malformed.js';
import { TlsInterception } from './listener/tls-interception.js';
import { TunnelledConnections } from './listener/tunnelled-connections.js';
import { markTarget } from './raw-target.js';
import { refuse } from './refuse.js';
import { Relay } from './relay.js';
import { badRequest, type TunnelOrigin } from './request-target.js';
import { credentialsWanted } from './proxy-access.js';
import { isSocks, socksTarget } from './socks.js';
import { inHttp, inSocks, Tunnels } from './tunnels.js';
import type { Upstream } from './upstream/upstream.js';

interface MitmProxyOptions extends AdmitterOptions {
  host: string;
  port: number;
  ca: CertificateAuthority;
  connect: Upstream['connect'];
  /** Further `host:port` under which clients reach this listener. */
  aliases: readonly string[];
}

/** The time that what is open gets to end after the listener closes, ms. */
const closeMs = 2000;
const nothing = Buffer.alloc(0);

/**
 * One session's listener: http-mitm-proxy with its listening, CONNECT, TLS and error handling replaced where it falls
 * short. TLS ends in this process, by one key for all hosts, and its requests enter the same HTTP server as plain ones.
 */
export class MitmProxy extends HttpMitmProxy {
  readonly #options: MitmProxyOptions;
  readonly #edge: HttpEdge;
  readonly #h2: H2Edge;
  readonly #tunnels: Tunnels;
  readonly #tls: TlsInterception;
  readonly #connections = new ClientConnections();
  readonly #admitter: Admitter;
  readonly #tunnelled: TunnelledConnections;
  #own = new Set<string>();

  constructor(options: MitmProxyOptions) {
    super();
    this.#options = options;
    const { session, ca, logger, connect, routes } = options;
    const connections = this.#connections;
    const tunnelled = new TunnelledConnections(session, routes);
    const isOwn = (host: string, port: number): boolean => this.#own.has(`${host}:${port}`);
    const edge = new Edge({
      ...{ session, ca, logger, isOwn },
      acceptedOf: (stream) => connections.acceptedOf(stream),
      isLast: (stream) => tunnelled.isLast(stream),
    });
    this.#edge = new HttpEdge(edge);
    this.#h2 = new H2Edge(edge);
    this.#tunnelled = tunnelled;
    this.#admitter = new Admitter(options, connections);
    this.#tls = new TlsInterception({
      ...{ session, ca, logger, connections },
      h2: (tls, socket, origin) => this.#serveH2(tls, socket, origin),
      http: (tls, origin) => this.#serve(tls, origin),
    });
    this.#tunnels = new Tunnels({
      ...{ session, connect, isOwn },
      tls: (socket, target) => this.#tls.intercept(socket, { scheme: 'https', ...target }),
      http: (socket, target) => this.#serve(socket, { scheme: 'http', ...target }),
    });
  }

  /** Listens. Resolves with the port; rejects with `PROXYCTL_PORT_IN_USE` or the system's error. */
  start(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.listen({ host, port }, (error) => {
        if (error === undefined || error === null) resolve(this.httpPort);
        else reject(error);
      });
    });
  }

  /**
   * Listens as the package does, but without its CA, its agents and its WebSocket server, and with an error for a port
   * in use.
   */
  override listen(options: { host?: string; port?: number }, callback: (error?: Error | null) => void): this {
    const { host = '127.0.0.1', port = 0 } = options;
    this.options = options;
    const server = createHttpServer();
    this.#admitter.guard(server);
    this.#receive(server);
    server.once('error', (error: Error) => callback(listenFailure(error, host, port)));
    server.listen({ host, port }, () => {
      server.on('error', (error) => this._onError('HTTP_SERVER_ERROR', null, error));
      this.httpServer = server;
      this.httpHost = host;
      this.httpPort = (server.address() as AddressInfo).port;
      this.#own = ownAuthorities([
        `${host.includes(':') ? `[${host}]` : host}:${this.httpPort}`,
        ...this.#options.aliases,
      ]);
      callback();
    });
    return this;
  }

  /** Ends connections that have to take another host route now, or are not to be intercepted any more. */
  reroute(): void {
    this.#h2.retire((origin) => origin === undefined || this.#tunnelled.leaves(origin));
    this.#tunnelled.retire((stream) => this.#edge.finish(stream));
  }

  /**
   * The connections that are open and that `accept` left as they are; those of TLS by their TLS. Those of HTTP/2 are
   * not among them, as Node reads their handles itself: their clients are asked to open another for their next
   * requests.
   */
  unwrappedSockets(): Iterable<Socket> {
    this.#h2.retire(() => true, true);
    return this.#connections.unwrapped();
  }

  /** Ends the listener and all that is open on it. */
  override close(): this {
    void this.stop();
    return this;
  }

  /** Resolves once nothing is left, after 2 s at most. */
  async stop(): Promise<void> {
    const server = this.httpServer;
    if (server === undefined) return;
    this.httpServer = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#connections.destroy();
    this.#admitter.destroy();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)));
    await Promise.race([closed, limit]);
    clearTimeout(timer);
  }

  override _onError(kind: string, _context: unknown, error: Error): void {
    this.#options.logger.warn(`The proxy's listener: ${messageOf(error)}`, { kind });
  }

  /**
   * Takes each request over at once. The package's own handlers (`onRequest`) come later: they cost a context of twenty
   * closures for each request, and the URL is rewritten by then.
   */
  override _onHttpServerRequest(_isSsl: boolean, request: IncomingMessage, response: ServerResponse): void {
    this.#edge.request(request, response, this.#tunnelled.originOf(request.socket), false);
  }

  override _onHttpServerConnect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { logger, session } = this.#options;
    socket.on('error', (error) => logger.debug('A client connection broke', { error: error.message }));
    const mayAsk = session.access?.admits(request.headers['proxy-authorization']) ?? true;
    if (!mayAsk && this.#tunnelled.originOf(socket) === undefined) {
      refuse(socket, credentialsWanted());
      return;
    }
    const authority = parseAuthority(request.url ?? '', 443);
    if (authority === undefined) {
      refuse(socket, badRequest(`CONNECT to ${JSON.stringify(request.url)}, which is not host:port`));
      return;
    }
    this.#tunnels.open(socket as Socket, head, authority, inHttp);
  }

  #receive(server: Server): void {
    server.on('request', (request, response) => this._onHttpServerRequest(false, request, response));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      this.#edge.request(request, response, this.#tunnelled.originOf(request.socket), true),
    );
    // Whatever else a client expects is for the server to meet or refuse.
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      this._onHttpServerRequest(false, request, response),
    );
    server.on('connect', (request, socket, head) => this._onHttpServerConnect(request, socket, head));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(server, request, socket, head));
    server.on('clientError', (error, socket) => this.#onClientError(server, error, socket as Socket));
  }

  /** Serves a client that speaks SOCKS 5, which Node's parser took for a request that makes no sense. */
  async #serveSocks(socket: Socket, error: ParserError): Promise<void> {
    const { logger, routes, session } = this.#options;
    detachFromParser(socket);
    socket.on('error', (failure) => logger.debug('A client connection broke', { error: failure.message }));
    if (error.rawPacket !== undefined) socket.unshift(error.rawPacket);
    let target: Target;
    try {
      target = await socksTarget(socket, session.access);
    } catch (failure) {
      logger.debug('A client of SOCKS was refused', { error: messageOf(failure) });
      return;
    }
    const route = routes?.find(target);
    if (route === undefined) this.#tunnels.open(socket, nothing, target, inSocks);
    else await this.#tunnels.sendOn(socket, target, route.port, inSocks);
  }

  /** Hands a connection within a tunnel to the HTTP server. */
  #serve(socket: Socket, origin: TunnelOrigin): void {
    this.#tunnelled.add(socket, origin);
    this.httpServer?.emit('connection', socket);
    socket.resume();
  }

  /** Serves HTTP/2. `accepted` is the connection that `socket` is, or that its TLS is over. */
  #serveH2(socket: Socket, accepted: Socket, origin: TunnelOrigin | undefined): void {
    const isUnwrapped = this.#connections.giveHandle(accepted, socket);
    const stream = isInstrumented(socket) ? new Relay(socket) : socket;
    if (stream !== socket) this.#connections.putOver(stream, socket);
    this.#h2.serve(stream, origin, isUnwrapped);
  }

  #onUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (/\bh2c\b/i.test(request.headers.upgrade ?? '')) {
      // A client that would like HTTP/2 but takes HTTP/1.1 as well: the offer concerns this connection only, so it is
      // dropped.
      socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), 'latin1'), head]));
      again(server, socket);
      return;
    }
    const origin = this.#tunnelled.originOf(socket);
    this.#edge.upgrade(request, socket, head, origin, (stream) => again(server, stream));
  }

  #onClientError(server: Server, error: Error & ParserError, socket: ServedSocket): void {
    const code = systemCode(error) ?? '';
    const origin = this.#tunnelled.originOf(socket);
    if (code === 'HPE_PAUSED_H2_UPGRADE') {
      takePreface(socket, error);
      this.#serveH2(socket, socket, origin);
      return;
    }
    if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) {
      socket.destroy();
      return;
    }
    const first = error.bytesParsed === 0 ? error.rawPacket : undefined;
    if (first !== undefined && isSocks(first) && origin === undefined && !this.#edge.hasServed(socket)) {
      void this.#serveSocks(socket, error);
      return;
    }
    if (code === 'HPE_INVALID_URL' && !socket._httpMessage) {
      void markTarget(socket, error, maxHeaderBytes).then((done) => {
        if (done) again(server, socket);
        else refuseMalformed(socket, error);
      });
      return;
    }
    refuseMalformed(socket, error);
  }
}

/** What Node's HTTP server notes on a connection: the response that is being given. */
interface ServedSocket extends Socket {
  _httpMessage?: { headersSent: boolean } | null;
}

/** Gives a connection that was taken back to the HTTP server, which reads on from what has not been read. */
function again(server: Server, socket: Duplex): void {
  server.emit('connection', socket);
  socket.resume();
}
