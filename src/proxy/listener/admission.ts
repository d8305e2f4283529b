import type { Server } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../core/logger.js';
import { firstTarget, type HostRoutes } from '../host-routes.js';
import type { ProxySession } from '../proxy-session.js';
import { tunnel } from '../tunnel.js';
import type { ClientConnections } from './client-connections.js';

/** The fate of a client's connection: `reset`, or served after a delay; `undefined`: served at once. */
export type Admission = (socket: Socket) => 'reset' | { delayMs: number } | undefined;

export interface AdmitterOptions {
  session: ProxySession;
  logger: Logger;
  /** Puts something between a client's connection and the proxy, such as a modelled network. Default: nothing. */
  accept?: ((socket: Socket) => Duplex) | undefined;
  admit?: Admission | undefined;
  /** The host routes that connections may have to take. */
  routes?: HostRoutes | undefined;
}

/** The door of a listener: a new connection is reset, held for a while, sent on by its host route, or served. */
export class Admitter {
  readonly #options: AdmitterOptions;
  readonly #connections: ClientConnections;
  /** Connections that wait until they are served. */
  readonly #held = new Set<Socket>();

  constructor(options: AdmitterOptions, connections: ClientConnections) {
    this.#options = options;
    this.#connections = connections;
  }

  /** Takes the place of the server's own listener for connections, which is called with what `accept` makes of each. */
  guard(server: Server): void {
    const listeners = server.listeners('connection') as ((socket: Duplex) => void)[];
    server.removeAllListeners('connection');
    const serve = (stream: Duplex): void => listeners.forEach((listener) => void listener.call(server, stream));
    server.on('connection', (socket: Socket) => {
      // One that is known was given back to the server by ourselves.
      if (this.#connections.has(socket)) serve(socket);
      else this.#admit(socket, serve);
    });
  }

  /** Ends the connections that wait. */
  destroy(): void {
    for (const socket of [...this.#held]) socket.destroy();
  }

  #admit(socket: Socket, serve: (stream: Duplex) => void): void {
    const fate = this.#options.admit?.(socket);
    if (fate === undefined) this.#begin(socket, serve);
    else if (fate === 'reset') socket.resetAndDestroy();
    else this.#hold(socket, fate.delayMs, serve);
  }

  #hold(socket: Socket, delayMs: number, serve: (stream: Duplex) => void): void {
    const broke = (error: Error): void =>
      this.#options.logger.debug('A client connection broke', { error: error.message });
    const timer = setTimeout(() => {
      this.#held.delete(socket);
      if (socket.destroyed) return;
      socket.off('error', broke);
      this.#begin(socket, serve);
    }, delayMs);
    this.#held.add(socket);
    socket.once('error', broke).once('close', () => {
      clearTimeout(timer);
      this.#held.delete(socket);
    });
  }

  #begin(socket: Socket, serve: (stream: Duplex) => void): void {
    const { accept, routes } = this.#options;
    const stream = accept?.(socket) ?? socket;
    this.#connections.addAccepted(socket, stream);
    if (routes?.active === true) void this.#route(routes, stream, serve);
    else serve(stream);
  }

  /** Sends a connection on by the host route of its first target, or serves it here. */
  async #route(routes: HostRoutes, stream: Duplex, serve: (stream: Duplex) => void): Promise<void> {
    const { logger, session } = this.#options;
    const target = await firstTarget(stream, session.reverse);
    if (stream.destroyed) return;
    const route = target === undefined ? undefined : routes.find(target);
    if (target === undefined || route === undefined) {
      serve(stream);
      stream.resume();
      return;
    }
    const onward = connectTcp({ host: '127.0.0.1', port: route.port, noDelay: true, allowHalfOpen: true });
    this.#connections.add(onward);
    const report = await tunnel({ client: stream, server: onward }, { ...target, reason: 'host-toxics' });
    if (report.error !== undefined)
      logger.debug('A connection with toxics of its host broke', { ...target, error: report.error });
  }
}
