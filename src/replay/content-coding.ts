import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** What a body may grow to when its content coding is undone. */
export const maxDecodedBytes = 64 * 1024 * 1024;

/**
 * The body with its `Content-Encoding` undone (RFC 9110 §8.4; several codings in the order that they were applied).
 * Undefined when a coding is unknown, the bytes are not in it, or they grow past 64 MiB.
 */
export function decodeContent(data: Buffer, contentEncoding: string | undefined): Buffer | undefined {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  let decoded = data;
  try {
    for (const coding of codings.reverse()) {
      const decode = decoders[coding];
      if (decode === undefined) return undefined;
      decoded = decode(decoded);
    }
  } catch {
    return undefined; // not in this coding after all: the caller compares the bytes as they are
  }
  return decoded;
}

const options = { maxOutputLength: maxDecodedBytes };

const decoders: Record<string, (data: Buffer) => Buffer> = {
  gzip: (data) => gunzipSync(data, options),
  'x-gzip': (data) => gunzipSync(data, options),
  // "deflate" is zlib's format (RFC 9110 §8.4.1.2), but some send the raw one
  deflate: (data) => ((data[0] as number) % 16 === 8 ? inflateSync(data, options) : inflateRawSync(data, options)),
  br: (data) => brotliDecompressSync(data, options),
};
