import type { RecordedExchange, RecordedResponse } from '../har/from-har-entry.js';
import {
  Body,
  mayHaveBody,
  UpstreamError,
  withHeader,
  withoutHeaders,
  type Exchange,
  type HttpResponse,
  type RawHeaders,
} from '../http/index.js';
import { pacedBody } from './paced-body.js';
import { pause } from './pause.js';
import type { RecordedBodies } from './recorded-bodies.js';

export type Timing = 'fast' | 'recorded';

/** How long a recorded hang is kept up when the client does not give up first. */
const maxHangMs = 10 * 60 * 1000;

/**
 * The recorded answer: status, reason, raw headers, the bytes of its body and its trailers, informational responses
 * ahead of it. A recorded failure is thrown as the same `UpstreamError`, before the answer or in the middle of its body;
 * an exchange that the client itself broke off hangs where it hung, until the client goes away again.
 */
export async function recordedAnswer(
  recorded: RecordedExchange,
  exchange: Exchange,
  bodies: RecordedBodies,
  timing: Timing,
): Promise<HttpResponse> {
  const { response, error, timings } = recorded;
  if (timing === 'recorded') {
    await pause(sum(timings.blocked, timings.dns, timings.connect, timings.send, timings.wait), exchange);
  }
  const failure = error === undefined ? undefined : recordedFailure(error, exchange);
  if (response === undefined) {
    if (error?.kind === 'aborted') await pause(maxHangMs, exchange);
    throw failure ?? recordedFailure({ kind: 'closed', phase: 'response', message: 'no answer came' }, exchange);
  }
  for (const { status, headers } of response.informational) exchange.informational(status, headers);
  const { status, reason, httpVersion, trailers = [] } = response;
  const wire = mayHaveBody(exchange.request.method, status) ? await bodies.get(response.body) : noBytes;
  const data = error?.bytesReceived === undefined ? wire : wire.subarray(0, error.bytesReceived);
  const receiveMs = timing === 'recorded' ? Math.max(0, timings.receive) : 0;
  const body =
    failure === undefined && receiveMs === 0
      ? Body.of(data, trailers)
      : pacedBody({ data, trailers, failure, receiveMs, hangMs: maxHangMs, exchange });
  return { status, reason, httpVersion, headers: headersOf(response, data), body };
}

const noBytes = Buffer.alloc(0);

/** Headers of a body that another tool stored without its content encoding must not name that encoding. */
function headersOf({ headers, decoded, body }: RecordedResponse, data: Buffer): RawHeaders {
  if (!decoded || body === undefined) return headers;
  const plain = withoutHeaders(headers, new Set(['content-encoding']));
  return plain.length === headers.length ? headers : withHeader(plain, 'Content-Length', String(data.length));
}

function recordedFailure(error: NonNullable<RecordedExchange['error']>, { request }: Exchange): UpstreamError {
  const { kind, phase, message, systemCode } = error;
  return new UpstreamError(
    { kind, phase, host: request.host, port: request.port, ...(systemCode === undefined ? {} : { systemCode }) },
    `Recorded failure: ${message}`,
  );
}

function sum(...milliseconds: number[]): number {
  return milliseconds.reduce((total, ms) => total + Math.max(0, ms), 0);
}
