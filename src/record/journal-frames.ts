import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { BodyRef, ExchangeRecord } from './exchange-record.js';

/*
 * `exchanges.bin`: for each exchange one line of JSON (the record, and as its last member the CRC-32 of the record and
 * its inline bodies) and, right after it, the bytes of its inline bodies: the request's, then the response's. A frame
 * that was not written to its end is told by its line (no line feed) or by its bytes (too few); one that was altered
 * since, by its checksum. In journals of format 1 the checksum is one of the inline bodies alone (`crc`).
 */

/** One frame as it was found. */
export interface JournalFrame {
  record: ExchangeRecord;
  /** Where the frame begins in the file, and its length in bytes. */
  offset: number;
  length: number;
  /** The inline bodies. */
  request: Buffer | undefined;
  response: Buffer | undefined;
}

/** Where reading had to stop before the end of the file. */
export interface JournalDamage {
  offset: number;
  /** Bytes from there to the end of the file. */
  bytes: number;
  reason: string;
  /** The file ends within a frame, as when its writer was killed; else it was altered. */
  torn: boolean;
}

export function encodeLine(record: ExchangeRecord, inline: readonly Buffer[]): Buffer {
  const json = JSON.stringify(record);
  let sum = crc32(json);
  for (const bytes of inline) sum = crc32(bytes, sum);
  return Buffer.from(`${json.slice(0, -1)},"sum":${sum}}\n`);
}

interface FrameRange {
  /** Where to begin. */
  start?: number;
  /** Where to end; default: the end of the file. */
  until?: number;
  /** The version of the journal's format: from 2 on, a frame without a checksum was altered. */
  format: number;
}

/** A line is far below this; more without a line feed is no journal. */
const maxLineBytes = 64 * 1024 * 1024;
const blockBytes = 256 * 1024;

/** The frames in the order in which they were written. Returns where it had to stop, if before the end. */
export async function* readFrames(
  file: FileHandle,
  { start = 0, until, format }: FrameRange,
): AsyncGenerator<JournalFrame, JournalDamage | undefined, undefined> {
  const size = until ?? (await file.stat()).size;
  let buffer = Buffer.alloc(0);
  let position = start; // of the buffer's first byte in the file
  let offset = start;

  const fill = async (upTo: number): Promise<boolean> => {
    const missing = offset + upTo - (position + buffer.length);
    if (missing <= 0) return true;
    const block = Buffer.allocUnsafe(
      Math.min(Math.max(missing, blockBytes), Math.max(0, size - position - buffer.length)),
    );
    let got = 0;
    while (got < block.length) {
      const { bytesRead } = await file.read(block, got, block.length - got, position + buffer.length + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    buffer = Buffer.concat([buffer.subarray(offset - position), block.subarray(0, got)]);
    position = offset;
    return got >= missing;
  };
  const damage = (reason: string, torn = false): JournalDamage => ({ offset, bytes: size - offset, reason, torn });

  while (offset < size) {
    let end = buffer.indexOf(10, offset - position);
    for (let want = blockBytes; end < 0; want *= 2) {
      if (want > maxLineBytes) return damage(`no record within ${maxLineBytes} bytes`);
      const whole = await fill(want);
      end = buffer.indexOf(10, offset - position);
      if (end < 0 && !whole) return damage('the last record has no end', true);
    }
    const lineLength = end - (offset - position) + 1;
    const bytesOfLine = buffer.subarray(offset - position, end);
    const line = parseLine(bytesOfLine.toString('utf8'));
    if (typeof line === 'string') return damage(line);
    const summed = summedPart(bytesOfLine);
    if (summed === undefined && format > 1) return damage('a record has no checksum');
    const { crc, record } = line;
    const sizes = [inlineSize(record.request.body), inlineSize(record.response?.body)] as const;
    const length = lineLength + sizes[0] + sizes[1];
    if (!(await fill(length))) return damage('the bodies of the last record are cut off', true);
    const bytes = buffer.subarray(offset - position + lineLength, offset - position + length);
    if (summed !== undefined && crc32(bytes, summed.sum) !== summed.expected)
      return damage('a record or its bodies are altered');
    if (summed === undefined && bytes.length > 0 && crc32(bytes) !== crc)
      return damage('the bodies of a record are altered');
    yield {
      record,
      offset,
      length,
      request: sizes[0] > 0 ? bytes.subarray(0, sizes[0]) : undefined,
      response: sizes[1] > 0 ? bytes.subarray(sizes[0]) : undefined,
    };
    offset += length;
  }
  return undefined;
}

/** The checksum that a line has as its last member, and that of all before it; undefined when it has none. */
function summedPart(line: Buffer): { sum: number; expected: number } | undefined {
  const [end, expected] = /,"sum":(\d+)\}$/.exec(line.toString('latin1', Math.max(0, line.length - 24))) ?? [];
  if (end === undefined) return undefined;
  return { sum: crc32('}', crc32(line.subarray(0, line.length - end.length))), expected: Number(expected) };
}

function inlineSize(body: BodyRef | undefined): number {
  return body?.at === 'inline' ? body.size : 0;
}

const bodyRef = z.object({
  size: z.number().int().min(0),
  at: z.union([z.literal('inline'), z.object({ file: z.string().regex(/^body-[0-9a-z-]+\.bin$/) })]),
  crc: z.number().optional(),
});

/** As much as it takes to trust the rest: we wrote it, and its checksum and frame fit. */
const recordShape = z.looseObject({
  id: z.string(),
  index: z.number().int().min(0),
  startedAt: z.number(),
  request: z.looseObject({
    method: z.string(),
    url: z.string(),
    headers: z.array(z.string()),
    body: bodyRef.loose().optional(),
  }),
  response: z
    .looseObject({ status: z.number().int(), headers: z.array(z.string()), body: bodyRef.loose().optional() })
    .optional(),
  crc: z.number().optional(),
  sum: z.number().optional(),
});

function parseLine(text: string): { record: ExchangeRecord; crc: number | undefined } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a record is not JSON';
  }
  const { success, data, error } = recordShape.safeParse(value);
  if (!success) return `a record is not one: ${z.prettifyError(error).replaceAll('\n', ' ')}`;
  const { crc, sum: _, ...record } = data;
  return { record: record as unknown as ExchangeRecord, crc };
}
