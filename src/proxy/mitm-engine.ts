import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../core/logger.js';
import type { CertificateAuthority } from './certificate-authority.js';
import type { HostRoutes } from './host-routes.js';
import type { Admission } from './listener/admission.js';
import { MitmProxy } from './mitm-proxy.js';
import type { ProxySession } from './proxy-session.js';
import { createUpstream, type Upstream } from './upstream/upstream.js';

interface MitmEngineOptions {
  ca: CertificateAuthority;
  logger: Logger;
}

export interface MitmListenerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** 0: any. */
  port?: number;
  session: ProxySession;
  /** How tunnels are dialled; give the session's `upstream.connect`. Default: a dialer of the engine's own. */
  connect?: Upstream['connect'];
  /** Further `host:port` under which clients reach this listener (Toxiproxy's), so that loops are seen. */
  aliases?: readonly string[];
  /** Puts something between a client's connection and the proxy, such as a modelled network. Default: nothing. */
  accept?: (socket: Socket) => Duplex;
  /**
   * Says of each client's connection, before anything of it is read, that it is reset or served later. Default: at
   * once.
   */
  admit?: Admission;
  /** The host routes that connections may have to take. Default: none. */
  routes?: HostRoutes;
}

export interface MitmListener {
  readonly host: string;
  readonly port: number;
  /** The open connections that `accept` left as they are, as they are read and written last. */
  unwrappedSockets(): Iterable<Socket>;
  /**
   * Ends connections that have to take another host route now: each when it is idle, or after what is under way on it.
   */
  reroute(): void;
  /** Ends the listener and all its connections. */
  close(): Promise<void>;
}

/** The proxy of all sessions in this process: one listener for each. */
export class MitmEngine implements AsyncDisposable {
  readonly #ca: CertificateAuthority;
  readonly #logger: Logger;
  readonly #dialer = createUpstream();
  readonly #open = new Set<MitmProxy>();
  #closed = false;

  private constructor({ ca, logger }: MitmEngineOptions) {
    this.#ca = ca;
    this.#logger = logger;
  }

  static async start(options: MitmEngineOptions): Promise<MitmEngine> {
    return new MitmEngine(options);
  }

  /** Opens a session's listener. Rejects with `PROXYCTL_PORT_IN_USE` or the system's error. */
  async open(options: MitmListenerOptions): Promise<MitmListener> {
    if (this.#closed) throw new Error('The engine is closed');
    const {
      host = '127.0.0.1',
      port = 0,
      session,
      connect = this.#dialer.connect,
      aliases = [],
      accept,
      admit,
      routes,
    } = options;
    const proxy = new MitmProxy({
      host,
      port,
      session,
      connect,
      aliases,
      accept,
      admit,
      routes,
      ca: this.#ca,
      logger: this.#logger,
    });
    this.#open.add(proxy);
    try {
      const listening = await proxy.start();
      return {
        host,
        port: listening,
        unwrappedSockets: () => proxy.unwrappedSockets(),
        reroute: () => proxy.reroute(),
        close: async () => {
          this.#open.delete(proxy);
          await proxy.stop();
        },
      };
    } catch (error) {
      this.#open.delete(proxy);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((proxy) => proxy.stop()));
    await this.#dialer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
