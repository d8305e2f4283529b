import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/*
 * Zstandard (RFC 8878). Node has it from 22.15 on; before that a JavaScript decoder reads it, and what we write are raw
 * blocks: a valid frame that is not smaller than its content.
 */

/** What Node's own functions look like where there are any. */
interface NativeZstd {
  zstdDecompressSync?: (data: Buffer, options: { maxOutputLength: number }) => Buffer;
  zstdCompressSync?: (data: Buffer) => Buffer;
}

const native = zlib as NativeZstd;

/** Throws when the bytes are not zstd, or grow past `maxBytes`. */
export function decodeZstd(data: Buffer, maxBytes: number): Buffer {
  if (native.zstdDecompressSync !== undefined) return native.zstdDecompressSync(data, { maxOutputLength: maxBytes });
  return decode(data, maxBytes, true);
}

/** What the whole blocks of a frame say that was cut off. */
export function decodeZstdStart(data: Buffer, maxBytes: number): Buffer {
  return decode(data, maxBytes, false);
}

function decode(data: Buffer, maxBytes: number, isWhole: boolean): Buffer {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const decoder = new Decompress((chunk) => {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`Over ${maxBytes} bytes`);
    chunks.push(chunk);
  });
  decoder.push(data, isWhole);
  return Buffer.concat(chunks, size);
}

const maxBlockBytes = 128 * 1024;

export function encodeZstd(data: Buffer): Buffer {
  return native.zstdCompressSync?.(data) ?? encodeRawZstd(data);
}

/** One frame of raw blocks (RFC 8878 §3.1.1), without a checksum. */
export function encodeRawZstd(data: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0b1110_0000; // a single segment whose size has eight bytes
  head.writeBigUInt64LE(BigInt(data.length), 5);
  return rawBlocks(head, data, true);
}

/** A frame of unknown size that goes on after `data`. */
export function encodeZstdStart(data: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[5] = 0b0101_0000; // a window of a mebibyte
  return rawBlocks(head, data, false);
}

function rawBlocks(head: Buffer, data: Buffer, ends: boolean): Buffer {
  const parts: Buffer[] = [head];
  let at = 0;
  do {
    const block = data.subarray(at, at + maxBlockBytes);
    at += block.length;
    const last = ends && at === data.length ? 1 : 0;
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE(block.length * 8 + last, 0, 3); // type 0: raw
    parts.push(blockHead, block);
  } while (at < data.length);
  return Buffer.concat(parts);
}
