import {
  contentCodings,
  decodeContent,
  decodeContentStart,
  encodeContent,
  encodeContentStart,
  header,
  headerPairs,
  withHeader,
  withoutHeaders,
  type RawHeaders,
  protobufCarrier,
} from '../../../http/index.js';
import { acceptsCoding } from '../accept-encoding.js';
import type { BatchOrder } from '../../match/batch-order.js';
import type { Correlation } from '../../match/correlation.js';
import type { ClockShift, ExchangeTimes } from '../../volatile/dates/clock-shift.js';
import type { TimeWindow } from '../../volatile/dates/find-times.js';
import { parseMediaType, type MediaType } from '../../request/media-type.js';
import { recordSeparator } from '../../request/text/json-lines.js';
import { decodeText, type DecodedText } from '../../request/text/charset.js';
import { findDigests, withNewDigests, type FoundDigest } from '../../request/digest/digests.js';
import { inOrderOfCalls } from './batch-answers.js';
import { echoesIn, type Echo } from './echoes.js';
import type { UploadSizes } from '../upload-sizes.js';
import type { ShortSecrets } from './short-secrets.js';
import type { SigningKeys } from './signing-keys.js';
import { ProtobufRewriter } from './protobuf-rewriter.js';
import { merged } from '../../request/text/replacements.js';
import { TextRewriter, type TextKind, type TextPlan } from './text-rewriter.js';

/** Larger bodies are given as they were recorded. */
const maxBytes = 16 * 1024 * 1024;
/** Of larger bodies nothing is remembered. */
const maxKeptBytes = 64 * 1024;

interface RewrittenResponse {
  headers: RawHeaders;
  trailers: RawHeaders;
  /** The wire bytes, in the coding that the headers name. */
  data: Buffer;
}

interface RecordedResponse extends RewrittenResponse {
  /** Its body was recorded to its end. Otherwise `data` is what came of it. */
  whole: boolean;
  /** Its body is given byte by byte as it was. */
  fixed?: boolean;
}

/** What a response is told by besides the run: what belongs to its request alone. */
interface AnswerContext {
  /** What it repeats of its own request. */
  echoes?: readonly Echo[];
  /** Of the calls that it answers, where that is another than it was. */
  order?: BatchOrder | undefined;
}

interface HeaderPlan {
  name: string;
  value: string;
  /** Undefined: it is never told anew. */
  plan: TextPlan | undefined;
}

interface BodyPlan {
  decoded: Buffer;
  essence: string;
  text?: DecodedText;
  /** Undefined for protobuf, which is looked through each time. */
  plan?: TextPlan;
}

/** What there is to be told anew in one recorded response, and how it was told last. */
interface ResponsePlan {
  given: RecordedResponse;
  data: Buffer;
  acceptEncoding: string | undefined;
  recordedAt: number;
  headers: readonly HeaderPlan[];
  trailers: readonly HeaderPlan[];
  body: BodyPlan | undefined;
  /** The told answer may be given again as long as nothing in it is called otherwise. */
  keeps: boolean;
  /** Digests of its body that its headers and its trailers have; found when the body is told anew first. */
  digests?: FoundDigest[][];
  rewritten?: RewrittenResponse;
  rewrittenVersion: number;
}

/**
 * Tells a recorded response as it reads in this run, in headers, body and trailers, its lengths and digests made right
 * again.
 */
export class ResponseRewriter {
  readonly #texts: TextRewriter;
  readonly #protobuf: ProtobufRewriter;
  readonly #correlation: Correlation;
  readonly #clock: ClockShift;
  readonly #keys: SigningKeys | undefined;
  readonly #secrets: ShortSecrets | undefined;
  readonly #sizes: UploadSizes | undefined;
  readonly #plans = new WeakMap<RawHeaders, ResponsePlan>();

  constructor(init: {
    correlation: Correlation;
    clock: ClockShift;
    windows: readonly TimeWindow[];
    keys?: SigningKeys;
    secrets?: ShortSecrets;
    sizes?: UploadSizes;
    asReceived?: (text: string) => string;
  }) {
    this.#texts = new TextRewriter(init);
    this.#protobuf = new ProtobufRewriter(this.#texts);
    this.#correlation = init.correlation;
    this.#clock = init.clock;
    this.#keys = init.keys;
    this.#secrets = init.secrets;
    this.#sizes = init.sizes;
  }

  /** Resolves once the keys are there that the response needs to be told; undefined: it needs none, or they are. */
  keysFor(answer: RecordedResponse, incoming: RawHeaders, recordedAt: number): Promise<void> | undefined {
    if (this.#keys === undefined || this.#keys.areThere || this.#clock.mode === 'off') return undefined;
    const { headers, trailers, body } = this.#plan(answer, header(incoming, 'accept-encoding'), recordedAt);
    const plans = [...headers, ...trailers, ...(body === undefined ? [] : [body])].map(({ plan }) => plan);
    const needed =
      plans.some((plan) => plan !== undefined && (plan.tokens || plan.keys.length > 0)) ||
      (body !== undefined && body.plan === undefined && mayHoldToken(body.decoded, answer.headers));
    return needed ? this.#keys.ready() : undefined;
  }

  /** Whether anything is told otherwise than it was recorded. */
  get mayChange(): boolean {
    return !this.#correlation.isEmpty || this.#clock.mode !== 'off' || this.#version > 0;
  }

  /** Another one after each change to what responses are told by. */
  get #version(): number {
    return this.#correlation.version + (this.#secrets?.version ?? 0) + (this.#sizes?.version ?? 0);
  }

  /**
   * What was found in a response is remembered by its `headers` array, so the same response should come with the same
   * array.
   */
  rewrite(
    answer: RecordedResponse,
    incoming: RawHeaders,
    times: ExchangeTimes,
    { echoes = [], order }: AnswerContext = {},
  ): RewrittenResponse {
    const plan = this.#plan(answer, header(incoming, 'accept-encoding'), times.recordedAt);
    const plain = echoes.length === 0 && order === undefined;
    if (plain && !this.mayChange) return plan.given;
    this.#clock.present(times);
    const version = this.#version;
    if (plain && plan.rewritten !== undefined && plan.rewrittenVersion === version && this.#isRewritten(plan, times))
      return plan.rewritten;
    const rewritten = this.#rewriteParts(plan, times, { echoes, order });
    if (plain && plan.keeps) {
      plan.rewritten = rewritten;
      plan.rewrittenVersion = version;
    }
    return rewritten;
  }

  #rewriteParts(plan: ResponsePlan, times: ExchangeTimes, context: AnswerContext): RewrittenResponse {
    const { given, headers: plannedHeaders, trailers: plannedTrailers, body } = plan;
    const headers = this.#headers(plannedHeaders, times, given.data.length === 0);
    const trailers = this.#headers(plannedTrailers, times);
    const coding = header(given.headers, 'content-encoding');
    const changed = body === undefined ? undefined : this.#body(body, given.headers, times, context);
    if (changed === undefined || body === undefined) return { data: given.data, headers, trailers };
    if (!given.whole) return { trailers, ...beginningOf(changed, given, headers) };
    const data = encodeContent(changed, coding, given.data);
    const rename = (recorded: string, live: string): void => this.#correlation.rename(recorded, live);
    const recorded = [given.data, body.decoded];
    plan.digests ??= [given.headers, given.trailers].map((part) => findDigests(part, recorded));
    const [ofHeaders = [], ofTrailers = []] = plan.digests;
    const digested = withNewDigests(headers, ofHeaders, [data, changed], rename);
    return {
      data,
      trailers: withNewDigests(trailers, ofTrailers, [data, changed], rename),
      headers: withLength(digested, data),
    };
  }

  #isRewritten({ headers, trailers, body }: ResponsePlan, times: ExchangeTimes): boolean {
    const rewritten = (plan: TextPlan | undefined): boolean =>
      plan === undefined || this.#texts.isRewritten(plan, times);
    return (
      headers.every(({ plan }) => rewritten(plan)) &&
      trailers.every(({ plan }) => rewritten(plan)) &&
      rewritten(body?.plan)
    );
  }

  #plan(answer: RecordedResponse, acceptEncoding: string | undefined, recordedAt: number): ResponsePlan {
    const known = this.#plans.get(answer.headers);
    if (known?.data === answer.data && known.acceptEncoding === acceptEncoding && known.recordedAt === recordedAt) {
      return known;
    }
    const { whole, data } = answer;
    const given = whole ? { ...inAcceptedCoding(answer, acceptEncoding), whole } : answer;
    const decoded = whole
      ? decodeContent(given.data, header(given.headers, 'content-encoding'))
      : decodedBeginning(answer);
    const plannedHeaders = this.#headerPlans(given.headers, recordedAt);
    const trailers = this.#headerPlans(given.trailers, recordedAt);
    const body =
      decoded === undefined || answer.fixed === true ? undefined : this.#bodyPlan(decoded, given.headers, recordedAt);
    const told = [...plannedHeaders, ...trailers, ...(body === undefined ? [] : [body])].flatMap(
      ({ plan }) => plan ?? [],
    );
    const headers = plannedHeaders.map((header) =>
      tags.has(header.name.toLowerCase()) ? { ...header, plan: this.#texts.planOfTag(header.value, told) } : header,
    );
    const tokens = [...headers, ...trailers, ...(body === undefined ? [] : [body])].some(({ plan }) => plan?.tokens);
    const keeps = !tokens && !(body !== undefined && body.plan === undefined) && data.length <= maxKeptBytes;
    const plan = { given, data, acceptEncoding, recordedAt, headers, trailers, body, keeps, rewrittenVersion: 0 };
    if (data.length <= maxKeptBytes) this.#plans.set(answer.headers, plan);
    return plan;
  }

  /** Undefined when the body stays as it is. */
  #bodyPlan(decoded: Buffer, headers: RawHeaders, recordedAt: number): BodyPlan | undefined {
    if (decoded.length === 0 || decoded.length > maxBytes) return undefined;
    const mediaType = parseMediaType(header(headers, 'content-type'));
    const { essence } = mediaType;
    if (protobufCarrier(essence) !== undefined) return { decoded, essence };
    const text = answerText(decoded, mediaType);
    if (text === undefined) return undefined;
    const isJson = /^\s*[{[]/.test(text.text) || text.text.startsWith(recordSeparator) || essence.includes('json');
    const kind: TextKind = isJson ? 'json' : 'text';
    return { decoded, essence, text, plan: this.#texts.plan(text.text, kind, recordedAt) };
  }

  /** The new body; undefined when it stays as it is. */
  #body(
    { decoded, essence, text, plan }: BodyPlan,
    headers: RawHeaders,
    times: ExchangeTimes,
    { echoes = [], order }: AnswerContext,
  ): Buffer | undefined {
    if (plan === undefined || text === undefined) {
      return this.#protobuf.rewriteBody(decoded, essence, header(headers, 'grpc-encoding'), times);
    }
    const own = merged(echoesIn(text.text, echoes), this.#secrets?.in(text.text) ?? []);
    const known = merged(own, this.#sizes?.in(text.text) ?? []);
    const told = this.#texts.apply(text.text, plan, times, known);
    const rewritten = order === undefined ? told : inOrderOfCalls(text.text, told, order);
    return rewritten === text.text ? undefined : text.encode(rewritten);
  }

  #headerPlans(headers: RawHeaders, recordedAt: number): HeaderPlan[] {
    return headerPairs(headers).map(({ name, value }) => {
      const lower = name.toLowerCase();
      const kind = { name: lower, exact: true };
      return { name, value, plan: isTimelessHeader(lower) ? undefined : this.#texts.plan(value, kind, recordedAt) };
    });
  }

  /** `isAlone`: without a body. */
  #headers(plans: readonly HeaderPlan[], times: ExchangeTimes, isAlone = false): RawHeaders {
    return plans.flatMap(({ name, value, plan }) => {
      const told = plan === undefined ? value : this.#texts.apply(value, plan, times, this.#secrets?.in(value, name));
      return [name, told === value ? (this.#sizes?.header(name, value, isAlone) ?? value) : told];
    });
  }
}

/** Protobuf is looked through only as it is told. */
function mayHoldToken(message: Buffer, headers: RawHeaders): boolean {
  return message.includes('eyJ') || !['identity', undefined].includes(header(headers, 'grpc-encoding'));
}

/** A client that does not take the recorded coding gets the body without it. */
function inAcceptedCoding(answer: RewrittenResponse, acceptEncoding: string | undefined): RewrittenResponse {
  const coding = header(answer.headers, 'content-encoding');
  if (coding === undefined || answer.data.length === 0) return answer;
  if (contentCodings(coding).every((name) => acceptsCoding(acceptEncoding, name))) return answer;
  const data = decodeContent(answer.data, coding);
  if (data === undefined) return answer;
  return { ...answer, data, headers: withLength(withoutHeaders(answer.headers, new Set(['content-encoding'])), data) };
}

/**
 * What came of a body that broke off. One in a coding is left alone where its length was announced: coded anew, it
 * would have another.
 */
function decodedBeginning({ headers, data }: RecordedResponse): Buffer | undefined {
  const coding = header(headers, 'content-encoding');
  if (contentCodings(coding).length > 0 && header(headers, 'content-length') !== undefined) return undefined;
  return decodeContentStart(data, coding);
}

/** As much was still to come as there was when it broke off. */
function beginningOf(
  changed: Buffer,
  { headers: recorded, data: old }: RecordedResponse,
  headers: RawHeaders,
): Pick<RewrittenResponse, 'data' | 'headers'> {
  const data = encodeContentStart(changed, header(recorded, 'content-encoding'), old);
  const length = header(headers, 'content-length');
  if (length === undefined || data.length === old.length) return { data, headers };
  return { data, headers: withHeader(headers, 'Content-Length', String(Number(length) + data.length - old.length)) };
}

function withLength(headers: RawHeaders, data: Buffer): RawHeaders {
  return header(headers, 'content-length') === undefined
    ? headers
    : withHeader(headers, 'Content-Length', String(data.length));
}

/** The text of an answer that may be told anew; undefined: it is data. */
export function answerText(decoded: Buffer, mediaType: MediaType): DecodedText | undefined {
  if (binaryTypes.test(mediaType.essence)) return undefined;
  const text = decodeText(decoded, mediaType);
  return !text.isWide && decoded.subarray(0, 1024).includes(0) ? undefined : text;
}

/** Bodies that nothing is told anew in. */
const binaryTypes =
  /^(?:image\/(?!svg)|audio\/(?!mpegurl|x-mpegurl)|video\/|font\/|application\/(?:octet-stream|zip|gzip|pdf|wasm))/;

/** Lengths are made right by themselves; the rest says nothing that changes. */
const untouched = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive'],
  ...['server', 'vary', 'alt-svc', 'content-security-policy'],
]);

/** Digests and tags: a time in them is one only where the same instant stands elsewhere in the response. */
const tags = new Set(['etag', 'content-md5', 'digest', 'content-digest', 'repr-digest']);

/** Whether no time in a header of this name (in lower case) is told anew for itself. */
export function isTimelessHeader(name: string): boolean {
  return untouched.has(name) || tags.has(name);
}
