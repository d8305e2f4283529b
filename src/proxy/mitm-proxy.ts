import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { Proxy as HttpMitmProxy } from 'http-mitm-proxy';
import type { Logger } from '../core/logger.js';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { parseAuthority } from '../http/index.js';
import { isInstrumented } from '../network/stage/instrumented-socket.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { firstTarget, type HostRoutes, type Target } from './host-routes.js';
import { H2Edge } from './h2/h2-edge.js';
import { takePreface } from './h2/take-preface.js';
import { Edge } from './edge.js';
import { HttpEdge } from './http-edge.js';
import type { ProxySession } from './proxy-session.js';
import { markTarget } from './raw-target.js';
import { refuse } from './refuse.js';
import { Relay } from './relay.js';
import { badRequest, type TunnelOrigin } from './request-target.js';
import { isSocks, socksTarget } from './socks.js';
import { detachFromParser, type ParserError } from './detach-from-parser.js';
import { tunnel } from './tunnel.js';
import { ownHost } from './builtin-pages/own-pages.js';
import { inHttp, inSocks, Tunnels } from './tunnels.js';
import type { Upstream } from './upstream/upstream.js';

/** What becomes of a connection of a client's: `reset`, or served, after so long; `undefined`: at once. */
export type Admission = (socket: Socket) => 'reset' | { delayMs: number } | undefined;

export interface MitmProxyOptions {
  host: string;
  port: number;
  session: ProxySession;
  ca: CertificateAuthority;
  logger: Logger;
  connect: Upstream['connect'];
  /** Further `host:port` under which clients reach this listener. */
  aliases: readonly string[];
  /** Puts something between a client's connection and the proxy, such as a modelled network. Default: nothing. */
  accept?: ((socket: Socket) => Duplex) | undefined;
  admit?: Admission | undefined;
  /** Which connections go another way, by the host that they are to. */
  routes?: HostRoutes | undefined;
}

const maxHeaderBytes = 256 * 1024;
/** How long a client may take over the head of a request, ms. Slow links are what this product is for. */
const headersTimeoutMs = 300_000;
const handshakeTimeoutMs = 120_000;
/** What is open when the listener closes gets so long to go, ms. */
const closeMs = 2000;
const nothing = Buffer.alloc(0);
/** What may wait for a slow client before the server is held back. Node's own 16 KiB hold it back at each TLS record. */
const bufferBytes = 128 * 1024;

/**
 * One session's listener: http-mitm-proxy with its listening, CONNECT, TLS and error handling replaced where it falls short.
 * TLS ends in this process, by one key for all hosts, and its requests enter the same HTTP server as plain ones.
 */
export class MitmProxy extends HttpMitmProxy {
  readonly #options: MitmProxyOptions;
  readonly #edge: HttpEdge;
  readonly #h2: H2Edge;
  readonly #tunnels: Tunnels;
  readonly #sockets = new Set<Duplex>();
  /** Those that wait until they are served. */
  readonly #held = new Set<Socket>();
  /** Connections that `accept` left as they are, with what is read and written of each: its TLS once there is one. */
  readonly #unwrapped = new Map<Socket, Socket>();
  /** What a connection inside a tunnel is to. */
  readonly #origins = new WeakMap<Duplex, TunnelOrigin>();
  /** Those of HTTP/1 that are open. */
  readonly #tunnelled = new Map<Duplex, TunnelOrigin>();
  /** Those that are to be closed after the request that is under way on them. */
  readonly #leaving = new WeakSet<Duplex>();
  /** Of each stream over another: the one below it. */
  readonly #below = new WeakMap<Duplex, Duplex>();
  #own = new Set<string>();

  constructor(options: MitmProxyOptions) {
    super();
    this.#options = options;
    const { session, ca, logger } = options;
    const isOwn = (host: string, port: number): boolean => this.#own.has(`${host}:${port}`);
    const acceptedOf = (stream: Duplex): Duplex => {
      const below = this.#below.get(stream);
      return below === undefined ? stream : acceptedOf(below);
    };
    const edge = new Edge({ session, ca, logger, isOwn, acceptedOf, isLast: (stream) => this.#isLast(stream) });
    this.#edge = new HttpEdge(edge);
    this.#h2 = new H2Edge(edge);
    this.#tunnels = new Tunnels({
      session,
      connect: options.connect,
      isOwn,
      tls: (socket, authority) => this.#intercept(socket, { scheme: 'https', ...authority }),
      http: (socket, authority) => this.#serve(socket, { scheme: 'http', ...authority }),
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

  /** As the package's, but without its CA, its agents and its WebSocket server, and with an error for a port in use. */
  override listen(options: { host?: string; port?: number }, callback: (error?: Error | null) => void): this {
    const { host = '127.0.0.1', port = 0 } = options;
    this.options = options;
    const server = createServer({
      maxHeaderSize: maxHeaderBytes,
      insecureHTTPParser: false,
      requireHostHeader: false,
      headersTimeout: headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      // Finds clients that vanished.
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      noDelay: true,
      highWaterMark: bufferBytes,
    });
    // Else what is over 2000 would be dropped without a word; the head's size has its own limit.
    server.maxHeadersCount = 0;
    this.#admit(server);
    server.on('request', (request, response) => this._onHttpServerRequest(false, request, response));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      this.#edge.request(request, response, this.#origins.get(request.socket), true),
    );
    // Whatever else a client expects is for the server to meet or refuse.
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      this._onHttpServerRequest(false, request, response),
    );
    server.on('connect', (request, socket, head) => this._onHttpServerConnect(request, socket, head));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(server, request, socket, head));
    server.on('clientError', (error, socket) => this.#onClientError(server, error, socket as Socket));
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

  /** Stands before the HTTP server's own listener: it is to see what `accept` makes of a new connection. */
  #admit(server: Server): void {
    const serve = server.listeners('connection') as ((socket: Duplex) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.#sockets.has(socket)) {
        serve.forEach((listener) => void listener.call(server, socket));
        return;
      }
      const fate = this.#options.admit?.(socket);
      const admitted = (): void => {
        const stream = this.#accepted(socket);
        const begin = (): void => serve.forEach((listener) => void listener.call(server, stream));
        if (this.#options.routes?.active !== true) begin();
        else void this.#route(this.#options.routes, stream, begin);
      };
      if (fate === undefined) admitted();
      else if (fate === 'reset') socket.resetAndDestroy();
      else this.#hold(socket, fate.delayMs, admitted);
    });
  }

  /** Lets a connection wait before it is served. */
  #hold(socket: Socket, delayMs: number, admitted: () => void): void {
    const broke = (error: Error): void =>
      this.#options.logger.debug('A client connection broke', { error: error.message });
    const timer = setTimeout(() => {
      this.#held.delete(socket);
      if (socket.destroyed) return;
      socket.off('error', broke);
      admitted();
    }, delayMs);
    this.#held.add(socket);
    socket.once('error', broke).once('close', () => {
      clearTimeout(timer);
      this.#held.delete(socket);
    });
  }

  /** Sends a connection the way that its host has, or serves it here. */
  async #route(routes: HostRoutes, stream: Duplex, begin: () => void): Promise<void> {
    const { logger, session } = this.#options;
    const target = await firstTarget(stream, session.reverse);
    if (stream.destroyed) return;
    const route = target === undefined ? undefined : routes.find(target);
    if (target === undefined || route === undefined) {
      begin();
      stream.resume();
      return;
    }
    const onward = connectTcp({ host: '127.0.0.1', port: route.port, noDelay: true, allowHalfOpen: true });
    this.#sockets.add(onward);
    onward.once('close', () => this.#sockets.delete(onward));
    const report = await tunnel({ client: stream, server: onward }, { ...target, reason: 'host-toxics' });
    if (report.error !== undefined)
      logger.debug('A connection with toxics of its host broke', { ...target, error: report.error });
  }

  /** Lets connections go that have to take another way from now on, or are not to be opened any more. */
  reroute(): void {
    this.#h2.retire((origin) => origin === undefined || this.#leaves(origin));
    for (const [stream, origin] of this.#tunnelled) {
      if (!this.#leaves(origin)) continue;
      this.#leaving.add(stream);
      this.#edge.finish(stream);
    }
  }

  #leaves(origin: TunnelOrigin): boolean {
    const { routes, session } = this.#options;
    if (routes?.find(origin) !== undefined) return true;
    return origin.host !== ownHost && session.interception(origin.host, origin.port) !== true;
  }

  /** Whether a connection ends with the request that is under way on it: the next one may have another way. */
  #isLast(stream: Duplex): boolean {
    const { routes } = this.#options;
    if (this.#leaving.has(stream)) return true;
    if (routes?.divides !== true) return false;
    const origin = this.#origins.get(stream);
    return origin === undefined || (this.#tunnelled.has(stream) && routes.find(origin) !== undefined);
  }

  #accepted(socket: Socket): Duplex {
    const stream = this.#options.accept?.(socket) ?? socket;
    for (const each of new Set([socket, stream])) {
      this.#sockets.add(each);
      each.once('close', () => this.#sockets.delete(each));
    }
    if (stream === socket) {
      this.#unwrapped.set(socket, socket);
      socket.once('close', () => this.#unwrapped.delete(socket));
    }
    return stream;
  }

  /**
   * The connections that are open and that `accept` left as they are; those of TLS by their TLS. Those of HTTP/2 are not among
   * them, as Node reads their handles itself: their clients are told to open another for what they ask from now on.
   */
  unwrappedSockets(): Iterable<Socket> {
    this.#h2.retire(() => true, true);
    return this.#unwrapped.values();
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
    for (const socket of [...this.#sockets, ...this.#held]) socket.destroy();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)));
    await Promise.race([closed, limit]);
    clearTimeout(timer);
  }

  override _onError(kind: string, _context: unknown, error: Error): void {
    this.#options.logger.warn(`The proxy's listener: ${messageOf(error)}`, { kind });
  }

  /**
   * Takes each request over at once. The package's own way to here, its `onRequest` handlers, costs a context of twenty
   * closures for each request, and has rewritten the URL by then.
   */
  override _onHttpServerRequest(_isSsl: boolean, request: IncomingMessage, response: ServerResponse): void {
    this.#edge.request(request, response, this.#origins.get(request.socket), false);
  }

  override _onHttpServerConnect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { logger } = this.#options;
    socket.on('error', (error) => logger.debug('A client connection broke', { error: error.message }));
    const authority = parseAuthority(request.url ?? '', 443);
    if (authority === undefined) {
      refuse(socket, badRequest(`CONNECT to ${JSON.stringify(request.url)}, which is not host:port`));
      return;
    }
    this.#tunnels.open(socket as Socket, head, authority, inHttp);
  }

  /** A client that speaks SOCKS 5, which Node's parser took for a request that makes no sense. */
  async #serveSocks(socket: Socket, error: ParserError): Promise<void> {
    const { logger, routes } = this.#options;
    detachFromParser(socket);
    socket.on('error', (failure) => logger.debug('A client connection broke', { error: failure.message }));
    if (error.rawPacket !== undefined) socket.unshift(error.rawPacket);
    let target: Target;
    try {
      target = await socksTarget(socket);
    } catch (failure) {
      logger.debug('A client of SOCKS was refused', { error: messageOf(failure) });
      return;
    }
    const route = routes?.find(target);
    if (route === undefined) this.#tunnels.open(socket, nothing, target, inSocks);
    else await this.#tunnels.sendOn(socket, target, route.port, inSocks);
  }

  #intercept(socket: Socket, origin: TunnelOrigin): void {
    const { ca, logger, session } = this.#options;
    const { host, port } = origin;
    // TLS reads the handle of a socket itself, and would pass by what was put into one.
    const tls: TLSSocket = new TLSSocket(isInstrumented(socket) ? new Relay(socket) : socket, {
      isServer: true,
      secureContext: ca.contextFor(host),
      SNICallback: (name, done) => {
        const asked = name.toLowerCase();
        try {
          done(null, asked === host ? undefined : ca.contextFor(asked));
        } catch (error) {
          done(error as Error);
        }
      },
      ALPNProtocols: ['h2', 'http/1.1'],
      highWaterMark: bufferBytes,
    } as TLSSocketOptions);
    this.#below.set(tls, socket);
    this.#sockets.add(tls);
    if (this.#unwrapped.has(socket)) this.#unwrapped.set(socket, isInstrumented(socket) ? socket : tls);
    const limit = setTimeout(() => tls.destroy(new Error('TLS handshake timed out')), handshakeTimeoutMs);
    // A client that ends its half within the handshake waits for nothing, half open or not.
    const gone = (): void => void tls.destroy();
    tls.once('end', gone);
    tls.on('error', (error: Error) => {
      if (refusedCertificate(error)) {
        session.certificateRefused(host, port);
      } else {
        logger.debug(`TLS with a client failed`, { host, port, error: messageOf(error) });
      }
    });
    tls.once('close', () => {
      clearTimeout(limit);
      this.#sockets.delete(tls);
    });
    tls.once('secure', () => {
      clearTimeout(limit);
      tls.off('end', gone);
      // What a TLS server does before it hands a socket out: from here on errors are the socket's own.
      const released = tls as unknown as {
        _releaseControl(): boolean;
        secureConnecting: boolean;
        servername: string | false | null;
      };
      released._releaseControl();
      released.secureConnecting = false;
      const name = released.servername;
      const named = { ...origin, ...(typeof name === 'string' ? { serverName: name.toLowerCase() } : {}) };
      if (tls.alpnProtocol === 'h2') this.#serveH2(tls, socket, named);
      else this.#serve(tls, named);
    });
  }

  /** Hands a connection within a tunnel to the HTTP server. */
  #serve(socket: Socket, origin: TunnelOrigin): void {
    this.#origins.set(socket, origin);
    this.#tunnelled.set(socket, origin);
    socket.once('close', () => this.#tunnelled.delete(socket));
    this.httpServer?.emit('connection', socket);
    socket.resume();
  }

  /** `accepted` is the connection that `socket` is, or that its TLS is over. */
  #serveH2(socket: Socket, accepted: Socket, origin: TunnelOrigin | undefined): void {
    const handleIsUnwrapped = this.#unwrapped.get(accepted) === socket;
    if (handleIsUnwrapped) this.#unwrapped.delete(accepted);
    const stream = isInstrumented(socket) ? new Relay(socket) : socket;
    if (stream !== socket) this.#below.set(stream, socket);
    this.#h2.serve(stream, origin, handleIsUnwrapped);
  }

  #onUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (/\bh2c\b/i.test(request.headers.upgrade ?? '')) {
      // A client that would like HTTP/2 but takes HTTP/1.1 as well: the offer concerns this connection only, so it is dropped.
      socket.unshift(Buffer.concat([Buffer.from(withoutOffer(request), 'latin1'), head]));
      again(server, socket);
      return;
    }
    this.#edge.upgrade(request, socket, head, this.#origins.get(socket), (stream) => again(server, stream));
  }

  #onClientError(server: Server, error: Error & ParserError, socket: ServedSocket): void {
    const code = systemCode(error) ?? '';
    if (code === 'HPE_PAUSED_H2_UPGRADE') {
      takePreface(socket, error);
      this.#serveH2(socket, socket, this.#origins.get(socket));
      return;
    }
    if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) {
      socket.destroy();
      return;
    }
    const first = error.bytesParsed === 0 ? error.rawPacket : undefined;
    if (first !== undefined && isSocks(first) && !this.#origins.has(socket) && !this.#edge.hasServed(socket)) {
      void this.#serveSocks(socket, error);
      return;
    }
    if (code === 'HPE_INVALID_URL' && !socket._httpMessage) {
      void markTarget(socket, error, maxHeaderBytes).then((done) => {
        if (done) again(server, socket);
        else refuseMalformed(socket, error, code);
      });
      return;
    }
    refuseMalformed(socket, error, code);
  }
}

/** What Node's HTTP server notes on a connection: the response that is being given. */
interface ServedSocket extends Socket {
  _httpMessage?: { headersSent: boolean } | null;
}

/** Gives a connection that was taken back to the HTTP server, from what is to be read of it on. */
function again(server: Server, socket: Duplex): void {
  server.emit('connection', socket);
  socket.resume();
}

function refuseMalformed(socket: Duplex, error: Error, code: string): void {
  const [status, message] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [431, `The head of the request is over ${maxHeaderBytes} bytes`]
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, `The head of the request did not come within ${headersTimeoutMs / 1000} s`]
        : [400, `The request is not valid HTTP/1.1: ${error.message}`];
  refuse(socket, badRequest(message), status);
}

/** `host:port` of each authority; a loopback or any-address is known by its other names as well. */
function ownAuthorities(authorities: readonly string[]): Set<string> {
  const own = new Set<string>();
  for (const text of authorities) {
    const authority = parseAuthority(text, 80);
    if (authority === undefined) continue;
    const { host, port } = authority;
    own.add(`${host}:${port}`);
    if (!/^(127\.|localhost$|::1$|0\.0\.0\.0$|::$)/.test(host)) continue;
    for (const name of ['127.0.0.1', 'localhost', '::1']) own.add(`${name}:${port}`);
  }
  return own;
}

function listenFailure(error: Error, host: string, port: number): Error {
  if (systemCode(error) !== 'EADDRINUSE') return error;
  return new ProxyctlError('PROXYCTL_PORT_IN_USE', `Port ${port} on ${host} is in use`, {
    cause: error,
    hint: 'Choose another port, or 0 for any free one.',
    data: { host, port },
  });
}

/** A TLS alert by which a client says that it does not accept the certificate (RFC 8446 §6.2). */
function refusedCertificate(error: Error): boolean {
  return /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|UNSUPPORTED_CERTIFICATE)/.test(
    systemCode(error) ?? '',
  );
}

/** The request's head again, without its offer of h2c. */
function withoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method ?? 'GET'} ${url ?? '/'} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (/^(connection|upgrade|http2-settings)$/i.test(name)) continue;
    text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  return `${text}\r\n`;
}
