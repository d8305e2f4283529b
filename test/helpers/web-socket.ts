import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from 'ws';
import { JournalReader } from '../../src/record/journal-reader.js';
import type { ProxySession } from '../../src/proxy/proxy-session.js';
import { toHarEntry } from '../../src/record/to-har-entry.js';
import type { HarEntry } from '../../src/har/har.js';
import { HarExchanges } from '../../src/har/har-exchanges.js';
import type { ReplayOptions } from '../../src/replay/contract.js';
import type { Replayer } from '../../src/replay/contract.js';
import { createReplayer } from '../../src/replay/replayer.js';
import { startProxy, type TestProxy } from './engine.js';
import { recordingInfo, startRecording } from './recording.js';
import { tempFolder } from './temp-folder.js';

export interface WebSocketOrigin {
  /** `127.0.0.1:port`. */
  authority: string;
  close(): Promise<void>;
}

/** A server of WebSockets, and of HTTP beside it. */
export async function webSocketOrigin(
  connected: (socket: WebSocket, path: string) => void,
  options: ServerOptions & { http?: RequestListener } = {},
): Promise<WebSocketOrigin> {
  const { http, ...rest } = options;
  const server = createServer(http);
  const sockets = new WebSocketServer({ ...rest, server });
  sockets.on('connection', (socket, request) => connected(socket, request.url ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { authority: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** What a client saw: messages (text, or bytes of binary ones) as they come, and how it ended. */
export class WebSocketClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #messages: (string | Buffer)[] = [];
  #waiting: ((message: string | Buffer) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? data : data.toString();
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
  }

  /** Connects to `ws://authority/path` through the proxy. */
  static async connect(
    proxy: TestProxy,
    authority: string,
    path: string,
    protocols: string[] = [],
    options: ClientOptions = {},
  ): Promise<WebSocketClient> {
    const socket = new WebSocket(proxy.url.replace('http:', 'ws:'), protocols, {
      ...options,
      finishRequest: (request) => {
        request.path = `http://${authority}${path}`;
        request.setHeader('Host', authority);
        request.end();
      },
    });
    const client = new WebSocketClient(socket);
    onTestFinished(() => socket.terminate());
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(data: string | Buffer | object): void {
    this.socket.send(typeof data === 'object' && !Buffer.isBuffer(data) ? JSON.stringify(data) : data);
  }

  /** The next message. */
  next(): Promise<string | Buffer> {
    const message = this.#messages.shift();
    return message === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(message);
  }

  /** Messages that have come and were not read. */
  get unread(): number {
    return this.#messages.length;
  }

  async ask(data: string | Buffer | object): Promise<string | Buffer> {
    this.send(data);
    return this.next();
  }
}

/** Runs `test` live through a recorder, and gives what was recorded. */
export async function recordLive(test: (proxy: TestProxy) => Promise<void>): Promise<HarEntry[]> {
  const { recorder, folder } = await startRecording(join(await tempFolder(), 'journal'));
  const session: Partial<ProxySession> = { tunnelEnded: (report) => recorder.tunnel(report) };
  const proxy = await startProxy({ interceptors: [recorder.interceptor], session });
  await test(proxy);
  await recorder.idle(300);
  await recorder.close();
  await using reader = await JournalReader.open(folder);
  const entries: HarEntry[] = [];
  for await (const { record, request, response } of reader.entries()) {
    const entry = toHarEntry(record);
    if (request?.bytes !== undefined) entry.request.postData = { mimeType: '', text: request.bytes.toString() };
    if (response?.bytes !== undefined)
      entry.response.content = {
        ...{ size: 0, mimeType: '', text: response.bytes.toString('latin1') },
        _sha256: createHash('sha256').update(response.bytes).digest('hex'),
      };
    entries.push(entry);
  }
  return entries.sort((a, b) => (a._proxyctl?.index ?? 0) - (b._proxyctl?.index ?? 0));
}

/** A proxy that replays what was recorded. */
export async function replaying(
  entries: HarEntry[],
  options: ReplayOptions = {},
): Promise<{ proxy: TestProxy; replayer: Replayer }> {
  const info = recordingInfo({}, entries[0]?._proxyctl?.startedAt);
  const ref = { testId: info.testId, appVersion: info.appVersion, recordingId: info.recordingId };
  const recording = {
    ref,
    info,
    exchanges: new HarExchanges(entries),
    entries,
    body: async (content?: { text?: string; _sha256?: string }) =>
      Buffer.from(content?.text ?? '', content?._sha256 === undefined ? 'utf8' : 'latin1'),
  };
  const replayer = createReplayer({ recording, clock: { now: () => Date.now() }, options });
  return { proxy: await startProxy({ interceptors: [replayer.interceptor] }), replayer };
}
