import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Exchange } from '../../http/index.js';
import { failure } from './failures.js';
import { H2Connection, type H2ConnectionOwner } from './h2-connection.js';
import type { H2Stream } from './h2-stream.js';
import type { Transaction } from './transaction.js';

/** How long a server is taken to speak HTTP/1.1 only, seconds. */
const http1OnlySeconds = 600;
/** How often a request is sent again that no server has looked at. */
const maxRetries = 3;

/** What it needs of the pool of HTTP/1.1 connections beside it. */
export interface H2PoolOwner {
  /** Seconds, coarse: it costs nothing to read. */
  now: number;
  readonly closing: boolean;
  /** Opens a connection to the exchange's host; over TLS it is asked for HTTP/2 first. */
  dial(exchange: Exchange, signal: AbortSignal): Promise<Socket>;
  /** Sends by HTTP/1.1: on this connection where one is given, else on any. */
  http1(transaction: Transaction, socket: Socket | undefined): void;
  keyOf(exchange: Exchange): string;
  nextId(): string;
  /** Time is to be kept. */
  watch(): void;
}

interface H2PoolLimits {
  keepAliveMs: number;
  idleTimeoutMs: number;
  tickMs: number;
}

/** What is known of one host, and who waits for a connection to it. */
class Host {
  readonly connections: H2Connection[] = [];
  readonly waiting = new Set<Transaction>();
  http1Until = 0;
  dialling = false;
}

/**
 * HTTP/2 connections to servers: one for each host, shared by all its streams, another only when the server takes no
 * more. Requests that come while it is opened wait for it, so that one connection is opened and not one for each. A
 * server that chose HTTP/1.1 is remembered, and its requests go there at once.
 */
export class H2Pool implements H2ConnectionOwner {
  readonly #hosts = new Map<string, Host>();
  readonly #retries = new WeakMap<Transaction, number>();

  constructor(
    readonly owner: H2PoolOwner,
    readonly limits: H2PoolLimits,
  ) {}

  get now(): number {
    return this.owner.now;
  }

  get size(): number {
    let size = 0;
    for (const { connections } of this.#hosts.values()) size += connections.length;
    return size;
  }

  dispatch(transaction: Transaction): void {
    const key = this.owner.keyOf(transaction.exchange);
    let host = this.#hosts.get(key);
    if (host === undefined) this.#hosts.set(key, (host = new Host()));
    if (host.http1Until > this.now && transaction.exchange.request.scheme === 'https') {
      this.owner.http1(transaction, undefined);
      return;
    }
    const connection = host.waiting.size === 0 ? host.connections.find(({ hasRoom }) => hasRoom) : undefined;
    if (connection !== undefined) {
      transaction.exchange.timings.blockedUntil = transaction.exchange.elapsed();
      this.#send(transaction, connection);
      return;
    }
    this.#wait(transaction, host);
    this.#serveWaiting(key, host);
  }

  /** Ends what has been still for too long. */
  tick(): void {
    const { keepAliveMs, idleTimeoutMs, tickMs } = this.limits;
    for (const { connections } of this.#hosts.values()) {
      for (const connection of [...connections]) {
        const stillMs = (this.now - connection.lastActive) * 1000;
        if (connection.streams.size === 0) {
          if (stillMs >= Math.max(keepAliveMs - tickMs, tickMs)) connection.retire();
          continue;
        }
        for (const stream of [...connection.streams]) {
          const silentMs = (this.now - stream.lastActive) * 1000;
          if (silentMs <= idleTimeoutMs || stream.paused) continue;
          const detail = `nothing came for ${Math.round(silentMs / 1000)} s`;
          stream.fail(failure('timeout', 'response', connection.target, detail));
        }
      }
    }
  }

  async close(): Promise<void> {
    const all = [...this.#hosts.values()];
    for (const { waiting } of all) {
      for (const transaction of [...waiting])
        this.#refuse(transaction, failure('aborted', 'connect', transaction.target, 'the session ended'));
    }
    await Promise.all(
      all
        .flatMap(({ connections }) => [...connections])
        .map((connection) => connection.end(failure('aborted', 'response', connection.target, 'the session ended'))),
    );
  }

  // ---- for connections

  changed(connection: H2Connection): void {
    const host = this.#hosts.get(connection.key);
    if (host === undefined) return;
    if (!connection.usable) this.#remove(host, connection);
    if (host.waiting.size > 0) this.#serveWaiting(connection.key, host);
  }

  gone(connection: H2Connection): void {
    const host = this.#hosts.get(connection.key);
    if (host === undefined) return;
    this.#remove(host, connection);
    if (host.waiting.size > 0) this.#serveWaiting(connection.key, host);
    else if (host.connections.length === 0 && !host.dialling && host.http1Until <= this.now)
      this.#hosts.delete(connection.key);
  }

  /**
   * A refused request goes once more whatever it is, as the server has done nothing with it; another one only if it may
   * be sent twice and a connection that had served before turned out to be closed. Neither once its body is on the way.
   */
  retry(connection: H2Connection, transaction: Transaction, refused: boolean): boolean {
    const { method, body } = transaction.exchange.request;
    const before = this.#retries.get(transaction) ?? 0;
    const broken = connection.socket.destroyed && connection.served > 1 && before === 0 && idempotent.has(method);
    if (this.owner.closing || body.length !== 0 || !(broken || (refused && before < maxRetries))) return false;
    this.#retries.set(transaction, before + 1);
    transaction.unwatch();
    if (!refused) this.#retire(connection);
    this.dispatch(transaction);
    return true;
  }

  #retire(connection: H2Connection): void {
    const host = this.#hosts.get(connection.key);
    if (host !== undefined) this.#remove(host, connection);
  }

  #remove(host: Host, connection: H2Connection): void {
    // One that goes away is kept in sight until its last stream has ended.
    if (connection.streams.size > 0 && !connection.session.destroyed) return;
    const at = host.connections.indexOf(connection);
    if (at !== -1) host.connections.splice(at, 1);
  }

  #wait(transaction: Transaction, host: Host): void {
    host.waiting.add(transaction);
    transaction.unwatch();
    transaction.watch((reason) => {
      host.waiting.delete(transaction);
      this.#refuse(transaction, failure('aborted', 'connect', transaction.target, reason.message, { cause: reason }));
    });
  }

  /** Gives room to those that wait, and opens another connection when there is none for somebody. */
  #serveWaiting(key: string, host: Host): void {
    for (const transaction of [...host.waiting]) {
      const connection = host.connections.find(({ hasRoom }) => hasRoom);
      if (connection === undefined) break;
      host.waiting.delete(transaction);
      transaction.unwatch();
      this.#send(transaction, connection);
    }
    const [first] = host.waiting;
    const mayGrow = host.connections.some(({ usable, settled }) => usable && !settled);
    if (first === undefined || host.dialling || mayGrow || this.owner.closing) return;
    void this.#dial(first.exchange, key, host);
  }

  async #dial(exchange: Exchange, key: string, host: Host): Promise<void> {
    const { owner } = this;
    const abort = new AbortController();
    host.dialling = true;
    // Once nobody waits any more the connection is not needed.
    const watch = setInterval(() => host.waiting.size === 0 && abort.abort(), 250);
    for (const { exchange: waiting } of host.waiting) waiting.timings.blockedUntil = waiting.elapsed();
    try {
      const socket = await owner.dial(exchange, abort.signal);
      host.dialling = false;
      if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
        this.#speaksHttp1(host, socket);
        return;
      }
      const { scheme, host: name, port } = exchange.request;
      host.connections.push(new H2Connection(socket, key, owner.nextId(), { scheme, host: name, port }, this));
      owner.watch();
      this.#serveWaiting(key, host);
    } catch (error) {
      host.dialling = false;
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const transaction of [...host.waiting]) this.#refuse(transaction, reason);
      host.waiting.clear();
      if (host.connections.length === 0) this.#hosts.delete(key);
    } finally {
      clearInterval(watch);
    }
  }

  #speaksHttp1(host: Host, socket: Socket): void {
    host.http1Until = this.now + http1OnlySeconds;
    const waiting = [...host.waiting];
    host.waiting.clear();
    let free: Socket | undefined = socket;
    for (const transaction of waiting) {
      transaction.unwatch();
      this.owner.http1(transaction, free);
      free = undefined;
    }
    free?.destroy();
  }

  #send(transaction: Transaction, connection: H2Connection): void {
    let stream: H2Stream | undefined;
    try {
      stream = connection.send(transaction);
    } catch (error) {
      this.#refuse(transaction, error as Error);
      return;
    }
    transaction.watch((reason) =>
      stream.fail(failure('aborted', 'response', connection.target, reason.message, { cause: reason })),
    );
  }

  #refuse(transaction: Transaction, reason: Error): void {
    transaction.unwatch();
    transaction.exchange.request.body.cancel(reason);
    transaction.reject(reason);
  }
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY', 'PROPFIND']);
