import { createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, createGunzip, createBrotliDecompress, createGzip, createBrotliCompress } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { ReplayOptions } from '../../src/replay/contract.js';
import type { TestProxy } from '../helpers/engine.js';
import { recordLive, replaying } from '../helpers/web-socket.js';

async function originOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Seen {
  status: number;
  headers: Record<string, unknown>;
  /** Each chunk of the body, and how many milliseconds after the one before it came. */
  chunks: { text: string; gapMs: number }[];
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  chunk?: (text: string) => void;
}

function ask(proxy: TestProxy, url: string, { method = 'GET', headers = {}, body, chunk }: Asked = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(proxy.url);
    const sent = request({ hostname, port, method, path: url, headers: { host: new URL(url).host, ...headers } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const seen: Seen = { status: response.statusCode ?? 0, headers: response.headers, chunks: [] };
      let last = performance.now();
      const coding = response.headers['content-encoding'];
      const body =
        coding === 'gzip'
          ? response.pipe(createGunzip())
          : coding === 'br'
            ? response.pipe(createBrotliDecompress())
            : response;
      body.on('data', (data: Buffer) => {
        seen.chunks.push({ text: data.toString(), gapMs: performance.now() - last });
        last = performance.now();
        chunk?.(data.toString());
      });
      body.on('end', () => resolve(seen));
      body.on('error', reject);
    });
    sent.end(body);
  });
}

/** From the first chunk to the last, in milliseconds. */
function durationOf({ chunks }: Seen): number {
  return chunks.slice(1).reduce((sum, { gapMs }) => sum + gapMs, 0);
}

/** Sends each text by itself, `gapMs` after the one before it. */
function inPieces(type: string, texts: readonly string[], gapMs: number): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': type });
    const left = [...texts];
    const next = (): void => {
      const text = left.shift();
      if (text === undefined) return void response.end();
      response.write(text);
      setTimeout(next, gapMs);
    };
    next();
  };
}

const events = [1, 2, 3, 4].map((i) => `event: progress\ndata: {"done": ${i * 25}}\n\n`);
const lines = [1, 2, 3].map((i) => `{"item": ${i}}\n`);
const dots = ['Loading', '.', '.', '. done'];

test.each([
  ['events', 'text/event-stream', events],
  ['events of a charset', 'text/event-stream; charset=utf-8', events.map((text) => text.replaceAll('\n', '\r\n'))],
  ['lines of JSON', 'application/x-ndjson', lines],
  ['a text that grows', 'text/plain', dots],
])('a stream comes in the pieces and with the gaps that it was recorded with: %s', async (_, type, texts) => {
  const origin = await originOf(inPieces(type, texts, 150));
  const entries = await recordLive(async (proxy) => void (await ask(proxy, `${origin}/stream`)));
  const { proxy } = await replaying(entries);
  const seen = await ask(proxy, `${origin}/stream`);
  expect(seen.chunks.map(({ text }) => text)).toEqual(texts);
  expect(durationOf(seen)).toBeGreaterThan(150 * (texts.length - 1) - 100);
  const fast = await replaying(entries, { timing: 'fast' });
  const atOnce = await ask(fast.proxy, `${origin}/stream`);
  expect(atOnce.chunks.map(({ text }) => text)).toEqual(texts);
  expect(durationOf(atOnce)).toBeLessThan(durationOf(seen));
});

test('what is read as a whole comes at once', async () => {
  const origin = await originOf(inPieces('application/json', ['{"a": 1,', ' "b": 2,', ' "c": 3}'], 300));
  const entries = await recordLive(async (proxy) => void (await ask(proxy, `${origin}/document`)));
  const { proxy } = await replaying(entries);
  const { chunks } = await ask(proxy, `${origin}/document`);
  expect(chunks.map(({ text }) => text).join('')).toBe('{"a": 1, "b": 2, "c": 3}');
  expect(entries[0]?._proxyctl?.pieces).toBeUndefined();
});

test.each([
  ['gzip', createGzip, constants.Z_SYNC_FLUSH],
  ['br', createBrotliCompress, constants.BROTLI_OPERATION_FLUSH],
] as const)(
  'a stream in a content coding comes in its pieces, in the same coding: %s',
  async (coding, create, flush) => {
    const origin = await originOf((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': coding });
      const coder = create();
      coder.pipe(response);
      const left = [...events];
      const next = (): void => {
        const text = left.shift();
        if (text === undefined) return void coder.end();
        coder.write(text);
        coder.flush(flush, () => setTimeout(next, 100));
      };
      next();
    });
    const headers = { 'accept-encoding': coding };
    const entries = await recordLive(async (proxy) => void (await ask(proxy, `${origin}/stream`, { headers })));
    const { proxy } = await replaying(entries);
    const seen = await ask(proxy, `${origin}/stream`, { headers });
    expect(seen.headers['content-encoding']).toBe(coding);
    expect(seen.chunks.map(({ text }) => text)).toEqual(events);
    expect(durationOf(seen)).toBeGreaterThan(200);
    const plain = await ask(proxy, `${origin}/stream`);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.chunks.map(({ text }) => text)).toEqual(events);
  },
);

test('an event about what was written elsewhere comes after that write, and at once then', async () => {
  const listeners = new Set<(text: string) => void>();
  const origin = await originOf((incoming, response) => {
    if (incoming.method === 'POST') {
      for (const tell of listeners) tell('{"created": "order-58a1c7e2"}');
      setTimeout(() => response.end('{"id": "order-58a1c7e2"}'), 50);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: welcome\n\n');
    listeners.add((text) => response.end(`data: ${text}\n\n`));
  });
  const run = async (proxy: TestProxy, writeAfterMs: number): Promise<{ order: string[]; seen: Seen }> => {
    const order: string[] = [];
    const write = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, writeAfterMs));
      order.push('write');
      await ask(proxy, `${origin}/orders`, { method: 'POST', body: '{"item": "pears"}' });
    };
    let written: Promise<void> | undefined;
    const seen = await ask(proxy, `${origin}/events`, {
      chunk: (text) => {
        order.push(text.includes('welcome') ? 'welcome' : 'event');
        written ??= write();
      },
    });
    await written;
    return { order, seen };
  };
  const entries = await recordLive(async (proxy) => void (await run(proxy, 0)));
  const { proxy, replayer } = await replaying(entries);
  const { order, seen } = await run(proxy, 400);
  expect(order).toEqual(['welcome', 'write', 'event']);
  expect(seen.chunks.at(-1)?.text).toBe('data: {"created": "order-58a1c7e2"}\n\n');
  expect(replayer.misses()).toEqual([]);
});

test('an event tells the time at which it is sent, not the one of the whole stream', async () => {
  const origin = await originOf((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    let count = 0;
    const next = (): void => {
      response.write(`data: {"at": "${new Date().toISOString()}"}\n\n`);
      if ((count += 1) < 3) setTimeout(next, 200);
      else response.end();
    };
    next();
  });
  const entries = await recordLive(async (proxy) => void (await ask(proxy, `${origin}/clock`)));
  const options: ReplayOptions = { timing: 'streams' };
  const { proxy } = await replaying(entries, options);
  const moments: [told: number, now: number][] = [];
  await ask(proxy, `${origin}/clock`, {
    chunk: (text) => moments.push([Date.parse(/"at": "([^"]+)"/.exec(text)?.[1] ?? ''), Date.now()]),
  });
  expect(moments).toHaveLength(3);
  for (const [told, now] of moments) {
    expect(told).toBeLessThanOrEqual(now);
    expect(now - told).toBeLessThan(2000);
  }
});
