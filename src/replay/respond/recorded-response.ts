import type { RecordedExchange } from '../../http/index.js';
import {
  Body,
  header,
  mayHaveBody,
  streamFormat,
  UpstreamError,
  withHeader,
  withoutHeaders,
  type Exchange,
  type HttpResponse,
  type RawHeaders,
} from '../../http/index.js';
import type { ExchangeTimes } from '../volatile/dates/clock-shift.js';
import { pacedBody } from './paced-body.js';
import { partOf } from './partial-answer.js';
import type { Holds, PushedMessage } from '../select/holds.js';
import { pause } from '../select/pause.js';
import { streamedResponse } from './streamed-response.js';
import type { BatchOrder } from '../match/batch-order.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import type { FixedBodies } from './rewrite/fixed-bodies.js';
import type { ResponseRewriter } from './rewrite/response-rewriter.js';
import type { Echo } from './rewrite/echoes.js';
import type { Timing } from './timing.js';

/** How long a recorded hang is kept up when the client does not give up first. */
export const maxHangMs = 10 * 60 * 1000;

interface RecordedResponseInit {
  bodies: RecordedBodies;
  rewriter: ResponseRewriter;
  timing: Timing;
  times: () => ExchangeTimes;
  /** The time of this run's client. */
  now: () => number;
  /** What the response repeats of its own request. */
  echoes: readonly Echo[];
  /** Of the calls that it answers, where that is another than it was. */
  order?: BatchOrder | undefined;
  /** Why its body has to stay as it was recorded, byte by byte; undefined: it has not. */
  whyFixed: () => ReturnType<FixedBodies['why']>;
  /** What the client has uploaded in place of its body. */
  uploaded: Buffer | undefined;
  /** What holds the parts of a stream until what they followed upon has happened. */
  holds: (messages: readonly PushedMessage[], changed: () => void) => Promise<Holds>;
  /** The write that a part of a stream waited for was not made. */
  causeMissed: (cause: number) => void;
}

/**
 * The recorded response as it reads in this run: status, reason, raw headers, the bytes of its body and its trailers,
 * informational responses ahead of it. A recorded failure is thrown as the same `UpstreamError`, before the response or
 * in the middle of its body; an exchange that the client itself broke off hangs where it hung, until the client goes
 * away again.
 */
export async function recordedResponse(
  recorded: RecordedExchange,
  exchange: Exchange,
  { bodies, rewriter, timing, times, now, echoes, order, whyFixed, uploaded, holds, causeMissed }: RecordedResponseInit,
): Promise<HttpResponse> {
  const { response, error, timings } = recorded;
  if (error?.kind === 'aborted') exchange.notes.abortedWhenRecorded = true;
  if (timing === 'recorded') {
    await pause(sum(timings.blocked, timings.dns, timings.connect, timings.send, timings.wait), exchange);
  }
  const failure = error === undefined ? undefined : recordedFailure(error, exchange);
  if (response === undefined) {
    if (error?.kind === 'aborted') await pause(maxHangMs, exchange);
    throw failure ?? recordedFailure({ kind: 'closed', phase: 'response', message: 'no answer came' }, exchange);
  }
  for (const { status, headers } of response.informational) exchange.informational(status, headers);
  const hasBody = mayHaveBody(exchange.request.method, response.status);
  const wire = hasBody ? (uploaded ?? (await bodies.get(response.body))) : noBytes;
  const data = error?.bytesReceived === undefined ? wire : wire.subarray(0, error.bytesReceived);
  const why = data.length === 0 || uploaded !== undefined ? undefined : whyFixed();
  const known = why instanceof Promise ? await why : why; // each wait that is not needed costs every request
  const fixed = uploaded !== undefined || known !== undefined;
  const whole = failure === undefined;
  const { status, reason, httpVersion } = response;
  const format = hasBody && uploaded === undefined ? streamFormat(response.headers) : undefined;
  const stream =
    format === undefined
      ? undefined
      : await streamedResponse({
          ...{ recorded, response, format, wire: data, fixed, failure, hangMs: maxHangMs, exchange, timing },
          ...{ rewriter, now, echoes, holds, causeMissed },
        });
  if (stream !== undefined) return { status, reason, httpVersion, headers: stream.headers, body: stream.body };
  const headers = headersOf(response, data, hasBody && uploaded !== undefined);
  const given = { headers, trailers: response.trailers ?? [], data, whole, fixed };
  const keys = rewriter.keysFor(given, exchange.request.headers, recorded.startedAt);
  if (keys !== undefined) await keys;
  const rewritten = rewriter.rewrite(given, exchange.request.headers, times(), { echoes, order });
  const receiveMs = timing === 'recorded' ? Math.max(0, timings.receive) : 0;
  const atOnce = whole && receiveMs === 0;
  const answer: HttpResponse = {
    ...{ status, reason, httpVersion, headers: allowingAll(rewritten.headers, exchange.request) },
    body: atOnce
      ? Body.of(rewritten.data, rewritten.trailers)
      : pacedBody({
          data: rewritten.data,
          trailers: rewritten.trailers,
          failure,
          receiveMs,
          hangMs: maxHangMs,
          exchange,
        }),
  };
  // a part that was not asked for is none, in whatever time
  if (!atOnce && (!whole || status !== 206)) return answer;
  const incoming = exchange.request.headers;
  return partOf({ answer, data: rewritten.data, incoming, recorded: { answer: response, incoming: recorded.headers } });
}

const noBytes = Buffer.alloc(0);

/** A preflight is asked for other headers than it was: matching has shown that it allowed all that it was asked for. */
function allowingAll(headers: RawHeaders, request: Exchange['request']): RawHeaders {
  if (request.method !== 'OPTIONS') return headers;
  const asked = namesIn(header(request.headers, 'access-control-request-headers'));
  const allowed = header(headers, 'access-control-allow-headers');
  const known = new Set(namesIn(allowed).map((name) => name.toLowerCase()));
  const missing = asked.filter((name) => !known.has(name.toLowerCase()));
  if (allowed === undefined || known.has('*') || missing.length === 0) return headers;
  return withHeader(headers, 'Access-Control-Allow-Headers', [allowed, ...missing].join(', '));
}

function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Headers of a body that another tool stored without its content encoding must not name that encoding. */
function headersOf(
  response: NonNullable<RecordedExchange['response']>,
  data: Buffer,
  isOther: boolean,
): HttpResponse['headers'] {
  const { headers, decoded, body } = response;
  if (isOther && header(headers, 'content-length') !== undefined)
    return withHeader(headers, 'Content-Length', String(data.length));
  if (!decoded || body === undefined) return headers;
  const plain = withoutHeaders(headers, new Set(['content-encoding']));
  return plain.length === headers.length ? headers : withHeader(plain, 'Content-Length', String(data.length));
}

export function recordedFailure(error: NonNullable<RecordedExchange['error']>, { request }: Exchange): UpstreamError {
  const { kind, phase, message, systemCode } = error;
  return new UpstreamError(
    { kind, phase, host: request.host, port: request.port, ...(systemCode === undefined ? {} : { systemCode }) },
    `Recorded failure: ${message}`,
  );
}

function sum(...milliseconds: number[]): number {
  return milliseconds.reduce((total, ms) => total + Math.max(0, ms), 0);
}
