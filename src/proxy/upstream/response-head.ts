import type { HttpVersion, RawHeaders } from '../../http/index.js';

/** How the end of a response's body is told (RFC 9112 §6.3). */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

export interface ResponseHead {
  status: number;
  reason: string;
  httpVersion: HttpVersion;
  headers: RawHeaders;
  framing: Framing;
  /** Of the body, where it is known. */
  length: number | undefined;
  /** Whether the connection may serve another request after this response. */
  keepAlive: boolean;
  /** The server's own limit on an unused connection (`Keep-Alive: timeout`), ms. */
  keepAliveMs: number | undefined;
}

/** A response that breaks the rules of HTTP/1.1, or bends them in a way that lets two readers disagree. */
export class MalformedResponse extends Error {}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([^]*))?$/;
/** What may stand in no line; a carriage return is one where no line feed follows. */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
export const forbidden = /[\0-\x08\x0a-\x1f\x7f]/;
const nameChars = /^[!#$%&'*+\-.^_`|~\w]+$/;

/**
 * Reads a response's head: `text` is latin1, from the status line up to and without the empty line. Header names and
 * values stay as they are but for white space around values. Throws `MalformedResponse`.
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  let position = text.indexOf('\n');
  const first = line(text, 0, position);
  const match = statusLine.exec(first);
  if (match === null || forbidden.test(first))
    throw new MalformedResponse(`not an HTTP/1 status line: ${quote(first)}`);
  const minor = match[1] === '1';
  const head: ResponseHead = {
    status: Number(match[2]),
    reason: match[3] ?? '',
    httpVersion: minor ? 'HTTP/1.1' : 'HTTP/1.0',
    headers: [],
    framing: 'close',
    length: undefined,
    keepAlive: minor,
    keepAliveMs: undefined,
  };
  const headers: string[] = [];
  let transferEncoding: string | undefined;
  while (position !== -1) {
    const start = position + 1;
    position = text.indexOf('\n', start);
    const field = line(text, start, position);
    const colon = field.indexOf(':');
    const name = field.slice(0, colon);
    if (colon < 1 || !nameChars.test(name)) throw new MalformedResponse(`not a header line: ${quote(field)}`);
    const value = trim(field, colon + 1);
    if (forbidden.test(value)) throw new MalformedResponse(`a control character in the header ${name}`);
    headers.push(name, value);
    switch (name.length) {
      case 10:
        if (is(name, 'connection')) head.keepAlive = keepsAlive(value, head.keepAlive);
        else if (is(name, 'keep-alive')) head.keepAliveMs = keepAliveMs(value);
        break;
      case 14:
        if (is(name, 'content-length')) head.length = contentLength(value, head.length);
        break;
      case 17:
        if (is(name, 'transfer-encoding'))
          transferEncoding = transferEncoding === undefined ? value : `${transferEncoding}, ${value}`;
        break;
    }
  }
  head.headers = headers;
  frame(head, method, transferEncoding);
  return head;
}

/** RFC 9112 §6.3. A length beside a transfer coding is the classic way to make two readers see two bodies: refused. */
function frame(head: ResponseHead, method: string, transferEncoding: string | undefined): void {
  if (transferEncoding !== undefined && head.length !== undefined)
    throw new MalformedResponse('both Content-Length and Transfer-Encoding');
  const bodiless = method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304;
  if (bodiless) {
    head.framing = 'none';
    head.length = 0;
  } else if (transferEncoding !== undefined) {
    const codings = transferEncoding.toLowerCase().split(',');
    const chunkedAt = codings.findIndex((coding) => coding.trim() === 'chunked');
    if (chunkedAt !== -1 && chunkedAt !== codings.length - 1)
      throw new MalformedResponse(`Transfer-Encoding: ${quote(transferEncoding)}, where chunked is not last`);
    head.framing = chunkedAt === -1 ? 'close' : 'chunked';
  } else {
    head.framing = head.length === undefined ? 'close' : 'length';
  }
  if (head.framing === 'close' || head.status === 101) head.keepAlive = false;
}

function contentLength(value: string, before: number | undefined): number {
  if (!/^\d{1,15}$/.test(value)) throw new MalformedResponse(`Content-Length: ${quote(value)}`);
  const length = Number(value);
  if (before !== undefined && before !== length)
    throw new MalformedResponse(`two lengths, Content-Length: ${before} and ${length}`);
  return length;
}

function keepsAlive(value: string, before: boolean): boolean {
  if (value === 'keep-alive') return true;
  if (value === 'close') return false;
  const tokens = value.toLowerCase().split(',');
  if (tokens.some((token) => token.trim() === 'close')) return false;
  return before || tokens.some((token) => token.trim() === 'keep-alive');
}

function keepAliveMs(value: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The line from `start` to the line feed at `end` (-1: to the end), without a carriage return before it. */
function line(text: string, start: number, end: number): string {
  const stop = end === -1 ? text.length : end;
  return text.slice(start, text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop);
}

/** `field` from `start` on, without spaces and tabs around it. */
function trim(field: string, start: number): string {
  let from = start;
  let to = field.length;
  while (from < to && blank(field.charCodeAt(from))) from += 1;
  while (to > from && blank(field.charCodeAt(to - 1))) to -= 1;
  return field.slice(from, to);
}

function blank(code: number): boolean {
  return code === 32 || code === 9;
}

function is(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
