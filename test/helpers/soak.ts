import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { listening, type Listening } from './listening.js';
import { patternedBytes } from './origin.js';

export interface SoakOptions {
  /** Clients at once, each on a connection of its own. */
  clients: number;
  /** Requests of each client. */
  requests?: number;
  /** How long to go on, in place of a number of requests. */
  forMs?: number;
  /** The proxy's port; without one clients ask the backend itself. */
  proxyPort?: number | undefined;
  backendPort: number;
}

export interface SoakResult {
  requests: number;
  /** What went wrong, with how often. */
  errors: Map<string, number>;
  slowestMs: number;
}

const fileBytes = 1_000_000;
const limitMs = 120_000;
const boundary = 'soak-boundary';
const body = Buffer.concat([
  Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`),
  patternedBytes(fileBytes),
  Buffer.from(`\r\n--${boundary}--\r\n`),
]);

/** A backend that gives each client back what it sent. */
export async function startMirror(): Promise<Listening> {
  const server = createServer((incoming, response) => {
    response.setHeader('Content-Type', incoming.headers['content-type'] ?? '');
    response.setHeader('Content-Length', incoming.headers['content-length'] ?? 0);
    incoming.pipe(response);
  });
  server.keepAliveTimeout = 0;
  return listening(server);
}

/** Clients that upload a multipart file of 1 MB and download it again, all at once. */
export async function soak({ clients, requests, forMs, ...way }: SoakOptions): Promise<SoakResult> {
  const result: SoakResult = { requests: 0, errors: new Map(), slowestMs: 0 };
  const until = forMs === undefined ? Infinity : performance.now() + forMs;
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let made = 0; made < (requests ?? Infinity) && performance.now() < until; made += 1) {
      const started = performance.now();
      result.requests += 1;
      await exchange(agent, way).catch((error: unknown) => {
        const told = error instanceof Error ? error.message : String(error);
        result.errors.set(told, (result.errors.get(told) ?? 0) + 1);
      });
      result.slowestMs = Math.max(result.slowestMs, performance.now() - started);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return result;
}

async function exchange(agent: Agent, { proxyPort, backendPort }: Pick<SoakOptions, 'proxyPort' | 'backendPort'>) {
  const authority = `127.0.0.1:${backendPort}`;
  const outgoing = request({
    ...{ host: '127.0.0.1', port: proxyPort ?? backendPort, method: 'POST', agent, timeout: limitMs },
    path: proxyPort === undefined ? '/file' : `http://${authority}/file`,
    headers: {
      Host: authority,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': body.length,
    },
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing came for ${limitMs / 1000} s`)));
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.end(body);
  const [response] = await answered;
  let at = 0;
  let same = response.statusCode === 200;
  // Compared as it comes: hundreds of such bodies at once are not kept.
  response.on('data', (data: Buffer) => {
    same &&= data.equals(body.subarray(at, at + data.length));
    at += data.length;
  });
  await finished(response);
  if (!same || at !== body.length)
    throw new Error(`status ${response.statusCode ?? 0}, ${at} bytes, not those that were sent`);
}
