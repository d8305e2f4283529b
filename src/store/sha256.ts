import { createHash } from 'node:crypto';
import { pipeline, Transform } from 'node:stream';
import { corruptError } from './store-error.js';

/**
 * Throws `PROXYCTL_RECORDING_CORRUPT` for a name that is no SHA-256 in hex: names from recordings must not become
 * paths.
 */
export function checkSha256(sha256: string, where: string): void {
  if (/^[0-9a-f]{64}$/.test(sha256)) return;
  throw corruptError(`${JSON.stringify(sha256.slice(0, 80))} is not the SHA-256 of a body`, where);
}

/** The SHA-256 of a stream, hex. */
export async function hashOf(source: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source) hash.update(chunk);
  return hash.digest('hex');
}

/** The bytes of `source`; throws `otherwise` at their end if their hash is another. */
export async function* checked(
  source: AsyncIterable<Buffer>,
  sha256: string,
  otherwise: Error,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) throw otherwise;
}

/**
 * The same bytes, and their SHA-256 in hex once they have gone by. A failure of `source` is one of the stream that is
 * read.
 */
export function hashing(source: AsyncIterable<Buffer | string>): { stream: Transform; sha256: () => string } {
  const hash = createHash('sha256');
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, callback) => {
      hash.update(chunk);
      callback(null, chunk);
    },
  });
  pipeline(source, stream, () => undefined);
  return { stream, sha256: () => hash.digest('hex') };
}
