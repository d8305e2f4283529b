import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { isIP, type AddressInfo } from 'node:net';
import { createHash, timingSafeEqual } from 'node:crypto';
import { messageOf, ProxyctlError, systemCode } from '../../src/errors/index.js';

interface ToxiproxyGuardOptions {
  /** Where it listens, on loopback. */
  port: number;
  token: string;
  /** URL of Toxiproxy's own API; `undefined` while it is down. */
  target: () => string | undefined;
}

/**
 * The door of Toxiproxy's API where its port is published on a stack that other machines reach: it asks for the stack's
 * token, as `Bearer` or as the password of `Basic` (`http://any:TOKEN@127.0.0.1:8474`), and for a `Host` that is an
 * address, which no name of somebody else's can be rebound to.
 */
export class ToxiproxyGuard implements AsyncDisposable {
  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  /** Throws `PROXYCTL_PORT_IN_USE` or the system's error. */
  static async start({ port, token, target }: ToxiproxyGuardOptions): Promise<ToxiproxyGuard> {
    const expected = digest(token);
    const server = createServer((request, response) => {
      const refusal = refusalOf(request, expected);
      const url = target();
      if (refusal !== undefined) answer(response, refusal, wantsToken);
      else if (url === undefined) answer(response, 503, 'Toxiproxy is being started again');
      else forward(request, response, url);
    });
    server.listen({ host: '127.0.0.1', port });
    try {
      await once(server, 'listening');
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
      throw new ProxyctlError(
        'PROXYCTL_PORT_IN_USE',
        `Port ${port} is taken: Toxiproxy’s API cannot be published there`,
        {
          hint: 'Choose another --toxiproxy-port, or leave it out.',
          cause: error,
        },
      );
    }
    return new ToxiproxyGuard(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const wantsToken = 'Send the token of the stack: `Authorization: Bearer TOKEN`, or as the password in the URL';

function refusalOf({ headers }: IncomingMessage, expected: Buffer): 401 | 403 | undefined {
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (isIP(host) === 0 && host !== 'localhost') return 403;
  const [, bearer] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, basic] = /^basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const password =
    basic === undefined
      ? undefined
      : Buffer.from(basic, 'base64')
          .toString()
          .replace(/^[^:]*:/, '');
  const given = bearer ?? password;
  return given !== undefined && timingSafeEqual(digest(given), expected) ? undefined : 401;
}

function forward(request: IncomingMessage, response: ServerResponse, url: string): void {
  const { authorization: _, host: __, ...headers } = request.headers;
  const onward = httpRequest(
    new URL(request.url ?? '/', url),
    { method: request.method ?? 'GET', headers },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    },
  );
  onward.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, `Toxiproxy did not answer: ${messageOf(error)}`);
  });
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}

/** In the shape of Toxiproxy's own errors. */
function answer(response: ServerResponse, status: number, error: string): void {
  const headers = { 'Content-Type': 'application/json', ...(status === 401 ? { 'WWW-Authenticate': 'Basic' } : {}) };
  response.writeHead(status, { ...headers, Connection: 'close' }).end(`${JSON.stringify({ error, status })}\n`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
