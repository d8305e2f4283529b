import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { decodeZstd, decodeZstdStart, encodeZstd, encodeZstdStart } from './zstd.js';

/** What a body may grow to when its content coding is undone. */
const maxDecodedBytes = 64 * 1024 * 1024;

/** The codings of a `Content-Encoding` value that change anything, in the order in which they were applied. */
export function contentCodings(contentEncoding: string | undefined): string[] {
  return (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/**
 * The body with its `Content-Encoding` undone (RFC 9110 §8.4; several codings in the order that they were applied).
 * Undefined when a coding is unknown, the bytes are not in it, or they grow past `maxBytes`.
 */
export function decodeContent(
  data: Buffer,
  contentEncoding: string | undefined,
  maxBytes = maxDecodedBytes,
): Buffer | undefined {
  return decodeWith(decoders, data, contentEncoding, { maxOutputLength: maxBytes });
}

/** What the first bytes of a body in `contentEncoding` say: a stream that was cut off, as far as it can be read. */
export function decodeContentStart(
  data: Buffer,
  contentEncoding: string | undefined,
  maxBytes = maxDecodedBytes,
): Buffer | undefined {
  const decodeStart = {
    ...decoders,
    br: decodeBrotliStart,
    zstd: (bytes: Buffer) => decodeZstdStart(bytes, maxBytes),
  };
  return decodeWith(decodeStart, data, contentEncoding, {
    maxOutputLength: maxBytes,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
}

function decodeWith(
  decoders: Readonly<Record<string, Decoder>>,
  data: Buffer,
  contentEncoding: string | undefined,
  options: DecodeOptions,
): Buffer | undefined {
  let decoded = data;
  try {
    for (const coding of contentCodings(contentEncoding).reverse()) {
      const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
      if (decode === undefined) return undefined;
      decoded = decode(decoded, options);
    }
  } catch {
    return undefined; // not in this coding after all: the caller compares the bytes as they are
  }
  return decoded;
}

/**
 * The body in `contentEncoding` again, whose codings `decodeContent` has undone. `like`: how it was coded before, where
 * a coding has several forms.
 */
export function encodeContent(data: Buffer, contentEncoding: string | undefined, like?: Buffer): Buffer {
  return encodeWith(encoders, data, contentEncoding, like);
}

/** The beginning of a body in `contentEncoding` again, so that a reader gets all of `data` and waits for more. */
export function encodeContentStart(data: Buffer, contentEncoding: string | undefined, like?: Buffer): Buffer {
  return encodeWith(startEncoders, data, contentEncoding, like);
}

function encodeWith(
  encoders: Readonly<Record<string, Encoder>>,
  data: Buffer,
  contentEncoding: string | undefined,
  like: Buffer | undefined,
): Buffer {
  const codings = contentCodings(contentEncoding);
  return codings.reduce((encoded, coding, i) => {
    const isRaw = coding === 'deflate' && like !== undefined && isRawDeflate(innerOf(like, codings.slice(i + 1)));
    return encoders[isRaw ? rawDeflate : coding]?.(encoded) ?? encoded;
  }, data);
}

/** What is left of a body when its last codings are undone. */
function innerOf(data: Buffer, outer: readonly string[]): Buffer {
  return outer.length === 0 ? data : (decodeContentStart(data, outer.join()) ?? data);
}

const rawDeflate = 'raw deflate';

/** "deflate" is zlib's format (RFC 9110 §8.4.1.2, RFC 1950 §2.2), but some send the raw one. */
function mayBeZlib(data: Buffer): boolean {
  const [method = 0, flags = 0] = data;
  return method % 16 === 8 && (method * 256 + flags) % 31 === 0;
}

function isRawDeflate(data: Buffer): boolean {
  if (!mayBeZlib(data)) return true;
  try {
    inflateSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxDecodedBytes });
    return false;
  } catch {
    return true; // it begins like the other by chance
  }
}

interface DecodeOptions {
  maxOutputLength: number;
  finishFlush?: number;
}

type Decoder = (data: Buffer, options: DecodeOptions) => Buffer;

const decoders: Record<string, Decoder> = {
  gzip: (data, options) => gunzipSync(data, options),
  'x-gzip': (data, options) => gunzipSync(data, options),
  deflate: (data, options) => {
    if (!mayBeZlib(data)) return inflateRawSync(data, options);
    try {
      return inflateSync(data, options);
    } catch {
      return inflateRawSync(data, options);
    }
  },
  br: (data, { maxOutputLength }) => brotliDecompressSync(data, { maxOutputLength }),
  zstd: (data, { maxOutputLength }) => decodeZstd(data, maxOutputLength),
};

const decodeBrotliStart: Decoder = (data, { maxOutputLength }) =>
  brotliDecompressSync(data, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH });

/** Brotli's own default quality (11) takes a hundred times as long as this one. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

type Encoder = (data: Buffer) => Buffer;

const encoders: Record<string, Encoder> = {
  gzip: (data) => gzipSync(data),
  'x-gzip': (data) => gzipSync(data),
  deflate: (data) => deflateSync(data),
  [rawDeflate]: (data) => deflateRawSync(data),
  br: (data) => brotliCompressSync(data, brotliOptions),
  zstd: (data) => encodeZstd(data),
};

const flushed = { finishFlush: constants.Z_SYNC_FLUSH };

const startEncoders: Record<string, Encoder> = {
  gzip: (data) => gzipSync(data, flushed),
  'x-gzip': (data) => gzipSync(data, flushed),
  deflate: (data) => deflateSync(data, flushed),
  [rawDeflate]: (data) => deflateRawSync(data, flushed),
  br: (data) => brotliCompressSync(data, { ...brotliOptions, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (data) => encodeZstdStart(data),
};
