import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2, { type Http2ServerRequest } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { makeTempFolder } from './temp-folder.js';
import { makeTestCertificate } from './test-certificate.js';

export type AnyRequest = IncomingMessage | Http2ServerRequest;
/** What Node's two kinds of responses have in common. */
export type AnyResponse = Pick<ServerResponse, 'writeHead' | 'end' | 'headersSent' | 'write'>;

export interface AllVersionsOptions {
  answer: (request: AnyRequest, response: AnyResponse) => void | Promise<void>;
  /** A WebSocket of HTTP/1.1, by TLS or not. */
  connected?: (socket: WebSocket, path: string) => void;
}

/**
 * A backend for every name below `origin.test`, on three ports of 127.0.0.1: `https` chooses HTTP/2 or HTTP/1.1 by
 * ALPN, `http` speaks HTTP/1.1, `h2c` HTTP/2 with prior knowledge. The first two take WebSockets as well.
 */
export class AllVersionsOrigin implements AsyncDisposable {
  /** `HTTP/2.0 GET https://www.origin.test/path`, in order of arrival. */
  readonly requests: string[] = [];
  readonly #open = new Set<Socket>();

  private constructor(
    private readonly servers: { https: Server; http: Server; h2c: Server },
    readonly caFile: string,
    private readonly removeFolder: () => Promise<void>,
  ) {}

  static async start({ answer, connected }: AllVersionsOptions): Promise<AllVersionsOrigin> {
    const { path, remove } = await makeTempFolder('origin');
    const { ca, cert, key } = await makeTestCertificate(['origin.test', '*.origin.test']);
    const caFile = join(path, 'origin-ca.pem');
    await writeFile(caFile, ca);
    const servers = {
      https: http2.createSecureServer({ cert, key, allowHTTP1: true }),
      http: http.createServer(),
      h2c: http2.createServer(),
    };
    const origin = new AllVersionsOrigin(servers, caFile, remove);
    for (const [kind, server] of Object.entries(servers)) origin.#serve(kind, server, answer);
    for (const server of [servers.https, servers.http]) origin.#takeWebSockets(server, connected);
    return origin.#listening();
  }

  port(kind: 'https' | 'http' | 'h2c'): number {
    return (this.servers[kind].address() as AddressInfo).port;
  }

  url(kind: 'https' | 'http' | 'h2c', path = '', host = 'www.origin.test'): string {
    return `${kind === 'https' ? 'https' : 'http'}://${host}:${this.port(kind)}${path}`;
  }

  async #listening(): Promise<this> {
    const listening = Object.values(this.servers).map((server) => once(server.listen(0, '127.0.0.1'), 'listening'));
    await Promise.all(listening);
    return this;
  }

  #serve(kind: string, server: Server, answer: AllVersionsOptions['answer']): void {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#open.delete(socket));
    });
    server.on('request', (request: AnyRequest, response: AnyResponse) => {
      const { httpVersion, method, headers, url } = request;
      const host = headers[':authority'] ?? headers.host;
      this.requests.push(`HTTP/${httpVersion} ${method} ${kind}://${String(host)}${url}`);
      Promise.resolve()
        .then(() => answer(request, response))
        .catch((error: unknown) => {
          if (!response.headersSent) response.writeHead(500);
          response.end(error instanceof Error ? error.stack : String(error));
        });
    });
  }

  #takeWebSockets(server: Server, connected: AllVersionsOptions['connected']): void {
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.requests.push(`WebSocket ${request.url}`);
      sockets.handleUpgrade(request, socket, head, (opened) => connected?.(opened, request.url ?? ''));
    });
  }

  /** The backend is gone: nothing listens, and what was open is cut. */
  async close(): Promise<void> {
    const gone = Object.values(this.servers).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#open) socket.destroy();
    await Promise.all(gone);
    await this.removeFolder();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
