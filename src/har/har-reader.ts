import type { Readable } from 'node:stream';
import { z } from 'zod';
import { checkFormat } from '../core/stored-formats.js';
import { formatBytes } from '../core/units.js';
import { ProxyctlError, systemCode } from '../errors/index.js';
import type { HarContent, HarEntry, HarNameValue } from './har.js';
import { HarScanner, HarSyntaxError } from './har-scanner.js';
import type { HarHead } from './har-writer.js';

interface ReadHarOptions {
  /** What the HAR is called in errors: its path or URL. */
  name: string;
  /** A larger file is refused. Default: 2 GiB. */
  maxBytes?: number;
  /** What to do when it is damaged. */
  hint?: string;
  /** Called for each entry in the file's order. What it throws ends the reading. */
  onEntry: (entry: HarEntry, position: number) => void;
}

/**
 * Reads a HAR of any layout in pieces, one entry in memory at a time. Lenient: what other tools leave out is filled in.
 * Throws `PROXYCTL_RECORDING_CORRUPT` with the name, the place and what to do when it is damaged, cut off, too large or
 * no HAR, and `PROXYCTL_NEWER_FORMAT` when a newer program wrote it.
 */
export async function readHar(source: Readable, options: ReadHarOptions): Promise<HarHead> {
  const { name, maxBytes = 2 * 1024 ** 3, onEntry } = options;
  const scanner = new HarScanner(
    (text, offset) => onEntry(toEntry(parse(text, offset, scanner), offset, scanner), scanner.entries),
    (text, offset) => {
      const value = parsedLine(text);
      if (value !== undefined) onEntry(toEntry(value, offset, scanner), scanner.entries);
      return value !== undefined;
    },
  );
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (scanner.offset + chunk.length > maxBytes) {
        throw scanner.error(`it is over ${formatBytes(maxBytes)}, which is more than can be read`);
      }
      scanner.write(chunk);
    }
    if (scanner.offset === 0) throw scanner.error('it is empty');
    const head = parseHead(scanner);
    checkHead(head, name);
    return head;
  } catch (error) {
    if (error instanceof HarSyntaxError) {
      checkHead(headSoFar(scanner.restSoFar()), name); // what looks damaged may be of a newer form
      throw corrupt(name, error, options.hint);
    }
    if (systemCode(error) !== undefined && !(error instanceof ProxyctlError)) throw unreadable(name, error);
    throw error;
  }
}

const headSchema = z.object({
  log: z.looseObject({
    version: z.coerce.string().default('1.2'),
    creator: z.looseObject({ name: z.string().default(''), version: z.coerce.string().default('') }).optional(),
    entries: z.array(z.unknown()),
  }),
});

function parseHead(scanner: HarScanner): HarHead {
  const value = parse(scanner.rest(), 0, scanner);
  const { success, data, error } = headSchema.safeParse(value);
  if (!success) throw scanner.error(`it is not a HAR: ${issuesOf(error)}`, 0);
  const { entries: _, ...head } = data.log;
  return head as HarHead;
}

/** The parts of a head that say of what format it is. */
interface HeadFormats {
  version?: string;
  creator?: { name: string; version: string } | undefined;
  _proxyctl?: unknown;
}

/** Throws `PROXYCTL_NEWER_FORMAT` for a HAR that this program cannot know: of a newer one, or of a newer HAR. */
export function checkHead({ version, creator, _proxyctl: info }: HeadFormats, name: string): void {
  const program = creator?.name === 'proxyctl' ? creator.version : undefined;
  checkFormat('recording', info, name, program);
  checkFormat('redaction', (info as { redaction?: unknown } | undefined)?.redaction, name, program);
  checkFormat('har', { formatVersion: parseInt(version ?? '1', 10) }, name, program);
}

/** The same of a head that is not whole. */
export function headSoFar(text: string): HeadFormats {
  const format = /"_proxyctl"\s*:\s*\{[^{}]*?"formatVersion"\s*:\s*(\d+)/.exec(text)?.[1];
  const creator = /"creator"\s*:\s*\{\s*"name"\s*:\s*"proxyctl"\s*,\s*"version"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  const version = /^\s*\{\s*"log"\s*:\s*\{\s*"version"\s*:\s*"?(\d+)/.exec(text)?.[1];
  return {
    ...(version === undefined ? {} : { version }),
    ...(creator === undefined ? {} : { creator: { name: 'proxyctl', version: creator } }),
    ...(format === undefined ? {} : { _proxyctl: { formatVersion: Number(format) } }),
  };
}

const nameValues = z.array(z.looseObject({ name: z.string(), value: z.coerce.string().default('') })).default([]);
const number = z.number().catch(-1);

const bodyShape = {
  mimeType: z.string().default(''),
  text: z.string().optional(),
  encoding: z.literal('base64').optional().catch(undefined),
  _sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};

const timingsSchema = z
  .looseObject({
    blocked: number,
    dns: number,
    connect: number,
    send: number,
    wait: number,
    receive: number,
    ssl: number,
  })
  .catch({ blocked: -1, dns: -1, connect: -1, send: 0, wait: 0, receive: 0, ssl: -1 });

/** As much as it takes to read an entry of any tool; what is not named here stays as it is. */
const entrySchema = z.looseObject({
  startedDateTime: z.string(),
  time: number,
  request: z.looseObject({
    method: z.string().min(1),
    url: z.string().min(1),
    httpVersion: z.string().default('HTTP/1.1'),
    headers: nameValues,
    postData: z.looseObject(bodyShape).optional(),
  }),
  response: z.looseObject({
    status: z.number().int().min(0).max(999),
    statusText: z.string().default(''),
    httpVersion: z.string().default('HTTP/1.1'),
    headers: nameValues,
    content: z.looseObject({ size: number, ...bodyShape }).default({ size: 0, mimeType: '' }),
  }),
  timings: timingsSchema,
});

function toEntry(value: unknown, offset: number, scanner: HarScanner): HarEntry {
  if (isComplete(value)) return value;
  const { success, data, error } = entrySchema.safeParse(value);
  if (!success) throw scanner.error(`entry ${scanner.entries} is not one of HAR 1.2: ${issuesOf(error)}`, offset);
  return data as unknown as HarEntry;
}

/** Whether an entry needs no filling in: what most are, and much faster to tell than the schema does. */
function isComplete(value: unknown): value is HarEntry {
  const { startedDateTime, time, request, response, timings } = value as Partial<HarEntry>;
  return (
    typeof startedDateTime === 'string' &&
    typeof time === 'number' &&
    typeof request?.method === 'string' &&
    typeof request.url === 'string' &&
    typeof request.httpVersion === 'string' &&
    arePairs(request.headers) &&
    (request.postData === undefined || isBody(request.postData)) &&
    Number.isInteger(response?.status) &&
    response !== undefined &&
    response.status >= 0 &&
    response.status <= 999 &&
    typeof response.statusText === 'string' &&
    typeof response.httpVersion === 'string' &&
    arePairs(response.headers) &&
    isBody(response.content) &&
    timings !== undefined &&
    timings !== null &&
    phases.every((phase) => typeof timings[phase] === 'number')
  );
}

const phases = ['blocked', 'dns', 'connect', 'send', 'wait', 'receive', 'ssl'] as const;

function arePairs(pairs: unknown): boolean {
  return (
    Array.isArray(pairs) &&
    pairs.every((pair: Partial<HarNameValue>) => typeof pair?.name === 'string' && typeof pair.value === 'string')
  );
}

function isBody(body: Partial<HarContent> | undefined): boolean {
  return (
    typeof body?.mimeType === 'string' &&
    (body.text === undefined || typeof body.text === 'string') &&
    (body.encoding === undefined || body.encoding === 'base64') &&
    (body._sha256 === undefined || isSha256(body._sha256))
  );
}

function isSha256(text: unknown): boolean {
  return typeof text === 'string' && sha256Pattern.test(text);
}

const sha256Pattern = /^[0-9a-f]{64}$/;

function parse(text: string, offset: number, scanner: HarScanner): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    throw scanner.error(`it is not JSON: ${(error as Error).message}`, offset);
  }
}

/** Undefined: the line is no entry by itself, and what it is shows when it is looked at byte by byte. */
function parsedLine(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
    .join('; ');
}

const defaultHint = 'Get an undamaged copy of the file, or record the test again.';

function corrupt(name: string, error: HarSyntaxError, hint = defaultHint): ProxyctlError {
  return new ProxyctlError('PROXYCTL_RECORDING_CORRUPT', `The HAR ${name} is damaged: ${error.message}`, {
    hint,
    cause: error,
    data: { har: name, offset: error.offset, entries: error.entries },
  });
}

function unreadable(name: string, error: unknown): ProxyctlError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ProxyctlError('PROXYCTL_STORE', `The HAR ${name} cannot be read: ${reason}`, {
    hint: 'Check that it is there and that this user may read it.',
    cause: error,
    data: { har: name },
  });
}
