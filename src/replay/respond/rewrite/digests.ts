import { createHash } from 'node:crypto';
import { crc32, crc32c, crc64nvme } from './crc.js';
import { headerPairs, type RawHeaders } from '../../../http/index.js';

const hash =
  (name: string) =>
  (data: Buffer): Buffer =>
    createHash(name).update(data).digest();

const algorithms = [hash('md5'), hash('sha1'), hash('sha256'), hash('sha512'), crc32, crc32c, crc64nvme];
const encodings = ['hex', 'base64'] as const;

/** Headers that carry a digest of the body (RFC 9530, RFC 3230, RFC 1864, S3, Google Cloud Storage). */
const digestHeaders =
  /^(?:etag|content-md5|digest|content-digest|repr-digest|x-amz-checksum-.*|x-goog-hash|x-checksum-.*)$/i;

/**
 * The headers with each digest of the old body that they carry replaced by that of the new one; a value that is no
 * digest of it (an opaque ETag) stays. `renamed` is told each pair.
 */
export function withNewDigests(
  headers: RawHeaders,
  old: readonly Buffer[],
  changed: readonly Buffer[],
  renamed: (recorded: string, live: string) => void,
): RawHeaders {
  if (!headers.some((name, i) => i % 2 === 0 && digestHeaders.test(name))) return headers;
  return headerPairs(headers).flatMap(({ name, value }) => [
    name,
    digestHeaders.test(name) ? replaced(value, old, changed, renamed) : value,
  ]);
}

function replaced(
  value: string,
  old: readonly Buffer[],
  changed: readonly Buffer[],
  renamed: (recorded: string, live: string) => void,
): string {
  for (const [i, body] of old.entries()) {
    for (const algorithm of algorithms) {
      const digested = algorithm(body);
      for (const encoding of encodings) {
        const digest = digested.toString(encoding);
        if (!value.includes(digest)) continue;
        const fresh = algorithm(changed[i] as Buffer).toString(encoding);
        renamed(digest, fresh);
        return value.replace(digest, fresh);
      }
    }
  }
  return value;
}
