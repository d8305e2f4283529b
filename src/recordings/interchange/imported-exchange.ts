import type { RecordedExchange } from '../../http/index.js';
import type { HarTimings } from '../../har/har.js';
import {
  contentCodings,
  decodeContent,
  encodeContent,
  header,
  type ExchangeTimings,
  type RawHeaders,
} from '../../http/index.js';
import type { ExchangeRecord } from '../../record/exchange-record.js';

/** An exchange of another tool's file. */
export interface ImportedExchange {
  record: ExchangeRecord;
  /** Wire bytes; empty: none. */
  request: Buffer;
  response: Buffer;
  /** The file says that there was a body, and has not got it. */
  lost: boolean;
}

/**
 * `bodies`: what the file holds of them, the response's with its content coding undone where
 * `exchange.response.decoded` says so.
 */
export function importedExchange(
  exchange: RecordedExchange,
  index: number,
  bodies: { request: Buffer; response: Buffer; lost: boolean },
): ImportedExchange {
  const { response, error, method } = exchange;
  const answer = response === undefined ? undefined : wireResponse(response.headers, bodies.response, response.decoded);
  const bodiless = method === 'HEAD' || response?.status === 304 || response?.status === 204;
  const record: ExchangeRecord = {
    id: `imported-${index}`,
    index,
    sessionId: 'import',
    startedAt: Number.isNaN(exchange.startedAt) ? 0 : exchange.startedAt,
    timings: timesOf(exchange.timings),
    request: {
      method,
      url: exchange.url.replace(/#.*$/s, ''),
      httpVersion: exchange.httpVersion,
      headers: withLength(exchange.headers, bodies.request.length, bodies.request.length === 0),
      ...(exchange.trailers === undefined ? {} : { trailers: exchange.trailers }),
    },
    ...(response === undefined || answer === undefined
      ? {}
      : {
          response: {
            status: response.status,
            reason: response.reason,
            httpVersion: response.httpVersion,
            headers: withLength(answer.headers, answer.body.length, bodiless),
            ...(response.trailers === undefined ? {} : { trailers: response.trailers }),
            informational: response.informational,
          },
        }),
    ...(error === undefined ? {} : { error }),
    ...(exchange.webSocketMessages === undefined ? {} : { webSocketMessages: exchange.webSocketMessages }),
    servedBy: 'upstream',
  };
  return { record, request: bodies.request, response: answer?.body ?? Buffer.alloc(0), lost: bodies.lost };
}

/** The body as its headers say that it was sent. A coding that cannot be made again is taken out of the headers. */
function wireResponse(headers: RawHeaders, body: Buffer, decoded: boolean): { headers: RawHeaders; body: Buffer } {
  const encoding = header(headers, 'content-encoding');
  if (!decoded || body.length === 0 || contentCodings(encoding).length === 0) return { headers, body };
  const encoded = encodeContent(body, encoding);
  if (decodeContent(encoded, encoding)?.equals(body) === true) return { headers, body: encoded };
  return { headers: without(headers, 'content-encoding'), body };
}

/** A length that is another than the body's is made right. */
function withLength(headers: RawHeaders, length: number, leave: boolean): RawHeaders {
  const said = header(headers, 'content-length');
  if (leave || said === undefined || said === String(length)) return headers;
  return headers.map((value, i) =>
    i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'content-length' ? String(length) : value,
  );
}

function without(headers: RawHeaders, name: string): RawHeaders {
  return headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== name);
}

/** HAR's phases one after the other. */
function timesOf({ blocked, dns, connect, ssl, send, wait, receive }: HarTimings): ExchangeTimings {
  const times: ExchangeTimings = {};
  let at = 0;
  const pass = (ms: number): number => (at += Math.max(0, ms));
  if (blocked >= 0) times.blockedUntil = pass(blocked);
  if (dns >= 0) {
    times.dnsStart = at;
    times.dnsEnd = pass(dns);
  }
  if (connect >= 0) {
    times.connectStart = at;
    const tls = Math.max(0, Math.min(ssl, connect));
    times.connectEnd = pass(connect - tls);
    if (ssl >= 0) {
      times.tlsStart = at;
      times.tlsEnd = pass(tls);
    }
  }
  times.requestSent = pass(send);
  times.responseStart = pass(wait);
  times.responseEnd = pass(receive);
  return times;
}
