import { createHash } from 'node:crypto';
import type { HarEntry, HarEntryInfo } from '../../src/har/har.js';
import {
  Body,
  header,
  headerPairs,
  type Exchange,
  type HttpResponse,
  type RawHeaders,
  splitUrl,
} from '../../src/http/index.js';
import { HarExchanges } from '../../src/har/har-exchanges.js';
import type { ReplayOptions } from '../../src/replay/contract.js';
import type { Replayer } from '../../src/replay/contract.js';
import { createReplayer } from '../../src/replay/replayer.js';
import type { Recording } from '../../src/store/recording.js';

export type ReplayOptionsOf = ReplayOptions;

/** One recorded exchange, in short. Times are milliseconds since the recording began. */
export interface Recorded {
  method?: string;
  url: string;
  headers?: RawHeaders;
  body?: string | Buffer;
  status?: number;
  reason?: string;
  responseHeaders?: RawHeaders;
  answer?: string | Buffer | object;
  trailers?: RawHeaders;
  informational?: { status: number; headers: RawHeaders }[];
  error?: HarEntryInfo['error'];
  tunnel?: boolean;
  /** Its request was not sent to its end. */
  truncated?: boolean;
  atMs?: number;
  waitMs?: number;
  receiveMs?: number;
}

export const recordedAt = Date.parse('2026-11-21T10:00:00.000Z');

/** A recording as the store opens it, bodies named by their hashes. */
export function recording(exchanges: readonly Recorded[], info: Partial<Recording['info']> = {}): Recording {
  const bodies = new Map<string, Buffer>();
  const entries = exchanges.map((recorded, index) => entry(recorded, index, bodies));
  return {
    ref: { testId: 'test', appVersion: info.appVersion ?? 'default', recordingId: 'r' },
    info: {
      formatVersion: 1,
      recordingId: 'r',
      testId: 'test',
      appVersion: 'default',
      recordedAt: new Date(recordedAt).toISOString(),
      ...info,
    },
    exchanges: new HarExchanges(entries),
    entries,
    body: async (content) => bodies.get(content?._sha256 ?? '') ?? Buffer.from(content?.text ?? ''),
  };
}

function entry(recorded: Recorded, index: number, bodies: Map<string, Buffer>): HarEntry {
  const { method = 'GET', url, body, answer = '', status = 200 } = recorded;
  const requestHeaders = recorded.headers ?? [];
  const answerBytes = bytes(answer);
  const keep = (data: Buffer): string => {
    const hash = createHash('sha256').update(data).digest('hex');
    bodies.set(hash, data);
    return hash;
  };
  const responseHeaders =
    recorded.responseHeaders ?? (typeof answer === 'object' ? ['Content-Type', 'application/json'] : []);
  const wait = recorded.waitMs ?? 1;
  const receive = recorded.receiveMs ?? 0;
  return {
    startedDateTime: new Date(recordedAt + (recorded.atMs ?? index * 100)).toISOString(),
    time: wait + receive,
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headerPairs(requestHeaders),
      queryString: [],
      headersSize: -1,
      bodySize: body?.length ?? 0,
      ...(body === undefined
        ? {}
        : {
            postData: {
              mimeType: header(requestHeaders, 'content-type') ?? '',
              _sha256: keep(bytes(body)),
            },
          }),
    },
    response: {
      status: recorded.error !== undefined && recorded.status === undefined ? 0 : status,
      statusText: recorded.reason ?? 'OK',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headerPairs(responseHeaders),
      content: {
        size: answerBytes.length,
        mimeType: header(responseHeaders, 'content-type') ?? '',
        _sha256: keep(answerBytes),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: answerBytes.length,
    },
    cache: {},
    timings: { blocked: 0, dns: -1, connect: -1, send: 0, wait, receive, ssl: -1 },
    _proxyctl: {
      index,
      id: `e${index}`,
      rawHeaders: true,
      ...(recorded.trailers === undefined ? {} : { responseTrailers: headerPairs(recorded.trailers) }),
      ...(recorded.informational === undefined
        ? {}
        : {
            informational: recorded.informational.map(({ status, headers }) => ({
              status,
              headers: headerPairs(headers),
            })),
          }),
      ...(recorded.truncated === true ? { requestTruncated: true as const } : {}),
      ...(recorded.error === undefined ? {} : { error: recorded.error }),
      ...(recorded.tunnel === true
        ? { tunnel: { host: 'h', port: 1, reason: 'upgrade', bytesSent: 0, bytesReceived: 0 } }
        : {}),
    },
    ...(recorded.error === undefined ? {} : { _error: recorded.error.message }),
  };
}

function bytes(data: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
}

/** A request to a replay, in short. */
export type Incoming = Pick<Recorded, 'method' | 'url' | 'headers' | 'body'>;

export interface Answered {
  status: number;
  reason: string;
  headers: RawHeaders;
  text: string;
  data: Buffer;
  trailers: RawHeaders;
  /** What the interceptor noted. */
  notes: Exchange['notes'];
  informational: { status: number; headers: RawHeaders }[];
  json: () => unknown;
}

/** A replay under test: `ask` sends it a request and reads the whole answer. */
export class Replay {
  readonly replayer: Replayer;
  /** The time that the replay sees; moved by tests. */
  now: number;
  #index = 0;

  constructor(
    exchanges: readonly Recorded[],
    options: ReplayOptions & { now?: number; info?: Partial<Recording['info']> } = {},
  ) {
    const { now, info, ...rest } = options;
    this.now = now ?? recordedAt;
    this.replayer = createReplayer({
      recording: recording(exchanges, info),
      clock: { now: () => this.now },
      startedAt: this.now,
      options: rest,
    });
  }

  async ask(incoming: Incoming | string, client = new Client()): Promise<Answered> {
    const informational: { status: number; headers: RawHeaders }[] = [];
    const exchange = this.#exchange(typeof incoming === 'string' ? { url: incoming } : incoming, client, informational);
    const response = await this.#answer(exchange);
    const { data, trailers } = await response.body.bytes();
    return {
      status: response.status,
      reason: response.reason,
      headers: response.headers,
      text: data.toString('utf8'),
      data,
      trailers,
      notes: exchange.notes,
      informational,
      json: () => JSON.parse(data.toString('utf8')) as unknown,
    };
  }

  /** The answer with its body unread. */
  open(incoming: Incoming | string, client: Client): Promise<HttpResponse> {
    return this.#answer(this.#exchange(typeof incoming === 'string' ? { url: incoming } : incoming, client, []));
  }

  #answer(exchange: Exchange): Promise<HttpResponse> {
    return this.replayer.interceptor(exchange, () => {
      throw new Error('A replay must not ask for the next link of the chain');
    });
  }

  /** The texts of the answers to several requests, one after the other. */
  async texts(...incoming: (Incoming | string)[]): Promise<string[]> {
    const texts: string[] = [];
    for (const request of incoming) texts.push((await this.ask(request)).text);
    return texts;
  }

  #exchange(incoming: Incoming, client: Client, informational: Answered['informational']): Exchange {
    const place = splitUrl(incoming.url);
    if (place === undefined) throw new Error(`Not a URL: ${incoming.url}`);
    const index = this.#index++;
    return {
      id: `x${index}`,
      sessionId: 's',
      index,
      startedAt: this.now,
      request: {
        ...place,
        method: incoming.method ?? 'GET',
        httpVersion: 'HTTP/1.1',
        headers: incoming.headers ?? [],
        body: incoming.body === undefined ? Body.empty() : Body.of(incoming.body),
      },
      timings: {},
      notes: {},
      elapsed: () => 0,
      onAbort: (callback) => client.onAbort(callback),
      informational: (status, headers) => informational.push({ status, headers }),
    };
  }
}

/** The client's side of an exchange: it can go away. */
export class Client {
  readonly #callbacks = new Set<(reason: Error) => void>();
  #gone: Error | undefined;

  onAbort(callback: (reason: Error) => void): () => void {
    if (this.#gone !== undefined) callback(this.#gone);
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  goAway(): void {
    this.#gone = new Error('The client went away');
    for (const callback of this.#callbacks) callback(this.#gone);
  }
}

export const json = ['Content-Type', 'application/json'];
export const form = ['Content-Type', 'application/x-www-form-urlencoded'];
