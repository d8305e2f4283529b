import { Body, header, withHeader, withoutHeaders, type HttpResponse, type RawHeaders } from '../../http/index.js';

/** A whole response, and what is asked of it. */
interface Incoming {
  answer: { headers: RawHeaders };
  incoming: RawHeaders;
}

/** A recorded 200 with its whole body, what is asked of it, and what was when it was recorded. */
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
  const match = /^bytes=(\d*)-(\d*)$/.exec(range.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return answer;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, data.length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? data.length - 1 : Math.min(Number(last), data.length - 1);
  const headers = withoutHeaders(answer.headers, new Set(['transfer-encoding', 'content-range']));
  if (start >= data.length || start > end) {
    return {
      ...answer,
      status: 416,
      reason: 'Range Not Satisfiable',
      headers: withHeader(withHeader(headers, 'Content-Length', '0'), 'Content-Range', `bytes */${data.length}`),
      body: Body.empty(),
    };
  }
  const part = data.subarray(start, end + 1);
  const length = withHeader(headers, 'Content-Length', String(part.length));
  return {
    ...answer,
    status: 206,
    reason: 'Partial Content',
    headers: withHeader(length, 'Content-Range', `bytes ${start}-${end}/${data.length}`),
    body: Body.of(part),
  };
}
