import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { RawConnection } from './raw-connection.js';

/** A server on loopback whose connections a test's own function serves byte by byte. It ends with the test. */
export class RawServer {
  connections = 0;
  readonly #open = new Set<Socket>();
  readonly #left = new WeakSet<Socket>();

  private constructor(
    readonly server: Server,
    serve: (connection: RawConnection, index: number) => Promise<void> | void,
    event: 'connection' | 'secureConnection',
  ) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#open.delete(socket));
      // Half open is possible here, so a client that left is known by its end.
      socket.on('end', () => this.#left.add(socket));
    });
    server.on(event, (socket: Socket) => {
      const index = this.connections;
      this.connections += 1;
      // A connection that breaks under its script is the test's to notice, on the other side.
      Promise.resolve(serve(new RawConnection(socket), index)).catch(() => socket.destroy());
    });
  }

  static async start(
    serve: (connection: RawConnection, index: number) => Promise<void> | void,
    options: { host?: string; tls?: TlsOptions } = {},
  ): Promise<RawServer> {
    const { host = '127.0.0.1', tls } = options;
    const server =
      tls === undefined
        ? createServer({ allowHalfOpen: true, noDelay: true })
        : createTlsServer({ allowHalfOpen: true, ...tls });
    const raw = new RawServer(server, serve, tls === undefined ? 'connection' : 'secureConnection');
    server.listen(0, host);
    await once(server, 'listening');
    onTestFinished(() => raw.close());
    return raw;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections whose client is still there. */
  get open(): number {
    return this.sockets().filter((socket) => !this.#left.has(socket)).length;
  }

  sockets(): Socket[] {
    return [...this.#open];
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
