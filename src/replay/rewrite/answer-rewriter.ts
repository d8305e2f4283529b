import { isUtf8 } from 'node:buffer';
import {
  contentCodings,
  decodeContent,
  encodeContent,
  header,
  headerPairs,
  withHeader,
  withoutHeaders,
  type RawHeaders,
} from '../../http/index.js';
import { acceptsCoding } from '../accept-encoding.js';
import type { Correlation } from '../correlation.js';
import type { ClockShift, ExchangeTimes } from '../dates/clock-shift.js';
import type { TimeWindow } from '../dates/find-times.js';
import { parseMediaType } from '../media-type.js';
import { withNewDigests } from './digests.js';
import type { JwtKey } from './jwt-signing.js';
import { ProtobufRewriter } from './protobuf-rewriter.js';
import { TextRewriter, type TextKind } from './text-rewriter.js';

/** Larger bodies are given as they were recorded. */
const maxBytes = 16 * 1024 * 1024;

interface RewrittenAnswer {
  headers: RawHeaders;
  trailers: RawHeaders;
  /** The wire bytes, in the coding that the headers name. */
  data: Buffer;
}

/** Tells a recorded answer as it reads in this run, in headers, body and trailers, its lengths and digests made right again. */
export class AnswerRewriter {
  readonly #texts: TextRewriter;
  readonly #protobuf: ProtobufRewriter;
  readonly #correlation: Correlation;
  readonly #clock: ClockShift;

  constructor(init: {
    correlation: Correlation;
    clock: ClockShift;
    windows: readonly TimeWindow[];
    jwtKeys: readonly JwtKey[];
  }) {
    this.#texts = new TextRewriter(init);
    this.#protobuf = new ProtobufRewriter(this.#texts);
    this.#correlation = init.correlation;
    this.#clock = init.clock;
  }

  /** `whole`: the body was recorded to its end; one that broke off stays as it is. */
  rewrite(
    { whole, ...answer }: RewrittenAnswer & { whole: boolean },
    asked: RawHeaders,
    times: ExchangeTimes,
  ): RewrittenAnswer {
    const given = whole ? inAcceptedCoding(answer, header(asked, 'accept-encoding')) : answer;
    if (this.#correlation.isEmpty && this.#clock.mode === 'off') return given;
    this.#clock.present(times);
    const headers = this.#headers(given.headers, times);
    const trailers = this.#headers(given.trailers, times);
    const coding = header(given.headers, 'content-encoding');
    const decoded = whole ? decodeContent(given.data, coding) : undefined;
    const body = decoded === undefined ? undefined : this.#body(decoded, given.headers, times);
    if (body === undefined || decoded === undefined) return { data: given.data, headers, trailers };
    const data = encodeContent(body, coding);
    const rename = (recorded: string, live: string): void => this.#correlation.rename(recorded, live);
    const digested = withNewDigests(headers, [given.data, decoded], [data, body], rename);
    return { data, trailers, headers: withLength(digested, data) };
  }

  /** The new body; undefined when it stays as it is. */
  #body(decoded: Buffer, headers: RawHeaders, times: ExchangeTimes): Buffer | undefined {
    if (decoded.length === 0 || decoded.length > maxBytes) return undefined;
    const { essence } = parseMediaType(header(headers, 'content-type'));
    const proto = this.#protobuf.rewriteBody(decoded, essence, header(headers, 'grpc-encoding'), times);
    if (proto !== undefined) return proto;
    if (binaryTypes.test(essence) || decoded.subarray(0, 1024).includes(0)) return undefined;
    const charset = isUtf8(decoded) ? 'utf8' : 'latin1';
    const text = decoded.toString(charset);
    const kind: TextKind = /^\s*[{[]/.test(text) || essence.includes('json') ? 'json' : 'text';
    const rewritten = this.#texts.rewrite(text, kind, times);
    return rewritten === text ? undefined : Buffer.from(rewritten, charset);
  }

  #headers(headers: RawHeaders, times: ExchangeTimes): RawHeaders {
    return headerPairs(headers).flatMap(({ name, value }) => [name, this.#header(name.toLowerCase(), value, times)]);
  }

  #header(name: string, value: string, times: ExchangeTimes): string {
    if (untouched.has(name)) return value;
    return this.#texts.rewrite(value, { name, exact: true }, times);
  }
}

/** A client that does not take the recorded coding gets the body without it. */
function inAcceptedCoding(answer: RewrittenAnswer, acceptEncoding: string | undefined): RewrittenAnswer {
  const coding = header(answer.headers, 'content-encoding');
  if (coding === undefined || answer.data.length === 0) return answer;
  if (contentCodings(coding).every((name) => acceptsCoding(acceptEncoding, name))) return answer;
  const data = decodeContent(answer.data, coding);
  if (data === undefined) return answer;
  return { ...answer, data, headers: withLength(withoutHeaders(answer.headers, new Set(['content-encoding'])), data) };
}

function withLength(headers: RawHeaders, data: Buffer): RawHeaders {
  return header(headers, 'content-length') === undefined
    ? headers
    : withHeader(headers, 'Content-Length', String(data.length));
}

const binaryTypes =
  /^(?:image\/(?!svg)|audio\/(?!mpegurl|x-mpegurl)|video\/|font\/|application\/(?:octet-stream|zip|gzip|pdf|wasm))/;

/** Lengths and digests are made right by themselves; the rest says nothing that changes. */
const untouched = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive'],
  ...[
    'etag',
    'content-md5',
    'digest',
    'content-digest',
    'repr-digest',
    'server',
    'vary',
    'alt-svc',
    'content-security-policy',
  ],
]);
