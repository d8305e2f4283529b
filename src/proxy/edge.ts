import type { Duplex } from 'node:stream';
import type { Logger } from '../core/logger.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import {
  authorityOf,
  ClientGoneError,
  urlOf,
  type Body,
  type HttpRequest,
  type HttpResponse,
  type HttpVersion,
  type RawHeaders,
} from '../http/index.js';
import { isCertificatePath, ownHost, ownPage } from './builtin-pages/own-pages.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { LiveExchange } from './live-exchange.js';
import { credentialsWanted } from './proxy-access.js';
import type { ProxySession } from './proxy-session.js';
import { badRequest, type RequestTarget, type TunnelOrigin } from './request-target.js';

interface EdgeOptions {
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

/** Where an exchange goes. `authority`: what the client named, where the URL does not show it. */
export type EdgeTarget = RequestTarget & {
  authority?: string | undefined;
  /** The client named the proxy's own address, and not the backend that is meant. */
  reversed?: true;
};

/** A request of a client, whatever protocol it came by. */
export interface EdgeRequest {
  method: string;
  /** As the client sent it: the path, or `*`. */
  path: string;
  httpVersion: HttpVersion;
  /** The tunnel that it came in. */
  origin: TunnelOrigin | undefined;
  connection: Duplex;
  /** Undefined: it is addressed to the proxy itself. Throws `PROXYCTL_BAD_REQUEST`. */
  target(): EdgeTarget | undefined;
  /** Where a request goes that is addressed to the proxy and means a backend all the same. */
  meantTarget?(): RequestTarget | undefined;
  /** The value of its `Proxy-Authorization`. */
  readonly proxyAuthorization: string | undefined;
  /** What the backend is to get. */
  headers(target: EdgeTarget): RawHeaders;
  /** Called once, when there is an exchange. */
  body(): Body;
  informational(status: number, headers: RawHeaders): void;
}

/** How a client gets its response, by its protocol. */
export interface EdgeWriter {
  /** The client takes nothing more. */
  readonly gone: boolean;
  /** The head of a response is on its way. */
  readonly begun: boolean;
  /** Throws, having written nothing or a part, when a header cannot be written. */
  respond(response: HttpResponse): void;
  /**
   * Writes the error's own response, or ends as the error says. `last`: what follows on the connection cannot be
   * trusted.
   */
  fail(error: unknown, last?: boolean): void;
  /** Ends a response that has begun and cannot go on. */
  breakOff(): void;
  /** `gone`: the client went away before the response had left. `over`: nothing more is written; once, behind that. */
  watch(events: { gone: (reason: Error) => void; over: () => void }): void;
}

/**
 * The way of each request at the client's side: its target (builtin pages, reverse sessions, loops), its exchange, the
 * watch of faults, the session's chain, its response or failure. What the protocols do differently is the request's and
 * the writer's.
 */
export class Edge {
  /** Connections on which a client has shown its credentials. */
  readonly #admitted = new WeakSet<Duplex>();

  constructor(readonly options: EdgeOptions) {}

  serve(request: EdgeRequest, writer: EdgeWriter): void {
    const target = this.#target(request, writer);
    if (target === undefined) return;
    const exchange = this.#exchange(request, target);
    const { session, acceptedOf } = this.options;
    const { connection } = request;
    const accepted = acceptedOf(connection);
    const watch = session.watchFaults?.(exchange, connection, accepted);
    writer.watch({
      gone: (reason) => exchange.abort(reason),
      over: () => watch !== undefined && session.faultsOver?.(watch, exchange, connection, accepted),
    });
    this.#handle(exchange).then(
      (response) => this.#respond(writer, response),
      (error: unknown) => this.#fail(writer, error, exchange),
    );
  }

  /** Where the request goes; undefined when it was answered here. */
  #target(request: EdgeRequest, writer: EdgeWriter): EdgeTarget | undefined {
    const { isOwn, session } = this.options;
    const { reverse } = session;
    const { method, path } = request;
    let target: EdgeTarget | undefined;
    try {
      target = request.target();
    } catch (error) {
      writer.fail(error, true);
      return undefined;
    }
    if (target === undefined) {
      if (reverse !== undefined && !isCertificatePath(path)) return reversed(reverse, path);
      const meant = request.meantTarget?.();
      if (meant !== undefined && meant.host !== ownHost && !isOwn(meant.host, meant.port))
        return this.#admits(request, writer, this.#admitted.has(request.connection)) ? meant : undefined;
      return this.#ownPage(writer, method, path);
    }
    const own = isOwn(target.host, target.port);
    if (target.host === ownHost || (own && isCertificatePath(target.target)))
      return this.#ownPage(writer, method, target.target);
    if (!own) return this.#admits(request, writer) ? target : undefined;
    // A client that has this address as its proxy and as its backend.
    if (reverse !== undefined) return reversed(reverse, target.target);
    writer.fail(loop(target.host, target.port));
    return undefined;
  }

  /**
   * Whether a client may use the proxy; else it was told what is wanted. What comes in a tunnel was admitted with it. A
   * handshake that only means a backend has no place for credentials: those that its connection showed before count.
   */
  #admits(request: EdgeRequest, writer: EdgeWriter, admittedBefore = false): boolean {
    const { access } = this.options.session;
    const { origin, connection, proxyAuthorization } = request;
    if (access === undefined || origin !== undefined || admittedBefore) return true;
    if (access.admits(proxyAuthorization)) {
      this.#admitted.add(connection);
      return true;
    }
    writer.fail(credentialsWanted());
    return false;
  }

  #ownPage(writer: EdgeWriter, method: string, path: string): undefined {
    writer.respond(ownPage(method, path, this.options.ca));
  }

  #exchange(request: EdgeRequest, target: EdgeTarget): LiveExchange {
    const { session } = this.options;
    const { method, httpVersion, origin } = request;
    const { scheme, host, port } = target;
    // Spreading would cost more than all else here: each request comes this way.
    const live: HttpRequest = {
      method,
      scheme,
      host,
      port,
      target: target.target,
      httpVersion,
      headers: request.headers(target),
      body: request.body(),
    };
    const exchange = new LiveExchange(session.id, session.nextIndex(), live, (status, headers) =>
      request.informational(status, headers),
    );
    const name = origin?.serverName;
    if (name !== undefined && name !== host) exchange.notes.serverName = name;
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

  #respond(writer: EdgeWriter, response: HttpResponse): void {
    if (writer.gone) {
      response.body.cancel(new ClientGoneError('the client went away'));
      response.upgraded?.stream.destroy();
      return;
    }
    try {
      writer.respond(response);
    } catch (error) {
      // A header that cannot be written: an override's, as the parsers let none through.
      this.options.logger.error('An answer could not be sent', { error: messageOf(error) });
      response.body.cancel(error as Error);
      if (writer.begun) writer.breakOff();
      else writer.fail(error);
    }
  }

  #fail(writer: EdgeWriter, error: unknown, exchange: LiveExchange): void {
    if (!(error instanceof ProxyctlError)) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.options.logger.error(`An exchange failed: ${messageOf(error)}`, { url: urlOf(exchange.request), stack });
    }
    if (!writer.gone) writer.fail(error);
  }
}

function reversed(reverse: Pick<RequestTarget, 'scheme' | 'host' | 'port'>, path: string): EdgeTarget {
  return { ...reverse, target: path, authority: authorityOf(reverse), reversed: true };
}

/** Refuses what would come back to the same listener for ever. */
export function loop(host: string, port: number): ProxyctlError {
  return badRequest(
    `${host}:${port} is this proxy itself: the request would go round in a loop`,
    'Ask for another host, or exempt this one in the NO_PROXY of your client.',
  );
}
