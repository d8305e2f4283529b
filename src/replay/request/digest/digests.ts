import { createHash } from 'node:crypto';
import { headerPairs, type RawHeaders } from '../../../http/index.js';
import { crc32, crc32c, crc64nvme, crc64xz } from './crc.js';

const hash =
  (name: string) =>
  (data: Buffer): Buffer =>
    createHash(name).update(data).digest();

/** Digests and checksums by which bodies are named. */
const algorithms = [
  ...[hash('md5'), hash('sha1'), hash('sha256'), hash('sha384'), hash('sha512')],
  ...[crc32, crc32c, crc64nvme, crc64xz],
] as const;

/** The cryptographic ones of them. */
const hashes = algorithms.slice(0, 5);

type Coding = (digest: Buffer) => string;

const hex: Coding = (digest) => digest.toString('hex');
const base64: Coding = (digest) => digest.toString('base64');
const base64url: Coding = (digest) => digest.toString('base64url');
const codings: readonly Coding[] = [
  hex,
  (digest) => hex(digest).toUpperCase(),
  base64,
  (digest) => base64(digest).replace(/=+$/, ''),
  base64url,
  // a number, as checksums are written
  (digest) => (digest.length > 8 ? hex(digest) : BigInt(`0x${hex(digest)}`).toString()),
];

/** A digest of a body that a header has. */
export interface FoundDigest {
  /** Which of the headers has it, from 0. */
  index: number;
  text: string;
  /** The position of its body among those that were looked at. */
  body: number;
  ofBody: (body: Buffer) => string;
}

const word = /[A-Za-z0-9+/_-]+={0,2}/g;
/** As long as a digest in one of the codings. */
const lengths = new Set([6, 8, 11, 12, 16, 22, 24, 27, 28, 32, 40, 43, 44, 64, 86, 88, 96, 128]);
const noDigest = new Set(['content-length', 'content-range', 'age', 'date', 'expires', 'last-modified', 'set-cookie']);

/**
 * The digests of `bodies` in `headers`, whatever they are called: MD5, SHA-1, SHA-2, CRC-32, CRC-32C and CRC-64, in
 * hexadecimal, base64, base64url or (checksums) decimal.
 */
export function findDigests(headers: RawHeaders, bodies: readonly Buffer[]): FoundDigest[] {
  const candidates = headerPairs(headers).flatMap(({ name, value }, index) =>
    noDigest.has(name.toLowerCase())
      ? []
      : (value.match(word) ?? []).filter(mayBeDigest).map((text) => ({ index, text })),
  );
  if (candidates.length === 0) return [];
  const known = new Map<string, Pick<FoundDigest, 'body' | 'ofBody'>>();
  bodies.forEach((data, body) => {
    for (const algorithm of algorithms) {
      const digest = algorithm(data);
      for (const coding of codings) {
        const text = coding(digest);
        if (!known.has(text)) known.set(text, { body, ofBody: (changed) => coding(algorithm(changed)) });
      }
    }
  });
  return candidates.flatMap(({ index, text }) => {
    // `md5=…` is one word of base64 as well
    const found = known.get(text) ?? known.get(text.replace(/=+$/, ''));
    return found === undefined ? [] : [{ index, text: known.has(text) ? text : text.replace(/=+$/, ''), ...found }];
  });
}

function mayBeDigest(text: string): boolean {
  const { length } = text;
  return lengths.has(length) || lengths.has(text.replace(/=+$/, '').length) || (/^\d{5,20}$/.test(text) && length > 4);
}

/**
 * The headers with each of `digests` made anew of the changed bodies. `renamed` is told each pair.
 */
export function withNewDigests(
  headers: RawHeaders,
  digests: readonly FoundDigest[],
  changed: readonly Buffer[],
  renamed: (recorded: string, live: string) => void,
): RawHeaders {
  if (digests.length === 0) return headers;
  const fresh = [...headers];
  for (const { index, text, body, ofBody } of digests) {
    const digest = ofBody(changed[body] as Buffer);
    renamed(text, digest);
    fresh[2 * index + 1] = (fresh[2 * index + 1] as string).replace(text, () => digest);
  }
  return fresh;
}

/** All texts by which a body may be named elsewhere: its cryptographic hashes in every coding. */
export function* namesOfBody(body: Buffer): Iterable<string> {
  for (const algorithm of hashes) {
    const digest = algorithm(body);
    for (const coding of [hex, base64, base64url]) yield coding(digest);
  }
}
