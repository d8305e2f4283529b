import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { oneOf, seeded } from '../seeded.js';
import { h2Client, http1Request, webSocketFrames } from './messages.js';
import { mutate, noise, pieces } from './mutate.js';

export interface FuzzOptions {
  /** Each case depends on this and its number alone, but for the order in which a hostile backend is asked. */
  seed: number;
  /** How long to go on. */
  forMs: number;
  proxyPort: number;
  /** `host:port` of a backend that answers, `/ws` by a WebSocket, and of one whose answers are broken. */
  origin: string;
  hostile: string;
  /** Only these kinds of cases. Default: all. */
  kinds?: readonly string[] | undefined;
  /** Cases at once. Default 48. */
  concurrency?: number;
}

/** How many cases of each kind there were. */
export type FuzzCounts = Record<string, number>;

type Case = (options: FuzzOptions, random: () => number) => Promise<void>;

/** A case ends by itself after this, whatever the proxy does, ms. */
const caseLimitMs = 250;

const cases: Record<string, Case> = {
  'requests to the proxy': async ({ proxyPort, origin }, random) => {
    const socket = await dial(proxyPort);
    await send(socket, random, mutate(random, http1Request(random, origin, 'url')));
  },
  'requests in a tunnel': async ({ proxyPort, origin }, random) => {
    const socket = await tunnel(proxyPort, origin);
    await send(socket, random, mutate(random, http1Request(random, origin, 'path')));
  },
  'client hellos': async ({ proxyPort, origin }, random) => {
    const socket = await tunnel(proxyPort, origin);
    await send(socket, random, mutate(random, await clientHello()));
  },
  'records after a handshake': async ({ proxyPort, origin }, random) => {
    const wire = new FaultyWire(await tunnel(proxyPort, origin), random);
    const tls = connectTls({ socket: wire, rejectUnauthorized: false, servername: 'fuzz.test' });
    tls.on('error', () => undefined);
    await before(once(tls, 'secureConnect'));
    await send(tls, random, http1Request(random, origin, 'path'));
    wire.destroy();
  },
  'HTTP/2 by prior knowledge': async ({ proxyPort, origin }, random) => {
    const socket = await dial(proxyPort);
    await send(socket, random, mutate(random, h2Client(random, 'http', origin)));
  },
  'HTTP/2 frames in TLS': async ({ proxyPort, origin }, random) => {
    const socket = await tunnel(proxyPort, origin);
    const tls = connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    tls.on('error', () => undefined);
    await before(once(tls, 'secureConnect'));
    await send(tls, random, mutate(random, h2Client(random, 'https', origin)));
    socket.destroy();
  },
  'WebSocket frames': async ({ proxyPort, origin }, random) => {
    const socket = await dial(proxyPort);
    const fields = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    socket.write([`GET http://${origin}/ws HTTP/1.1`, `Host: ${origin}`, ...fields, key, '', ''].join('\r\n'));
    await before(once(socket, 'data'));
    await send(socket, random, mutate(random, webSocketFrames(random)));
  },
  'noise in a tunnel': async ({ proxyPort, origin }, random) => {
    const socket = await tunnel(proxyPort, origin);
    await send(socket, random, noise(random, 400));
  },
  'broken answers': async ({ proxyPort, hostile }, random) => {
    const socket = await dial(proxyPort);
    await send(socket, random, http1Request(random, hostile, 'url'));
  },
  'broken answers to HTTP/2': async ({ proxyPort, hostile }, random) => {
    const socket = await dial(proxyPort);
    await send(socket, random, h2Client(random, 'http', hostile));
  },
  'broken TLS of a backend': async ({ proxyPort, hostile }, random) => {
    const socket = await tunnel(proxyPort, hostile);
    const ALPNProtocols = oneOf(random, [['h2'], ['http/1.1']]);
    const tls = connectTls({ socket, rejectUnauthorized: false, ALPNProtocols });
    tls.on('error', () => undefined);
    await before(once(tls, 'secureConnect'));
    const asked =
      tls.alpnProtocol === 'h2' ? h2Client(random, 'https', hostile) : http1Request(random, hostile, 'path');
    await send(tls, random, asked);
    socket.destroy();
  },
};

export const kinds: readonly string[] = Object.keys(cases);

/**
 * Malformed HTTP/1, HTTP/2, TLS and WebSockets from clients and backends, in every way that leads to the engine, for a
 * while.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzCounts> {
  const counts: FuzzCounts = {};
  const until = performance.now() + options.forMs;
  const names = options.kinds ?? Object.keys(cases);
  let number = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const random = seeded(options.seed * 1_000_003 + number);
      const name = names[number % names.length] ?? '';
      number += 1;
      counts[name] = (counts[name] ?? 0) + 1;
      // What the proxy makes of it is for those to judge who watch the proxy.
      await cases[name]?.(options, random).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 48 }, worker));
  return counts;
}

async function dial(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  // A hard limit for the case, whatever it waits for.
  const timer = setTimeout(() => socket.destroy(), 6 * caseLimitMs);
  socket.once('close', () => clearTimeout(timer));
  await once(socket, 'connect');
  return socket;
}

async function tunnel(proxyPort: number, authority: string): Promise<Socket> {
  const socket = await dial(proxyPort);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await before(once(socket, 'data'));
  return socket;
}

/** Sends it in pieces, listens a moment, and leaves in one of the ways in which clients do. */
async function send(socket: Socket, random: () => number, bytes: Buffer): Promise<void> {
  for (const piece of pieces(random, bytes)) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.resume();
  const leave = random();
  if (leave < 0.3) socket.end();
  if (leave < 0.8) await before(once(socket, leave < 0.6 ? 'data' : 'close')).catch(() => undefined);
  if (leave > 0.9 && 'resetAndDestroy' in socket) socket.resetAndDestroy();
  else socket.destroy();
}

async function before(event: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing came')), caseLimitMs);
  });
  await Promise.race([event, limit]).finally(() => clearTimeout(timer));
}

let hello: Promise<Buffer> | undefined;

/** What a TLS client says first. */
function clientHello(): Promise<Buffer> {
  hello ??= new Promise((resolve) => {
    const capture = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: capture, servername: 'fuzz.test', ALPNProtocols: ['h2', 'http/1.1'] }).on(
      'error',
      () => undefined,
    );
  });
  return hello;
}

/** A connection on which some of what a client writes is changed on the way. */
class FaultyWire extends Duplex {
  #writes = 0;

  constructor(
    readonly socket: Socket,
    readonly random: () => number,
  ) {
    super({ allowHalfOpen: true });
    socket.on('data', (data: Buffer) => this.push(data));
    socket.once('end', () => this.push(null));
    socket.once('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#writes += 1;
    // The first is the client's hello; others break that.
    const faulty = this.#writes > 1 && this.random() < 0.5;
    this.socket.write(faulty ? mutate(this.random, chunk) : chunk, () => done());
  }

  override _destroy(_error: Error | null, done: (error: null) => void): void {
    this.socket.destroy();
    done(null);
  }
}
