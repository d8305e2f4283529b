import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { makeTempFolder } from './temp-folder.js';
import { makeTestCertificate } from './test-certificate.js';

/** What reached the origin, in order. */
export interface SeenRequest {
  method: string;
  /** Path and query, as sent. */
  url: string;
  rawHeaders: string[];
  tls: boolean;
}

/**
 * A backend on free ports of 127.0.0.1, by HTTP and HTTPS, with a CA of its own. Its certificate covers `localhost`,
 * 127.0.0.1 and every name below `origin.test`, which a proxy resolves when it runs with `loopback-names.cjs`.
 */
export class Origin implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** Connections accepted so far, by either port. */
  connections = 0;
  readonly #open = new Set<Socket>();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly plain: http.Server,
    private readonly secure: https.Server,
    /** PEM, and a file that holds it. */
    readonly ca: string,
    readonly caFile: string,
    private readonly removeFolder: () => Promise<void>,
  ) {
    for (const server of [plain, secure]) {
      server.on('connection', (socket: Socket) => {
        this.connections++;
        this.#open.add(socket);
        socket.on('close', () => this.#open.delete(socket));
      });
    }
  }

  /** `answer` replaces `answerRoutes`; a handler that throws gives status 500 with its stack. */
  static async start(
    answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = answerRoutes,
  ): Promise<Origin> {
    const { path, remove } = await makeTempFolder('origin');
    const { ca, cert, key } = await makeTestCertificate([
      'localhost',
      'origin.test',
      '*.origin.test',
      '127.0.0.1',
      '::1',
    ]);
    const caFile = join(path, 'origin-ca.pem');
    await writeFile(caFile, ca);
    let origin: Origin | undefined = undefined;
    const listener =
      (tls: boolean): RequestListener =>
      (request, response) => {
        const { method = '', url = '', rawHeaders } = request;
        origin?.requests.push({ method, url, rawHeaders, tls });
        Promise.resolve()
          .then(() => answer(request, response))
          .catch((error: unknown) => {
            if (!response.headersSent) response.writeHead(500);
            response.end(error instanceof Error ? error.stack : String(error));
          });
      };
    const plain = http.createServer(listener(false)).listen(0, '127.0.0.1');
    const secure = https.createServer({ cert, key }, listener(true)).listen(0, '127.0.0.1');
    origin = new Origin(plain, secure, ca, caFile, remove);
    await Promise.all([once(plain, 'listening'), once(secure, 'listening')]);
    return origin;
  }

  get httpPort(): number {
    return (this.plain.address() as AddressInfo).port;
  }

  get httpsPort(): number {
    return (this.secure.address() as AddressInfo).port;
  }

  httpUrl(path: string, host = '127.0.0.1'): string {
    return `http://${host}:${this.httpPort}${path}`;
  }

  httpsUrl(path: string, host = 'localhost'): string {
    return `https://${host}:${this.httpsPort}${path}`;
  }

  /** Stops listening and cuts every open connection: the backend is gone. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      const gone = [this.plain, this.secure].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of this.#open) socket.destroy();
      await Promise.all(gone);
      await this.removeFolder();
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * - `/json` a small document · `/bytes/N` N bytes that depend on their place · `/status/N` an empty answer
 * - `/echo` what was sent: method, path, headers as pairs, the body's length and SHA-256
 * - `/redirect` 302 to `/json` · `/headers` duplicate, empty and oddly cased headers
 * - anything else: 404
 */
export async function answerRoutes(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const [, route, argument = ''] = path.split('/');
  switch (route) {
    case 'json':
      return json(response, { answer: 42, query, text: 'na\u00efve caf\u00e9 \u2615' });
    case 'bytes':
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': argument });
      return void response.end(patternedBytes(Number(argument)));
    case 'status':
      response.writeHead(Number(argument));
      return void response.end();
    case 'redirect':
      response.writeHead(302, { Location: '/json' });
      return void response.end();
    case 'headers':
      response.writeHead(200, [
        'X-Twice',
        'one',
        'x-twice',
        'two',
        'X-eMPTY',
        '',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
      ]);
      return void response.end('headers');
    case 'echo': {
      const hash = createHash('sha256');
      let length = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk);
        length += chunk.length;
      }
      const { method, url, rawHeaders } = request;
      return json(response, { method, url, rawHeaders, length, sha256: hash.digest('hex') });
    }
    default:
      response.writeHead(404);
      return void response.end(`no ${path} here\n`);
  }
}

/** Bytes that tell a swapped, doubled or lost block: each differs from those at other multiples of 251 and 65,521. */
export function patternedBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = (index % 251) ^ (Math.floor(index / 65_521) & 0xff);
  return bytes;
}

function json(response: ServerResponse, value: unknown): void {
  const text = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}
