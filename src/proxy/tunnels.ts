import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { FirstBytes, type FirstWord } from './first-bytes.js';
import type { Target } from './host-routes.js';
import { loop } from './edge.js';
import { ownHost } from './builtin-pages/own-pages.js';
import type { ProxySession } from './proxy-session.js';
import { refuse } from './refuse.js';
import { grantSocks, refuseSocks } from './socks.js';
import { tunnel } from './tunnel.js';
import type { Upstream } from './upstream/upstream.js';

/** After this silence in a tunnel the server is given the first word, ms. */
const silenceMs = 300;
/** The same on port 443, where servers do not speak first but slow links may well be slow, ms. */
const silenceOn443Ms = 5000;

/** How a client learns what became of the tunnel that it asked for. */
interface TunnelResponse {
  /** Whether a refusal has words, or but a number. */
  readonly saysWhy: boolean;
  grant(socket: Duplex): void;
  /** Ends the connection. */
  refuse(socket: Duplex, error: ProxyctlError): void;
}

export const inHttp: TunnelResponse = {
  saysWhy: true,
  grant: (socket) => void socket.write('HTTP/1.1 200 Connection established\r\n\r\n', 'latin1'),
  refuse: (socket, error) => refuse(socket, error),
};
export const inSocks: TunnelResponse = { saysWhy: false, grant: grantSocks, refuse: refuseSocks };

interface TunnelsOptions {
  session: ProxySession;
  connect: Upstream['connect'];
  /** Whether this is an address of the listener itself. */
  isOwn: (host: string, port: number) => boolean;
  /** Take over what speaks TLS or HTTP in a tunnel. */
  tls: (socket: Socket, target: Target) => void;
  http: (socket: Socket, target: Target) => void;
}

/** What becomes of the tunnels that clients ask for: intercepted, or passed through untouched. */
export class Tunnels {
  constructor(readonly options: TunnelsOptions) {}

  /**
   * Answers a client that asks for a tunnel, and decides by the first bytes what it carries. `head` has those that came
   * already.
   */
  open(socket: Socket, head: Buffer, { host, port }: Target, answer: TunnelResponse): void {
    const { isOwn, session } = this.options;
    if (isOwn(host, port)) {
      this.#refuse(socket, loop(host, port), answer);
      return;
    }
    const interception = host === ownHost ? true : session.interception(host, port);
    if (interception !== true) {
      void this.#passThrough(socket, head, { host, port, reason: interception.passthrough }, answer);
      return;
    }
    answer.grant(socket);
    const wait = new FirstBytes(socket, head);
    wait.decide(port === 443 ? silenceOn443Ms : silenceMs).then(
      (what) => this.#onSpoken(what, wait, { host, port }),
      () => undefined, // Closed before it said anything.
    );
  }

  /** Sends a client the way that its host has: what is asked for there is asked for by CONNECT. */
  async sendOn(socket: Socket, { host, port }: Target, routePort: number, answer: TunnelResponse): Promise<void> {
    const path = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const { access } = this.options.session;
    const headers = access === undefined ? {} : { 'Proxy-Authorization': access.header };
    const request = httpRequest({ method: 'CONNECT', host: '127.0.0.1', port: routePort, path, headers, agent: false });
    socket.once('close', () => request.destroy());
    try {
      request.end();
      const [response, onward, head] = (await once(request, 'connect')) as [IncomingMessage, Socket, Buffer];
      if (response.statusCode !== 200) {
        onward.destroy();
        throw new Error(`${path} could not be connected to: status ${response.statusCode ?? 0}`);
      }
      answer.grant(socket);
      await tunnel({ client: socket, server: onward, fromServer: head }, { host, port, reason: 'host-toxics' });
    } catch (error) {
      this.#refuse(socket, asProxyctlError(error), answer);
    }
  }

  #onSpoken(what: FirstWord, wait: FirstBytes, { host, port }: Target): void {
    const { socket } = wait;
    const { tls, http } = this.options;
    if (what === 'tls') tls(socket, { host, port });
    else if (what === 'http') http(socket, { host, port });
    else if (what === 'other') void this.#tunnelAfterOk(socket, { host, port, reason: 'not-tls-or-http' });
    else void this.#letServerSpeak(wait, { host, port });
  }

  /** Both are silent: connects to the server, and whoever speaks first then decides. */
  async #letServerSpeak(wait: FirstBytes, about: Target): Promise<void> {
    const { session, connect } = this.options;
    const { host, port } = about;
    const next = wait.decide(undefined);
    next.catch(() => undefined);
    if (session.mayTunnel(host, port) !== true) {
      next.then(
        (what) => this.#onSpoken(what, wait, about),
        () => undefined,
      );
      return;
    }
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    wait.socket.once('close', stop);
    next.then(stop, stop);
    const server = await connect(host, port, abort.signal).catch(() => undefined);
    wait.socket.off('close', stop);
    if (server === undefined) {
      next.then(
        (what) => this.#onSpoken(what, wait, about),
        () => undefined,
      );
      return;
    }
    const serverSpeaks = new Promise<'server'>((resolve) => server.once('readable', () => resolve('server')));
    server.on('error', () => undefined);
    const first = await Promise.race([serverSpeaks, next]).catch(() => undefined);
    if (first === 'server') {
      wait.reattachToParser();
      const report = await tunnel({ client: wait.socket, server }, { ...about, reason: 'server-speaks-first' });
      session.tunnelEnded(report);
      return;
    }
    server.destroy();
    if (first !== undefined) this.#onSpoken(first, wait, about);
  }

  async #passThrough(
    socket: Socket,
    head: Buffer,
    about: Target & { reason: string },
    answer: TunnelResponse,
  ): Promise<void> {
    const { session } = this.options;
    const may = session.mayTunnel(about.host, about.port);
    if (may !== true) {
      this.#refuse(socket, tunnelRefused(about, may.refused), answer);
      return;
    }
    const server = await this.#dial(socket, about).catch((error: unknown) => {
      this.#refuse(socket, asProxyctlError(error), answer);
      return undefined;
    });
    if (server === undefined) return;
    answer.grant(socket);
    session.tunnelEnded(await tunnel({ client: socket, server, fromClient: head }, about));
  }

  /** For a client that has been told that its tunnel stands. */
  async #tunnelAfterOk(socket: Socket, about: { host: string; port: number; reason: string }): Promise<void> {
    const { session } = this.options;
    const { host, port } = about;
    const may = session.mayTunnel(host, port);
    if (may !== true) {
      session.warn(`A tunnel to ${host}:${port} was refused: ${may.refused}`);
      socket.destroy();
      return;
    }
    const server = await this.#dial(socket, about).catch((error: unknown) => {
      session.warn(`A tunnel to ${host}:${port} failed: ${messageOf(error)}`);
      socket.destroy();
      return undefined;
    });
    if (server !== undefined) session.tunnelEnded(await tunnel({ client: socket, server }, about));
  }

  #refuse(socket: Socket, error: ProxyctlError, answer: TunnelResponse): void {
    answer.refuse(socket, error);
    if (!answer.saysWhy) this.options.session.warn(`A tunnel was refused: ${error.message}`, error.hint);
  }

  async #dial(socket: Duplex, { host, port }: Target): Promise<Socket> {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    socket.once('close', stop);
    try {
      return await this.options.connect(host, port, abort.signal);
    } finally {
      socket.off('close', stop);
    }
  }
}

function tunnelRefused({ host, port }: Target, reason: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_UPSTREAM', `A tunnel to ${host}:${port} was refused: ${reason}`, {
    data: { host, port },
  });
}

function asProxyctlError(error: unknown): ProxyctlError {
  return error instanceof ProxyctlError
    ? error
    : new ProxyctlError('PROXYCTL_UPSTREAM', messageOf(error), { cause: error });
}
