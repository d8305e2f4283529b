import { serve } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { createApp, type ApiOptions } from './app.js';
import { attachEvents } from './events.js';

interface ApiServerOptions extends ApiOptions {
  host: string;
  /** 0: any free one. */
  port: number;
}

/** The control API on its port. */
export class ApiServer {
  readonly url: string;
  readonly #server: Server;
  readonly #closeEvents: () => void;

  private constructor(server: Server, url: string, closeEvents: () => void) {
    this.#server = server;
    this.url = url;
    this.#closeEvents = closeEvents;
  }

  /** Throws `PROXYCTL_PORT_IN_USE` when the port is taken. */
  static async start(options: ApiServerOptions): Promise<ApiServer> {
    const app = createApp(options);
    const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }) as Server;
    const closeEvents = attachEvents(server, options);
    try {
      if (!server.listening) await once(server, 'listening');
    } catch (error) {
      const code = systemCode(error) === 'EADDRINUSE' ? 'PROXYCTL_PORT_IN_USE' : 'PROXYCTL_CHILD';
      throw new ProxyctlError(
        code,
        `The control API cannot listen on ${options.host}:${options.port}: ${messageOf(error)}`,
        {
          hint: 'Choose another port with --api-port, or 0 for any free one.',
          cause: error,
        },
      );
    }
    const { port } = server.address() as AddressInfo;
    return new ApiServer(
      server,
      `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
      closeEvents,
    );
  }

  async close(): Promise<void> {
    this.#closeEvents();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    // Answers under way get a moment; a follower of logs would stay for ever.
    setTimeout(() => this.#server.closeAllConnections(), 200).unref();
    this.#server.closeIdleConnections();
    await closed;
  }
}
