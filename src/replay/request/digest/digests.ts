import { createHash } from 'node:crypto';
import { headerPairs, type RawHeaders } from '../../../http/index.js';
import { crc32, crc32c, crc64nvme, crc64xz } from './crc.js';

interface Algorithm {
  /** How long its digests are. */
  bytes: number;
  of: (data: Buffer) => Buffer;
}

const hash = (name: string, bytes: number): Algorithm => ({
  bytes,
  of: (data) => createHash(name).update(data).digest(),
});

/** Cryptographic digests by which bodies are named. */
const hashes = [
  ...[hash('md5', 16), hash('sha1', 20), hash('sha256', 32), hash('sha384', 48), hash('sha512', 64)],
] as const;

/** Those, and checksums. */
const algorithms: readonly Algorithm[] = [
  ...[...hashes, { bytes: 4, of: crc32 }, { bytes: 4, of: crc32c }],
  ...[
    { bytes: 8, of: crc64nvme },
    { bytes: 8, of: crc64xz },
  ],
];

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
const noDigest = new Set(['content-length', 'content-range', 'age', 'date', 'expires', 'last-modified', 'set-cookie']);

/**
 * The digests of `bodies` in `headers`, whatever they are called: MD5, SHA-1, SHA-2, CRC-32, CRC-32C and CRC-64, in
 * hexadecimal, base64, base64url or (checksums) decimal.
 */
export function findDigests(headers: RawHeaders, bodies: readonly Buffer[]): FoundDigest[] {
  const candidates = headerPairs(headers).flatMap(({ name, value }, index) =>
    noDigest.has(name.toLowerCase())
      ? []
      : (value.match(word) ?? []).filter((text) => lengthsOf(text).length > 0).map((text) => ({ index, text })),
  );
  if (candidates.length === 0) return [];
  const lengths = new Set(candidates.flatMap(({ text }) => lengthsOf(text)));
  const possible = algorithms.filter(({ bytes }) => lengths.has(bytes));
  const known = new Map<string, Pick<FoundDigest, 'body' | 'ofBody'>>();
  bodies.forEach((data, body) => {
    for (const algorithm of possible) {
      const digest = algorithm.of(data);
      for (const coding of codings) {
        const text = coding(digest);
        if (!known.has(text)) known.set(text, { body, ofBody: (changed) => coding(algorithm.of(changed)) });
      }
    }
  });
  return candidates.flatMap(({ index, text }) => {
    // `md5=…` is one word of base64 as well
    const found = known.get(text) ?? known.get(text.replace(/=+$/, ''));
    return found === undefined ? [] : [{ index, text: known.has(text) ? text : text.replace(/=+$/, ''), ...found }];
  });
}

const checksumLengths: readonly number[] = [4, 8];
/** A word of a language, as headers are full of: no digest, but for one in hundreds of the shortest in base64. */
const plainWord = /^[A-Za-z]?[a-z]+(?:-[a-z]+)*$/;

/** How many bytes the digest has that a text may be; none: it is no digest in any of the codings. */
function lengthsOf(text: string): number[] {
  const digits = text.replace(/=+$/, '');
  const padding = text.length - digits.length;
  const found: number[] = [];
  for (const { bytes } of algorithms) {
    const isHex = digits.length === 2 * bytes && /^(?:[\da-f]+|[\dA-F]+)$/.test(digits);
    const isBase64 = digits.length === Math.ceil((bytes * 4) / 3) && (padding > 0 || !plainWord.test(digits));
    if (isHex || isBase64) found.push(bytes);
  }
  if (/^\d{5,20}$/.test(digits)) found.push(...checksumLengths);
  return found;
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
    const digest = algorithm.of(body);
    for (const coding of [hex, base64, base64url]) yield coding(digest);
  }
}
