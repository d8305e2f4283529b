import { createHash } from 'node:crypto';
import { headerPairs, type RawHeaders } from '../../http/index.js';

const algorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;
const encodings = ['hex', 'base64'] as const;

/** Headers that carry a digest of the body (RFC 9530, RFC 3230, RFC 1864, S3, Google Cloud Storage). */
const digestHeaders =
  /^(?:etag|content-md5|digest|content-digest|repr-digest|x-amz-checksum-.*|x-goog-hash|x-checksum-.*)$/i;

/**
 * The headers with each digest of the old body that they carry replaced by that of the new one; a value that is no digest of
 * it (an opaque ETag) stays. `renamed` is told each pair.
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
      for (const encoding of encodings) {
        const digest = createHash(algorithm).update(body).digest(encoding);
        if (!value.includes(digest)) continue;
        const fresh = createHash(algorithm)
          .update(changed[i] as Buffer)
          .digest(encoding);
        renamed(digest, fresh);
        return value.replace(digest, fresh);
      }
    }
  }
  return value;
}
