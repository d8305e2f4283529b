import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import {
  createGunzip,
  createGzip,
  gunzip,
  gunzipSync,
  gzip,
  type Gunzip,
  type Gzip,
  type ZlibOptions,
} from 'node:zlib';
import { takeHead } from './encryption/pieces.js';
import { alteredBody } from './store-error.js';

/*
 * A packed body is a gzip file (RFC 1952) whose header says in an extra field whose it is, so that it is told from a
 * body that was gzip on the wire; `gzip -dc < bodies/sha256/ab/abcdef…` unpacks it. A body that begins with this header
 * itself is packed whatever that gains, so that what begins so in a store is always a packed one.
 */

const mark = Buffer.from('proxyctl');
export const packedHead = Buffer.concat([
  // Magic, deflate, FEXTRA; no time; no level; system unknown; length of the extra field: one subfield "PX".
  Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, mark.length + 4, 0, 0x50, 0x58, mark.length, 0]),
  mark,
]);
/** zlib's own header, which ours stands in place of. */
const plainHeadBytes = 10;

/** Smaller bodies gain nothing: a disk gives them a block, and a bucket counts requests. */
const minBytes = 1024;
/** So much of a larger body is packed for a trial. */
const trialBytes = 64 * 1024;
/**
 * What is packed has to be so much smaller: what was compressed before (images, video, gzip and br of the wire) is not.
 */
const worthwhile = 7 / 8;
/** The quickest: JSON to about a fifth, at a good half of the time of zlib's own default. */
const level = 1;
/** Up to this size it is quicker at once than through another thread. */
const syncBytes = 16 * 1024;

const gzipAside = promisify<Buffer, ZlibOptions, Buffer>(gzip);
const gunzipAside = promisify<Buffer, Buffer>(gunzip);

/** The body packed where that pays, else as it is. Some 100 KiB in memory. */
export async function* pack(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { head, rest } = await takeHead(source, trialBytes);
  const marked = startsPacked(head);
  const whole = head.length < trialBytes;
  const trial = marked || head.length >= minBytes ? await gzipAside(head, { level }) : undefined;
  if (trial === undefined || (!marked && trial.length > head.length * worthwhile)) {
    if (head.length > 0) yield head;
    yield* rest;
  } else if (whole) {
    await rest.return();
    yield withOurHead(trial);
  } else {
    let begun = false;
    for await (const chunk of through(joined(head, rest), createGzip({ level }))) {
      yield begun ? chunk : withOurHead(chunk);
      begun = true;
    }
  }
}

/**
 * Undoes `pack`; what is not packed passes as it is. `where` is named in errors. Throws `PROXYCTL_RECORDING_CORRUPT`
 * for what was altered.
 */
export async function* unpack(source: AsyncIterable<Buffer>, where: string): AsyncGenerator<Buffer, void, undefined> {
  const { head, rest } = await takeHead(source, packedHead.length);
  if (!startsPacked(head)) {
    if (head.length > 0) yield head;
    yield* rest;
    return;
  }
  try {
    yield* through(joined(head, rest), createGunzip());
  } catch (error) {
    throw isZlibError(error) ? alteredBody(where, error) : error;
  }
}

/** The same for what is all in memory. */
export async function unpackWhole(data: Buffer, where: string): Promise<Buffer> {
  if (!startsPacked(data)) return data;
  try {
    return data.length <= syncBytes ? gunzipSync(data) : await gunzipAside(data);
  } catch (error) {
    throw isZlibError(error) ? alteredBody(where, error) : error;
  }
}

/** Whether a body of so many bytes may lie in the store as fewer. */
export function mayBePacked(size: number): boolean {
  return size >= minBytes;
}

function startsPacked(data: Buffer): boolean {
  return data.length >= packedHead.length && data.subarray(0, packedHead.length).equals(packedHead);
}

function withOurHead(gzipped: Buffer): Buffer {
  return Buffer.concat([packedHead, gzipped.subarray(plainHeadBytes)]);
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head;
  yield* rest;
}

/** Whoever stops reading stops the coder, which gives up the source. */
function through(source: AsyncIterable<Buffer>, coder: Gzip | Gunzip): AsyncIterable<Buffer> {
  return pipeline(source, coder, () => undefined) as AsyncIterable<Buffer>; // a failure comes out of the coder
}

function isZlibError(error: unknown): boolean {
  return /^(Z_|ERR_BUFFER_TOO_LARGE)/.test((error as NodeJS.ErrnoException).code ?? '');
}
