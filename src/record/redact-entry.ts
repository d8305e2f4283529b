import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  currentRules,
  maxBodyBytes,
  redactionInfo,
  redactionOptions,
  Redactor,
  withMoreRedaction,
  type RedactionInfo,
  type RedactionOptions,
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
}

interface RedactionBesides {
  /** What is replaced besides what the session was told to. */
  more?: RedactionOptions | false | undefined;
  /** How the recording says it was redacted that this journal is added to: the same is done to what is added. */
  base?: unknown;
}

/**
 * Goes through a journal to learn its secrets: one that a rule finds in the last exchange is replaced in the first as
 * well. Undefined when its session was told not to redact (`redact: false`).
 */
export async function redactionOf(
  reader: JournalReader,
  { more, base }: RedactionBesides = {},
): Promise<EntryRedaction | undefined> {
  const { redact, recordingId } = reader.meta.info;
  if (redact === false) return undefined;
  const {
    formatVersion: _,
    salt = saltOf(recordingId),
    short: before,
    rules: version = base === undefined ? currentRules : 1,
    ...rules
  } = redactionInfo.safeParse(base).data ?? {};
  const told = withMoreRedaction(redactionOptions.parse(redact ?? {}), more);
  const options = redactionOptions.parse(withMoreRedaction(told, redactionOptions.parse(rules)));
  const info: RedactionInfo = {
    formatVersion: 1,
    rules: version,
    salt,
    ...options,
    ...(before === undefined ? {} : { short: before }),
  };
  let found = 0;
  const redactor = new Redactor(info, { onSecret: () => (found += 1) });
  for await (const entry of reader.entries()) await redactEntry(entry, redactor);
  const { short } = redactor;
  const said = { ...info, ...(short.length === 0 ? {} : { short }) };
  return { info: found === 0 ? undefined : said, entry: (entry) => redactEntry(entry, redactor) };
}

/** The salt comes from the recording's own id, so that publishing it once more makes the same of it. */
function saltOf(recordingId: string): string {
  return createHash('sha256').update(`redaction of ${recordingId}`).digest('hex').slice(0, 32);
}

/** What the recording says of itself: how it was redacted, in place of how it was to be. */
export function redactedInfo(
  { redact: _, ...info }: HarRecordingInfo,
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
  return message.opcode === 1 ? { ...message, data: redactor.text(message.data, 'application/json') } : message;
}

async function redactBody(
  body: JournalBody | undefined,
  headers: RawHeaders,
  redactor: Redactor,
): Promise<JournalBody | undefined> {
  if (body === undefined || body.ref.size > maxBodyBytes) return body;
  const encoding = header(headers, 'content-encoding');
  const type = header(headers, 'content-type');
  if (body.bytes === undefined && !redactor.reads(type)) return body;
  const plain = decodeContent(body.bytes ?? (await buffer(body.open())), encoding, maxBodyBytes);
  const redacted = plain === undefined ? undefined : redactor.body(plain, type);
  if (redacted === undefined) return body;
  const bytes = encodeContent(redacted, encoding);
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
