import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { hasHeader, type Exchange, type HttpResponse, type Next } from '../../http/index.js';
import { ClientCertificates, type ClientCertificate } from './client-certificates.js';
import { UpstreamConnection, type ConnectionOwner } from './connection.js';
import { Dialer, type DialTarget, type PlainConnection } from './dialer.js';
import { failure } from './failures.js';
import { H2Pool, type H2PoolOwner } from './h2-pool.js';
import { hostMatcher } from '../../core/host-pattern.js';
import type { Lookups } from './lookups.js';
import { Route, type RouteOptions } from './route/route.js';
import type { TargetGuard } from './target-guard.js';
import { Transaction } from './transaction.js';
import { trustContext } from './trust.js';

export interface UpstreamOptions extends RouteOptions {
  /** PEM certificates trusted besides the usual roots. */
  upstreamCa?: readonly string[];
  /** Hosts whose certificate is not verified (`*` wildcards). */
  insecureUpstream?: readonly string[];
  clientCertificates?: readonly ClientCertificate[];
  /** Name resolution, TCP and TLS together. Default 30 s. */
  connectTimeoutMs?: number;
  /** No byte either way while a response is awaited. Default 10 min. */
  idleTimeoutMs?: number;
  /** How long a connection that nothing uses is kept, unless the server says less. Default 4 s. */
  keepAliveMs?: number;
  /** Unused connections kept for each host. Default 256. */
  maxIdlePerHost?: number;
  /** Who sees names before they are resolved. Default: nobody. */
  lookups?: Lookups;
  /** What may be connected to. Default: everything. */
  guard?: TargetGuard | undefined;
}

/** The way to the backends: the end of a live session's chain. */
export interface Upstream {
  handle: Next;
  /** A raw connection, for a tunnel. Rejects with `UpstreamError`. */
  connect: (host: string, port: number, signal?: AbortSignal) => Promise<Socket>;
  /** TCP connections opened (or tried) so far. */
  connectionsOpened(): number;
  /** Ends all connections; exchanges under way fail. */
  close(): Promise<void>;
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY', 'PROPFIND']);
const tickMs = 500;
let lastTrustId = 0;

export function createUpstream(options: UpstreamOptions = {}): Upstream {
  const pool = new UpstreamPool(options);
  return {
    handle: (exchange) => pool.handle(exchange),
    connect: (host, port, signal) => pool.connect(host, port, signal),
    connectionsOpened: () => pool.dialer.opened,
    close: () => pool.close(),
  };
}

class UpstreamPool implements ConnectionOwner, H2PoolOwner {
  now = 0;
  readonly dialer: Dialer;
  readonly #free = new Map<string, UpstreamConnection[]>();
  readonly #all = new Set<UpstreamConnection>();
  readonly #idleTimeoutMs: number;
  readonly #keepAliveMs: number;
  readonly #maxIdle: number;
  readonly #h2: H2Pool;
  readonly #closing = new AbortController();
  #ticker: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: UpstreamOptions) {
    const { upstreamCa = [], insecureUpstream = [] } = options;
    // Each connection that is being made listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 600_000;
    this.#keepAliveMs = options.keepAliveMs ?? 4000;
    this.#maxIdle = options.maxIdlePerHost ?? 256;
    const identities = new ClientCertificates(options.clientCertificates ?? []);
    this.#h2 = new H2Pool(this, { keepAliveMs: this.#keepAliveMs, idleTimeoutMs: this.#idleTimeoutMs, tickMs });
    this.dialer = new Dialer({
      connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
      route: new Route(options),
      lookups: options.lookups,
      guard: options.guard,
      identity: (host, port) => identities.for(host, port),
      secureContext: (identity) => trustContext(upstreamCa, identity),
      insecure: hostMatcher(insecureUpstream),
      trustId: upstreamCa.length === 0 ? '' : String((lastTrustId += 1)),
    });
  }

  handle(exchange: Exchange): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const transaction = new Transaction(exchange, resolve, reject);
      // What the client speaks decides what the server is offered: it is to see what it would see without a proxy.
      if (exchange.request.httpVersion === 'HTTP/2.0') this.#h2.dispatch(transaction);
      else this.#dispatch(transaction, true);
    });
  }

  connect(host: string, port: number, signal?: AbortSignal): Promise<Socket> {
    const both = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    return this.dialer.tcp({ host, port }, undefined, both);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#ticker);
    const closed = [...this.#all].map((connection) => {
      const { socket } = connection;
      const gone = new Promise((resolve) => socket.once('close', resolve));
      connection.fail(failure('aborted', 'response', connection.target, 'the session ended'));
      return gone;
    });
    await Promise.all([...closed, this.#h2.close()]);
  }

  // ---- for the pool of HTTP/2 connections

  get closing(): boolean {
    return this.#closing.signal.aborted;
  }

  dial(exchange: Exchange, signal: AbortSignal): Promise<Socket> {
    const { scheme, host, port } = exchange.request;
    const both = AbortSignal.any([signal, this.#closing.signal]);
    if (scheme === 'http') return this.dialer.tcp({ host, port }, exchange, both);
    const { serverName } = exchange.notes;
    return this.dialer.tls({ host, port, serverName, alpn: ['h2', 'http/1.1'] }, exchange, both);
  }

  http1(transaction: Transaction, socket: Socket | undefined): void {
    if (socket === undefined) this.#dispatch(transaction, true);
    else this.#use({ socket, via: undefined }, transaction, this.keyOf(transaction.exchange));
  }

  keyOf({ request: { scheme, host, port }, notes: { serverName } }: Exchange): string {
    return `${scheme}|${host}|${port}|${serverName ?? ''}`;
  }

  nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  watch(): void {
    this.#ticker ??= setInterval(() => this.#tick(), tickMs).unref();
  }

  // ---- for connections

  free(connection: UpstreamConnection): void {
    connection.lastActive = this.now;
    const list = this.#free.get(connection.key);
    if (list === undefined) this.#free.set(connection.key, [connection]);
    else if (list.length < this.#maxIdle) list.push(connection);
    else connection.destroy();
  }

  gone(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const list = this.#free.get(connection.key);
    const at = list?.indexOf(connection) ?? -1;
    if (list !== undefined && at !== -1) list.splice(at, 1);
    if (list?.length === 0) this.#free.delete(connection.key);
  }

  /** A request that may be sent twice goes once more, on a new connection, when a kept one turned out to be closed. */
  retry(transaction: Transaction): boolean {
    const { method, body } = transaction.exchange.request;
    if (!idempotent.has(method) || body.length !== 0 || this.#closing.signal.aborted) return false;
    this.#dispatch(transaction, false);
    return true;
  }

  #dispatch(transaction: Transaction, mayReuse: boolean): void {
    const key = this.keyOf(transaction.exchange);
    const connection = mayReuse ? this.#take(key) : undefined;
    if (connection === undefined) {
      void this.#dial(transaction, key);
      return;
    }
    transaction.exchange.timings.blockedUntil = transaction.exchange.elapsed();
    this.#send(transaction, connection);
  }

  #take(key: string): UpstreamConnection | undefined {
    const list = this.#free.get(key);
    for (let connection = list?.pop(); connection !== undefined; connection = list?.pop()) {
      if (!connection.socket.destroyed && connection.socket.writable) return connection;
    }
    return undefined;
  }

  async #dial(transaction: Transaction, key: string): Promise<void> {
    const { exchange } = transaction;
    const { scheme, host, port, body } = exchange.request;
    const target: DialTarget = { host, port, serverName: exchange.notes.serverName };
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    transaction.unwatch();
    transaction.watch(stop);
    exchange.timings.blockedUntil = exchange.elapsed();
    try {
      const { socket, via } =
        scheme === 'https'
          ? { socket: await this.dialer.tls(target, exchange, abort.signal), via: undefined }
          : await this.#plain(exchange, target, abort.signal);
      transaction.unwatch();
      this.#use({ socket, via }, transaction, key);
    } catch (error) {
      transaction.unwatch();
      body.cancel(error instanceof Error ? error : new Error(String(error)));
      transaction.reject(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#closing.signal.removeEventListener('abort', stop);
    }
  }

  /** Another protocol needs the connection for itself, so for that a parent proxy is asked for a tunnel. */
  async #plain(exchange: Exchange, target: DialTarget, signal: AbortSignal): Promise<PlainConnection> {
    if (!hasHeader(exchange.request.headers, 'upgrade')) return this.dialer.plain(target, exchange, signal);
    return { socket: await this.dialer.tcp(target, exchange, signal), via: undefined };
  }

  #use({ socket, via }: PlainConnection, transaction: Transaction, key: string): void {
    const { host, port } = transaction.exchange.request;
    const connection = new UpstreamConnection({ socket, via, key, id: this.nextId(), target: { host, port } }, this);
    this.#all.add(connection);
    this.watch();
    this.#send(transaction, connection);
  }

  #send(transaction: Transaction, connection: UpstreamConnection): void {
    transaction.watch((reason) => {
      connection.fail(failure('aborted', 'response', connection.target, reason.message, { cause: reason }));
    });
    try {
      connection.send(transaction);
    } catch (error) {
      // The head could not be written as it is: nothing has been sent, but the connection's state is unknown.
      transaction.unwatch();
      connection.destroy();
      transaction.reject(error as Error);
    }
  }

  /** Ends what has been still for too long. */
  #tick(): void {
    this.now += tickMs / 1000;
    this.#h2.tick();
    if (this.#all.size === 0 && this.#h2.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    for (const connection of this.#all) {
      const stillMs = (this.now - connection.lastActive) * 1000;
      if (!connection.busy) {
        const limit = Math.min(this.#keepAliveMs, connection.keepAliveMs ?? Infinity);
        // A tick before the server's own limit, as it would be sent on a connection that is being closed.
        if (stillMs >= Math.max(limit - tickMs, tickMs)) connection.destroy();
      } else if (stillMs > this.#idleTimeoutMs && !connection.socket.isPaused()) {
        connection.fail(
          failure('timeout', 'response', connection.target, `nothing came for ${Math.round(stillMs / 1000)} s`),
        );
      }
    }
  }
}
