import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  maxBodyBytes,
  redactionInfo,
  redactionOptions,
  createRedactor,
  withMoreRedaction,
  type RedactionInfo,
  type RedactionOptions,
  type Redactor,
} from '../har/redaction/index.js';
import type { HarRecordingInfo } from '../har/har.js';
import { decodeContent, encodeContent, header, type RawHeaders } from '../http/index.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { JournalBody, JournalEntry, JournalReader } from './journal-reader.js';

/** Takes the secrets out of a journal's entries on their way to the store. */
export interface EntryRedaction {
  /** What the recording says of it; undefined when no secret was found, so that there is nothing to say. */
  info: RedactionInfo | undefined;
  entry: (entry: JournalEntry) => Promise<JournalEntry>;
  /** What went through the journal, and by which rules. */
  by: { redactor: Redactor; info: RedactionInfo };
}

interface RedactionBesides {
  /** What is replaced besides what the session was told to. */
  more?: RedactionOptions | false | undefined;
  /** How the recording says it was redacted that this journal is added to: the same is done to what is added. */
  base?: unknown;
  /** The salt of the recording that is published of the test: one secret has one placeholder in both. */
  lastSalt?: string | undefined;
}

/**
 * Goes through a journal to learn its secrets: one that a rule finds in the last exchange is replaced in the first as
 * well. What was redacted before it came into the journal is redacted on in the same way, and what stands for secrets
 * in it stays. Undefined when its session was told not to redact (`redact: false`).
 */
export async function redactionOf(
  reader: JournalReader,
  { more, base, lastSalt }: RedactionBesides = {},
): Promise<EntryRedaction | undefined> {
  const { redact, testId, redaction } = reader.meta.info;
  if (redact === false) return undefined;
  const continued = redactionInfo.safeParse(redaction).data;
  const before = continued ?? redactionInfo.safeParse(base).data;
  const told = withMoreRedaction(redactionOptions.parse(redact ?? {}), more);
  const { headers, fields, patterns, keep } = before ?? redactionOptions.parse({});
  const options = redactionOptions.parse(withMoreRedaction(told, { headers, fields, patterns, keep }));
  const salt = before?.salt ?? lastSalt ?? saltOf(testId);
  const info: RedactionInfo = { ...(before ?? { formatVersion: 2 }), salt, ...options };
  let found = 0;
  const redactor = createRedactor(info, { continues: continued !== undefined, onSecret: () => (found += 1) });
  for await (const entry of reader.entries()) await redactEntry(entry, redactor);
  const said = (): RedactionInfo => withFound(info, redactor);
  return {
    get info() {
      return found === 0 && continued === undefined ? undefined : said();
    },
    entry: (entry) => redactEntry(entry, redactor),
    by: { redactor, info },
  };
}

/** Of more, the head of a recording would grow without end: a live value of the rest is known once a rule found it. */
const maxElsewhere = 5000;

/** How a recording was redacted, with what its requests are known by. */
function withFound(info: RedactionInfo, { short, elsewhere }: Redactor): RedactionInfo {
  const withShort = short.length === 0 ? info : { ...info, short };
  if (withShort.formatVersion === 1 || elsewhere.length === 0) return withShort;
  return { ...withShort, elsewhere: elsewhere.slice(0, maxElsewhere) };
}

/** Of a test whose recordings none was redacted of: the same each time, so that they can be compared. */
function saltOf(testId: string): string {
  return createHash('sha256').update(`redaction of test ${testId}`).digest('hex').slice(0, 32);
}

/** What the recording says of itself: how it was redacted, in place of how it was to be. */
export function redactedInfo(
  { redact: _, publishAnyway: _anyway, ...info }: HarRecordingInfo,
  redaction: EntryRedaction | undefined,
): HarRecordingInfo {
  return { ...info, ...(redaction?.info === undefined ? {} : { redaction: redaction.info }) };
}

/**
 * An entry without its secrets: URL, headers, trailers, messages (those of failures, too) and text bodies. Bodies in a
 * content coding are put into it again.
 */
export async function redactEntry(entry: JournalEntry, redactor: Redactor): Promise<JournalEntry> {
  const { record } = entry;
  const request = await redactBody(entry.request, record.request.headers, redactor);
  const response = await redactBody(entry.response, record.response?.headers ?? [], redactor);
  return { ...entry, request, response, record: redactRecord(record, { request, response }, redactor) };
}

interface Bodies {
  request: JournalBody | undefined;
  response: JournalBody | undefined;
}

function redactRecord(record: ExchangeRecord, bodies: Bodies, redactor: Redactor): ExchangeRecord {
  const { request, response, webSocketMessages, error } = record;
  const message = <T extends { headers: RawHeaders; trailers?: RawHeaders }>(part: T): T => ({
    ...part,
    headers: redactor.headers(part.headers),
    ...(part.trailers === undefined ? {} : { trailers: redactor.headers(part.trailers) }),
  });
  return {
    ...record,
    request: withBody({ ...message(request), url: redactor.url(request.url) }, bodies.request),
    ...(response === undefined
      ? {}
      : {
          response: {
            ...withBody(message(response), bodies.response),
            reason: redactor.text(response.reason, 'text/plain'),
            ...(response.informational === undefined ? {} : { informational: response.informational.map(message) }),
          },
        }),
    ...(error === undefined ? {} : { error: { ...error, message: redactor.text(error.message, 'text/plain') } }),
    ...(webSocketMessages === undefined
      ? {}
      : { webSocketMessages: webSocketMessages.map((each) => redactMessage(each, redactor)) }),
  };
}

function redactMessage<T extends { opcode: number; data: string }>(message: T, redactor: Redactor): T {
  if (message.opcode === 1) return { ...message, data: redactor.text(message.data, 'application/json') };
  const redacted = redactor.body(Buffer.from(message.data, 'base64'), 'application/octet-stream');
  return redacted === undefined ? message : { ...message, data: redacted.toString('base64') };
}

async function redactBody(
  body: JournalBody | undefined,
  headers: RawHeaders,
  redactor: Redactor,
): Promise<JournalBody | undefined> {
  if (body === undefined || body.ref.size > maxBodyBytes) return body;
  const encoding = header(headers, 'content-encoding');
  const type = header(headers, 'content-type');
  if (!redactor.reads(type)) return body;
  const wire = body.bytes ?? (await buffer(body.open()));
  const plain = decodeContent(wire, encoding, maxBodyBytes);
  const redacted = plain === undefined ? undefined : redactor.body(plain, type, header(headers, 'grpc-encoding'));
  if (redacted === undefined) return body;
  const bytes = encodeContent(redacted, encoding, wire);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ref: { ...body.ref, at: 'inline', size: bytes.length, sha256 }, bytes, open: () => Readable.from([bytes]) };
}

/** A body of another length than it came in says so. */
function withBody<T extends { headers: RawHeaders; body?: ExchangeRecord['request']['body'] }>(
  message: T,
  body: JournalBody | undefined,
): T {
  const before = message.body?.size;
  if (body === undefined || before === undefined || before === body.ref.size)
    return body === undefined ? message : { ...message, body: body.ref };
  const isLength = (i: number): boolean => i % 2 === 1 && message.headers[i - 1]?.toLowerCase() === 'content-length';
  const headers = message.headers.map((value, i) =>
    isLength(i) && value === String(before) ? String(body.ref.size) : value,
  );
  return { ...message, headers, body: body.ref };
}
