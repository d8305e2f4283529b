import { once } from 'node:events';
import {
  connect,
  createSecureServer,
  createServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import { testAuthority, type TestProxy } from './engine.js';
import { makeTestCertificate } from './test-certificate.js';

/** A stream as it reached the server. */
export interface Arrived {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  /** In order, as they were sent, pseudo-headers first. */
  raw: readonly string[];
}

/** An HTTP/2 server on loopback, by TLS or as h2c, that answers streams with `serve`. It ends with the test. */
export class H2Origin {
  readonly sessions: ServerHttp2Session[] = [];
  readonly arrived: Arrived[] = [];
  connections = 0;
  readonly #open = new Set<Socket>();

  private constructor(
    readonly server: Http2Server,
    readonly scheme: 'http' | 'https',
    readonly ca: string,
  ) {}

  static async start(
    serve: (arrived: Arrived) => void,
    options: { plain?: boolean } & SecureServerOptions = {},
  ): Promise<H2Origin> {
    const { plain = false, ...rest } = options;
    const { ca, cert, key } = await makeTestCertificate(['localhost', '127.0.0.1']);
    const server = plain ? createServer(rest) : createSecureServer({ cert, key, ...rest });
    const origin = new H2Origin(server, plain ? 'http' : 'https', ca);
    server.on('connection', (socket: Socket) => {
      origin.connections += 1;
      origin.#open.add(socket);
      socket.on('error', () => undefined).on('close', () => origin.#open.delete(socket));
    });
    server.on('session', (session) => {
      origin.sessions.push(session);
      session.on('error', () => undefined);
    });
    server.on('stream', (...[stream, headers, , raw]: unknown[]) => {
      const arrived = { stream, headers, raw } as Arrived;
      arrived.stream.on('error', () => undefined);
      origin.arrived.push(arrived);
      serve(arrived);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => origin.close());
    return origin;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get authority(): string {
    return `localhost:${this.port}`;
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

/**
 * A client's HTTP/2 connection through the proxy to `authority`: in a CONNECT by TLS or plain, or right at the proxy's
 * port.
 */
export async function h2Through(
  proxy: TestProxy,
  authority: string,
  kind: 'tls' | 'plain' | 'direct' = 'tls',
  options: ClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const socket = connectTcp(proxy.port, '127.0.0.1');
  await once(socket, 'connect');
  let stream: Socket = socket;
  if (kind !== 'direct') {
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    await once(socket, 'data');
  }
  if (kind === 'tls') {
    const { certPem } = await testAuthority();
    const tls = connectTls({ socket, ca: certPem, servername: 'localhost', ALPNProtocols: ['h2'] });
    await once(tls, 'secureConnect');
    if (tls.alpnProtocol !== 'h2') throw new Error(`ALPN chose ${String(tls.alpnProtocol)}`);
    stream = tls;
  }
  const session = connect(`${kind === 'tls' ? 'https' : 'http'}://${authority}`, {
    ...options,
    createConnection: () => stream,
  });
  session.on('error', () => undefined);
  onTestFinished(() => {
    session.destroy();
    socket.destroy();
  });
  return session;
}

/** Resets a stream without an END_STREAM ahead of it, which Node's `close` sends. */
export function reset(stream: ServerHttp2Stream | ClientHttp2Stream, code: number): void {
  (stream as { _final: (done: () => void) => void })._final = () => undefined;
  stream.close(code);
}

export interface H2Answer {
  status: number;
  headers: IncomingHttpHeaders;
  raw: readonly string[];
  body: Buffer;
  trailers: IncomingHttpHeaders | undefined;
  informational: IncomingHttpHeaders[];
  /** What the stream was reset with; 0 for a clean end. */
  rstCode: number;
}

/** Follows a stream to its end, however it ends. */
export function answerOf(stream: ClientHttp2Stream): Promise<H2Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const answer: H2Answer = {
      status: 0,
      headers: {},
      raw: [],
      body: Buffer.alloc(0),
      trailers: undefined,
      informational: [],
      rstCode: 0,
    };
    stream.on('headers', (headers: IncomingHttpHeaders) => answer.informational.push(headers));
    stream.on('response', (...[headers, , raw]: unknown[]) => {
      answer.headers = headers as IncomingHttpHeaders;
      answer.raw = raw as string[];
      answer.status = Number(answer.headers[':status']);
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      answer.trailers = trailers;
    });
    stream.on('data', (data: Buffer) => chunks.push(data));
    stream.on('error', () => undefined);
    stream.once('close', () => resolve({ ...answer, body: Buffer.concat(chunks), rstCode: stream.rstCode ?? 0 }));
  });
}

/** One request on a session, with its body at once. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<H2Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return answerOf(stream);
}
