import { createReadStream } from 'node:fs';
import { splitUrl, type HttpVersion, type RawHeaders, type RecordedExchange } from '../../http/index.js';
import type { HarWebSocketMessage } from '../../har/har.js';
import { importedExchange, type ImportedExchange } from './imported-exchange.js';
import { redactionMember } from './export-mitm.js';
import { parseTnet, type Tnet } from './tnetstring.js';

type Fields = { [name: string]: Tnet };

/**
 * The HTTP exchanges of what mitmproxy saved (`mitmdump -w`), a flow at a time. Resolves with how one of them says that
 * the recording was redacted which they are of. Throws `SyntaxError` when the file is damaged or cut off.
 */
export async function readMitmFile(path: string, onExchange: (exchange: ImportedExchange) => void): Promise<unknown> {
  let rest: Buffer = Buffer.alloc(0);
  let pending: Buffer[] = [];
  let wanted = 0;
  let index = 0;
  let redaction: unknown;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    pending.push(chunk);
    wanted -= chunk.length;
    if (wanted > 0) continue;
    rest = Buffer.concat([rest, ...pending]);
    pending = [];
    for (;;) {
      const parsed = rest.length === 0 ? undefined : parseTnet(rest);
      if (parsed === undefined) break;
      rest = rest.subarray(parsed.end);
      redaction ??= redactionIn(parsed.value);
      const exchange = exchangeOf(parsed.value, index);
      if (exchange === undefined) continue;
      onExchange(exchange);
      index += 1;
    }
    // A flow of many megabytes is not tried again with each chunk.
    const size = Number(/^(\d{1,10}):/.exec(rest.subarray(0, 12).toString('latin1'))?.[1] ?? 0);
    wanted = size - rest.length;
  }
  rest = Buffer.concat([rest, ...pending]);
  if (rest.length > 0) throw new SyntaxError(`its last flow is cut off after ${rest.length} bytes`);
  return redaction;
}

/** What an export has put into the flow's metadata. */
function redactionIn(flow: Tnet): unknown {
  const metadata = isFields(flow) ? flow.metadata : undefined;
  const told = isFields(metadata ?? null) ? text((metadata as Fields)[redactionMember]) : '';
  try {
    return told === '' ? undefined : JSON.parse(told);
  } catch {
    return undefined; // of another program
  }
}

/** Undefined for flows that are no HTTP (TCP, UDP, DNS). */
function exchangeOf(flow: Tnet, index: number): ImportedExchange | undefined {
  if (!isFields(flow) || !isFields(flow.request ?? null) || text(flow.type) !== 'http') return undefined;
  const request = flow.request as Fields;
  const response = isFields(flow.response ?? null) ? (flow.response as Fields) : undefined;
  const started = seconds(request.timestamp_start) ?? 0;
  const sent = seconds(request.timestamp_end) ?? started;
  const answered = seconds(response?.timestamp_start) ?? sent;
  const ended = seconds(response?.timestamp_end) ?? answered;
  const ms = (from: number, to: number): number => Math.max(0, (to - from) * 1000);
  const messages = webSocketMessages(flow.websocket);
  const url = urlOf(request);
  const exchange: RecordedExchange = {
    index,
    startedAt: started * 1000,
    method: text(request.method),
    url,
    parts: splitUrl(url),
    httpVersion: versionOf(request.http_version),
    headers: headersOf(request.headers),
    ...(Array.isArray(request.trailers) ? { trailers: headersOf(request.trailers) } : {}),
    bodyTruncated: false,
    ...(response === undefined
      ? { error: { kind: 'closed', phase: 'response', message: errorText(flow.error) } }
      : {
          response: {
            status: Number(response.status_code),
            reason: text(response.reason),
            httpVersion: versionOf(response.http_version),
            headers: headersOf(response.headers),
            ...(Array.isArray(response.trailers) ? { trailers: headersOf(response.trailers) } : {}),
            informational: [],
            bodyTruncated: false,
            decoded: false,
          },
        }),
    ...(messages === undefined ? {} : { webSocketMessages: messages }),
    timings: {
      blocked: -1,
      dns: -1,
      connect: -1,
      ssl: -1,
      send: ms(started, sent),
      wait: ms(sent, answered),
      receive: ms(answered, ended),
    },
    timeMs: ms(started, ended),
  };
  return importedExchange(exchange, index, {
    request: bytes(request.content),
    response: bytes(response?.content),
    lost: false,
  });
}

function urlOf({ scheme, host, port, path, headers, authority }: Fields): string {
  // What the client asked for by name; in transparent mode `host` is an address.
  const named = text(authority) || hostHeader(headersOf(headers)) || `${bracketed(text(host))}:${Number(port)}`;
  const standard = text(scheme) === 'https' ? ':443' : ':80';
  return `${text(scheme)}://${named.endsWith(standard) ? named.slice(0, -standard.length) : named}${text(path)}`;
}

function hostHeader(headers: RawHeaders): string {
  const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  return at < 0 ? '' : (headers[at + 1] ?? '');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `[type, from_client, content, timestamp, …]` each. */
function webSocketMessages(socket: Tnet | undefined): HarWebSocketMessage[] | undefined {
  if (!isFields(socket ?? null)) return undefined;
  const { messages } = socket as Fields;
  if (!Array.isArray(messages)) return undefined;
  return messages
    .filter((each): each is Tnet[] => Array.isArray(each))
    .map(([opcode = 1, fromClient = false, content = null, time = 0]) => ({
      type: fromClient === true ? 'send' : 'receive',
      time: Number(time),
      opcode: Number(opcode),
      data: bytes(content).toString(opcode === 1 ? 'utf8' : 'base64'),
    }));
}

function headersOf(pairs: Tnet | undefined): RawHeaders {
  if (!Array.isArray(pairs)) return [];
  return pairs.flatMap((pair) => (Array.isArray(pair) ? [latin1(pair[0]), latin1(pair[1])] : []));
}

function versionOf(value: Tnet | undefined): HttpVersion {
  const version = text(value);
  if (/^HTTP\/[23]/.test(version)) return 'HTTP/2.0';
  return version === 'HTTP/1.0' ? 'HTTP/1.0' : 'HTTP/1.1';
}

function errorText(error: Tnet | undefined): string {
  return isFields(error ?? null) ? text((error as Fields).msg) : 'No response was recorded';
}

function isFields(value: Tnet): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

function text(value: Tnet | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : '';
}

function latin1(value: Tnet | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : text(value);
}

function bytes(value: Tnet | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : '');
}

function seconds(value: Tnet | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
