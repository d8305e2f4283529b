import { Body, header, withHeader, withoutHeaders, type HttpResponse, type RawHeaders } from '../../http/index.js';
import { askedRange, heldRange, rangeWithin, type HeldRange } from '../request/byte-range.js';

/** A whole response, and what is asked of it. */
interface Incoming {
  answer: { headers: RawHeaders };
  incoming: RawHeaders;
}

/** A recorded answer with its body, what is asked of it, and what was when it was recorded. */
interface Whole extends Incoming {
  answer: HttpResponse;
  data: Buffer;
  recorded: Incoming;
}

/**
 * What a server makes of a whole response for a client that has it already (304, RFC 9110 §13) or wants a part of it
 * (206 or 416, §14). The whole when neither is asked for, or the server gave the whole when it was asked for that.
 */
export function partOf(whole: Whole): HttpResponse {
  if (whole.answer.status === 206) return partOfPart(whole);
  if (whole.answer.status !== 200) return whole.answer;
  const { recorded } = whole;
  if (isFresh(whole) && !isFresh(recorded)) return notModified(whole.answer);
  const range = header(whole.incoming, 'range');
  const ignored = header(recorded.incoming, 'range') !== undefined && rangeApplies(recorded);
  return range === undefined || ignored || !rangeApplies(whole) ? whole.answer : rangeOf(whole, range);
}

function isFresh({ answer, incoming }: Incoming): boolean {
  const none = header(incoming, 'if-none-match');
  const tag = header(answer.headers, 'etag');
  if (none !== undefined) {
    return tag !== undefined && none.split(',').some((text) => text.trim() === '*' || weak(text) === weak(tag));
  }
  const since = header(incoming, 'if-modified-since');
  const modified = since === undefined ? undefined : header(answer.headers, 'last-modified');
  return since !== undefined && modified !== undefined && Date.parse(modified) <= Date.parse(since);
}

/** Two tags are compared without regard to weakness (RFC 9110 §8.8.3.2). */
function weak(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

function notModified(answer: HttpResponse): HttpResponse {
  const headers = withoutHeaders(answer.headers, bodyHeaders);
  return { ...answer, status: 304, reason: 'Not Modified', headers, body: Body.empty() };
}

const bodyHeaders = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'content-language', 'transfer-encoding', 'trailer'],
]);

function rangeApplies({ answer, incoming }: Incoming): boolean {
  const condition = header(incoming, 'if-range');
  if (condition === undefined) return true;
  return condition === header(answer.headers, 'etag') || condition === header(answer.headers, 'last-modified');
}

function rangeOf({ answer, data }: Whole, range: string): HttpResponse {
  // a server may give the whole when it is asked for several ranges
  const asked = askedRange(range);
  if (asked === undefined) return answer;
  return bytesOf(answer, data, { start: 0, end: data.length - 1, total: data.length }, asked);
}

/** Of a recorded 206, another part than it was asked for: matching has shown that it holds it. */
function partOfPart({ answer, data, incoming, recorded }: Whole): HttpResponse {
  const [range, then] = [header(incoming, 'range'), header(recorded.incoming, 'range')];
  const held = heldRange(answer.headers);
  const asked = rangeApplies({ answer, incoming }) ? askedRange(range) : 'whole';
  if (range === then || held === undefined || asked === undefined) return answer;
  return bytesOf(answer, data, held, asked);
}

function bytesOf(
  answer: HttpResponse,
  data: Buffer,
  held: HeldRange,
  asked: NonNullable<ReturnType<typeof askedRange>>,
): HttpResponse {
  const within = rangeWithin(asked, held);
  if (within === undefined) return answer;
  const headers = withoutHeaders(answer.headers, new Set(['transfer-encoding', 'content-range']));
  const total = held.total ?? '*';
  if (within === 'none') {
    return {
      ...answer,
      status: 416,
      reason: 'Range Not Satisfiable',
      headers: withHeader(withHeader(headers, 'Content-Length', '0'), 'Content-Range', `bytes */${total}`),
      body: Body.empty(),
    };
  }
  const { first, last } = within;
  const part = data.subarray(first - held.start, last - held.start + 1);
  const length = withHeader(headers, 'Content-Length', String(part.length));
  if (asked === 'whole') return { ...answer, status: 200, reason: 'OK', headers: length, body: Body.of(part) };
  return {
    ...answer,
    status: 206,
    reason: 'Partial Content',
    headers: withHeader(length, 'Content-Range', `bytes ${first}-${last}/${total}`),
    body: Body.of(part),
  };
}
