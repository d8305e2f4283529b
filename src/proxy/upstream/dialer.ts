import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { ExchangeNotes, ExchangeTimings } from '../../http/index.js';
import type { ClientIdentity } from './client-certificates.js';
import { failure, failureOf, type Target } from './failures.js';
import type { Lookups } from './lookups.js';
import type { TargetGuard } from './target-guard.js';
import { openTunnel } from './route/connect-tunnel.js';
import type { ParentProxy } from '../../protocol/parent-proxy.js';
import type { Route } from './route/route.js';
import { TlsSessions } from './tls-sessions.js';

export interface DialTarget extends Target {
  /** Name for SNI and for the check of the certificate, where it is not `host`. */
  serverName?: string;
  /** What is offered by ALPN, the best first. Default: HTTP/1.1 alone. */
  alpn?: readonly string[];
}

/** Where the times of a connection's steps go, and what is to be said of them. */
interface DialClock {
  timings: ExchangeTimings;
  elapsed(): number;
  notes?: ExchangeNotes;
}

interface DialerOptions {
  connectTimeoutMs: number;
  route: Route;
  lookups?: Lookups | undefined;
  /** What may be connected to. Default: everything. */
  guard?: TargetGuard | undefined;
  /** Who we are to this host, if it asks. */
  identity(host: string, port: number): ClientIdentity | undefined;
  secureContext(identity: ClientIdentity | undefined): Promise<SecureContext>;
  /** Whether this host's certificate is not to be verified. */
  insecure(host: string, port: number): boolean;
  /** Tells sessions of one trust from those of another. */
  trustId: string;
}

/**
 * A connection for plain HTTP. `via`: it goes to this proxy, which wants to be asked in absolute form (RFC 9112
 * §3.2.2).
 */
export interface PlainConnection {
  socket: Socket;
  via: ParentProxy | undefined;
}

const tlsSessions = new TlsSessions();

/**
 * Opens connections to backends: name resolution, the faster address family (RFC 8305, by Node), TLS with verification.
 * Every failure is an `UpstreamError` of the phase `connect`.
 */
export class Dialer {
  /** TCP connections begun so far. */
  opened = 0;
  readonly #options: DialerOptions;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Raw bytes to the target and back, through the parent proxy's tunnel where there is one. */
  async tcp(target: Target, clock?: DialClock, signal?: AbortSignal): Promise<Socket> {
    const deadline = new Deadline(target, this.#options.connectTimeoutMs, signal);
    return deadline.over(deadline.race(this.#reach(target, deadline, clock)));
  }

  async plain(target: Target, clock?: DialClock, signal?: AbortSignal): Promise<PlainConnection> {
    const via = this.#options.route.proxyFor(target);
    if (via === undefined) return { socket: await this.tcp(target, clock, signal), via };
    const deadline = new Deadline(via, this.#options.connectTimeoutMs, signal);
    const reached = this.#mayThrough(target).then(() => this.#reachProxy(via, deadline, clock));
    return { socket: await deadline.over(deadline.race(reached)), via };
  }

  async tls(target: DialTarget, clock?: DialClock, signal?: AbortSignal): Promise<TLSSocket> {
    const deadline = new Deadline(target, this.#options.connectTimeoutMs, signal);
    return deadline.over(this.#tls(target, deadline, clock));
  }

  async #tls(target: DialTarget, deadline: Deadline, clock?: DialClock): Promise<TLSSocket> {
    const context = this.#options.secureContext(this.#options.identity(target.host, target.port));
    return this.#secure(target, context, this.#reach(target, deadline, clock), deadline, clock);
  }

  async #secure(
    target: DialTarget,
    context: Promise<SecureContext>,
    reached: Promise<Socket>,
    deadline: Deadline,
    clock?: DialClock,
  ): Promise<TLSSocket> {
    const [secureContext, socket] = await deadline.race(Promise.all([context, reached]));
    return deadline.race(this.#handshake(target, socket, secureContext, deadline, clock));
  }

  async #reach(target: Target, deadline: Deadline, clock?: DialClock): Promise<Socket> {
    const { route } = this.#options;
    const proxy = route.proxyFor(target);
    if (proxy === undefined) return this.#tcp(target, route.addressOf(target), deadline, clock, this.#options.guard);
    await this.#mayThrough(target);
    const socket = await this.#reachProxy(proxy, deadline, clock);
    await openTunnel(socket, target, proxy);
    if (clock !== undefined) clock.timings.connectEnd = clock.elapsed();
    return socket;
  }

  #reachProxy(proxy: ParentProxy, deadline: Deadline, clock?: DialClock): Promise<Socket> {
    const reached = this.#tcp(proxy, proxy, deadline, clock);
    if (proxy.scheme === 'http') return reached;
    return this.#secure(proxy, this.#options.secureContext(undefined), reached, deadline);
  }

  /** A proxy in between is where we were told to go: what it is asked for is what may be refused. */
  async #mayThrough(target: Target): Promise<void> {
    await this.#options.guard?.throughProxy(target);
  }

  async #tcp(
    target: Target,
    address: Target,
    deadline: Deadline,
    clock?: DialClock,
    guard?: TargetGuard,
  ): Promise<Socket> {
    this.opened += 1;
    const resolving = isIP(address.host) === 0;
    const start = clock?.elapsed();
    if (clock !== undefined && resolving) clock.timings.dnsStart = start;
    if (clock !== undefined && !resolving) clock.timings.connectStart = start;
    const wait = resolving ? this.#options.lookups?.before(address.host, target, clock?.notes) : undefined;
    if (wait !== undefined) await deadline.race(wait);
    const refusal = resolving ? undefined : guard?.refusal(address.host, address.port, target);
    if (refusal !== undefined) throw refusal;
    return this.#open(target, address, deadline, clock, guard);
  }

  #open(target: Target, address: Target, deadline: Deadline, clock?: DialClock, guard?: TargetGuard): Promise<Socket> {
    const resolving = isIP(address.host) === 0;
    return new Promise((resolve, reject) => {
      const socket = connectTcp({
        host: address.host,
        port: address.port,
        noDelay: true,
        autoSelectFamily: true,
        allowHalfOpen: true,
        ...(guard === undefined ? {} : { lookup: guard.lookup(address.port, target) }),
      });
      deadline.guard(socket);
      if (resolving) {
        socket.once('lookup', (error: Error | null) => {
          if (clock !== undefined) clock.timings.dnsEnd = clock.timings.connectStart = clock.elapsed();
          if (error === null) this.#options.lookups?.resolved(address.host);
        });
      }
      socket.once('connect', () => {
        if (clock !== undefined) clock.timings.connectEnd = clock.elapsed();
        socket.off('error', fail);
        resolve(socket);
      });
      socket.on('error', fail);
      function fail(error: Error): void {
        reject(failureOf(error, 'connect', target, 'unreachable'));
      }
    });
  }

  #handshake(
    target: DialTarget,
    socket: Socket,
    secureContext: SecureContext,
    deadline: Deadline,
    clock?: DialClock,
  ): Promise<TLSSocket> {
    if (clock !== undefined) clock.timings.tlsStart = clock.elapsed();
    const name = target.serverName ?? target.host;
    const insecure = this.#options.insecure(target.host, target.port);
    const identity = this.#options.identity(target.host, target.port)?.id ?? '';
    const trust = `${this.#options.trustId}|${insecure ? 'insecure' : ''}|${identity}`;
    const sessionKey = `${trust}|${target.host}|${target.port}|${name}`;
    return new Promise((resolve, reject) => {
      const tls = connectTls({
        socket,
        secureContext,
        host: name,
        // An address is no server name (RFC 6066 §3).
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ALPNProtocols: [...(target.alpn ?? ['http/1.1'])],
        session: tlsSessions.get(sessionKey),
        rejectUnauthorized: !insecure,
      });
      deadline.guard(tls);
      tls.on('session', (session: Buffer) => tlsSessions.set(sessionKey, session));
      tls.once('secureConnect', () => {
        if (clock !== undefined) clock.timings.tlsEnd = clock.elapsed();
        tls.off('error', fail).off('close', closed);
        resolve(tls);
      });
      tls.on('error', fail).once('close', closed);
      function fail(error: Error): void {
        tlsSessions.delete(sessionKey);
        reject(failureOf(error, 'connect', target, 'tls'));
      }
      function closed(): void {
        reject(failure('tls', 'connect', target, 'it closed the connection during the TLS handshake'));
      }
    });
  }
}

/** One time limit over several steps. Past it, or when the signal says so, the guarded sockets are destroyed. */
class Deadline {
  readonly #sockets: Socket[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #failed: Promise<never>;
  #onAbort: (() => void) | undefined;
  #signal: AbortSignal | undefined;

  constructor(target: Target, limitMs: number, signal: AbortSignal | undefined) {
    let fail: (error: Error) => void = () => undefined;
    this.#failed = new Promise<never>((_, reject) => (fail = reject));
    this.#failed.catch(() => undefined);
    const stop = (error: Error): void => {
      fail(error);
      this.#destroy();
    };
    this.#timer = setTimeout(() => {
      stop(failure('timeout', 'connect', target, `no connection within ${limitMs} ms`));
    }, limitMs);
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => stop(failure('aborted', 'connect', target, 'the client went away'));
      if (signal.aborted) this.#onAbort();
      else signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  race<T>(step: Promise<T>): Promise<T> {
    step.catch(() => undefined);
    return Promise.race([step, this.#failed]);
  }

  guard(socket: Socket): void {
    this.#sockets.push(socket);
  }

  /** The last step: once it is done the limit no longer counts, and if it fails nothing stays open. */
  async over<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      this.#destroy();
      throw error;
    } finally {
      this.#clear();
    }
  }

  #destroy(): void {
    for (const socket of this.#sockets) socket.on('error', () => undefined).destroy();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
