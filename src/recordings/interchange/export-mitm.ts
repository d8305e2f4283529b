import { randomUUID } from 'node:crypto';
import { decodeContent, encodeContent, header, type RawHeaders, type RecordedExchange } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { Float, writeTnet, type Writable } from './tnetstring.js';

/** The version of the form that is written; newer versions of mitmproxy convert it (`mitmproxy/io/compat.py`). */
const flowFormatVersion = 21;

/** In the metadata of each flow, as somebody may keep some of them: how the recording was redacted, as JSON. */
export const redactionMember = 'proxyctl_redaction';

/**
 * A recording as mitmproxy saves flows: `mitmproxy -r FILE`, `mitmdump --server-replay FILE`. One flow in memory at a
 * time.
 */
export async function* exportMitm(recording: Recording): AsyncGenerator<Buffer, void, undefined> {
  const { exchanges } = recording;
  let metadata = metadataOf(recording.info.redaction);
  for (let position = 0; position < exchanges.length; position++) {
    const exchange = exchanges.get(position);
    if (exchange.tunnel !== undefined) continue;
    const request = await recording.body(exchange.body);
    const flow = flowOf(exchange, request, await answerBody(recording, exchange), metadata);
    if (flow === undefined) continue;
    yield writeTnet(flow);
    metadata = metadataOf(withoutList(recording.info.redaction));
  }
}

function metadataOf(redaction: unknown): Record<string, string> {
  return redaction === undefined ? {} : { [redactionMember]: JSON.stringify(redaction) };
}

/** What may have thousands of members stands once. */
function withoutList(redaction: unknown): unknown {
  return typeof redaction === 'object' ? { ...redaction, elsewhere: undefined } : redaction;
}

async function answerBody(recording: Recording, { response }: RecordedExchange): Promise<Buffer> {
  if (response === undefined) return Buffer.alloc(0);
  const body = await recording.body(response.body);
  const encoding = header(response.headers, 'content-encoding');
  if (!response.decoded || decodeContent(body, encoding) !== undefined) return body;
  return encodeContent(body, encoding);
}

function flowOf(
  exchange: RecordedExchange,
  request: Buffer,
  answer: Buffer,
  metadata: Record<string, string>,
): Writable | undefined {
  if (exchange.parts === undefined) return undefined;
  const { scheme, host, port, target } = exchange.parts;
  const started = exchange.startedAt / 1000;
  const { send, wait } = exchange.timings;
  const sent =
    started + Math.max(0, exchange.timeMs - Math.max(0, exchange.timings.receive) - Math.max(0, wait)) / 1000;
  const answered = sent + Math.max(0, wait) / 1000;
  const ended = started + Math.max(exchange.timeMs, send) / 1000;
  const { response, error } = exchange;
  return {
    version: flowFormatVersion,
    type: 'http',
    id: randomUUID(),
    error:
      response !== undefined
        ? null
        : { msg: error?.message ?? 'No response was recorded', timestamp: new Float(ended) },
    client_conn: {
      ...connection(scheme, host, started),
      peername: ['127.0.0.1', 0],
      sockname: ['127.0.0.1', 0],
      mitmcert: null,
      proxy_mode: 'regular',
    },
    server_conn: {
      ...connection(scheme, host, started),
      address: [host, port],
      peername: null,
      sockname: null,
      timestamp_tcp_setup: new Float(started),
      via: null,
    },
    intercepted: false,
    is_replay: null,
    marked: '',
    metadata,
    comment: '',
    timestamp_created: new Float(started),
    backup: null,
    websocket: webSocketOf(exchange, ended),
    request: {
      method: Buffer.from(exchange.method),
      scheme: Buffer.from(scheme),
      host,
      port,
      authority: Buffer.from(exchange.httpVersion === 'HTTP/2.0' ? authority(exchange.parts) : ''),
      path: Buffer.from(target, 'latin1'),
      ...message(exchange.httpVersion, exchange.headers, request, exchange.trailers),
      timestamp_start: new Float(started),
      timestamp_end: new Float(sent),
    },
    response:
      response === undefined
        ? null
        : {
            status_code: response.status,
            reason: Buffer.from(response.reason, 'latin1'),
            ...message(response.httpVersion, response.headers, answer, response.trailers),
            timestamp_start: new Float(answered),
            timestamp_end: new Float(ended),
          },
  };
}

function message(httpVersion: string, headers: RawHeaders, content: Buffer, trailers: RawHeaders | undefined) {
  return {
    http_version: Buffer.from(httpVersion),
    headers: pairs(headers),
    content,
    trailers: trailers === undefined ? null : pairs(trailers),
  };
}

function pairs(headers: RawHeaders): Writable[] {
  return headers.flatMap((name, i) =>
    i % 2 === 1 ? [] : [[Buffer.from(name, 'latin1'), Buffer.from(headers[i + 1] ?? '', 'latin1')]],
  );
}

function connection(scheme: string, host: string, started: number) {
  const tls = scheme === 'https';
  return {
    id: randomUUID(),
    transport_protocol: 'tcp',
    alpn: null,
    alpn_offers: [],
    certificate_list: [],
    cipher: null,
    cipher_list: [],
    error: null,
    sni: tls ? host : null,
    timestamp_start: new Float(started),
    timestamp_end: null,
    timestamp_tls_setup: tls ? new Float(started) : null,
    tls,
    tls_version: null,
  };
}

function authority({ scheme, host, port }: { scheme: string; host: string; port: number }): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

function webSocketOf({ webSocketMessages, response }: RecordedExchange, ended: number): Writable {
  if (webSocketMessages === undefined || response?.status !== 101) return null;
  return {
    messages: webSocketMessages
      .filter(({ opcode }) => opcode === 1 || opcode === 2)
      .map(({ type, opcode, data, time }) => [
        opcode,
        type === 'send',
        Buffer.from(data, opcode === 1 ? 'utf8' : 'base64'),
        new Float(time),
        false,
        false,
      ]),
    closed_by_client: null,
    close_code: null,
    close_reason: null,
    timestamp_end: new Float(ended),
  };
}
