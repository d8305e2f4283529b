import { describe, expect, test } from 'vitest';
import { deflateRawSync, deflateSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { decodeContent, encodeContent, encodeContentStart } from '../../src/http/index.js';
import { decodeZstd, encodeRawZstd } from '../../src/http/zstd.js';

const body = Buffer.from('{"at":"2026-11-21T10:00:00Z"} '.repeat(20_000));

describe.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, br', 'identity', ''])('the content coding "%s"', (coding) => {
  test('is undone', () => {
    expect(decodeContent(encodeContent(body, coding), coding)?.equals(body)).toBe(true);
  });
});

test('an empty body stays empty in every coding', () => {
  for (const coding of ['gzip', 'deflate', 'br', 'zstd']) {
    expect(decodeContent(encodeContent(Buffer.alloc(0), coding), coding)).toEqual(Buffer.alloc(0));
  }
});

test('what is not in its coding, in an unknown one, or too large is not decoded', () => {
  expect(decodeContent(Buffer.from('plain'), 'gzip')).toBeUndefined();
  expect(decodeContent(Buffer.from('plain'), 'zstd')).toBeUndefined();
  expect(decodeContent(body, 'rot13')).toBeUndefined();
  for (const coding of ['gzip', 'zstd'])
    expect(decodeContent(encodeContent(body, coding), coding, 1000)).toBeUndefined();
});

test('zstd as a real encoder writes it is read, and what we write is read by it', () => {
  // python3: zstandard.ZstdCompressor().compress(b'hello hello hello hello\n' * 3)
  const compressed = '28b52ffd2048cd00005868656c6c6f200a200a200a0500600a100e4c060491b91401';
  const text = 'hello hello hello hello\n'.repeat(3);
  expect(decodeContent(Buffer.from(compressed, 'hex'), 'zstd')?.toString()).toBe(text);
  expect(decodeZstd(encodeRawZstd(body), body.length).equals(body)).toBe(true);
});

describe('a body is coded as the one before was', () => {
  const other = Buffer.from('{"at":"2027-01-05T10:00:00Z"}');

  test('with deflate in its raw form, and in that of zlib', () => {
    expect(inflateRawSync(encodeContent(other, 'deflate', deflateRawSync(body))).equals(other)).toBe(true);
    expect(inflateSync(encodeContent(other, 'deflate', deflateSync(body))).equals(other)).toBe(true);
    expect(inflateSync(encodeContent(other, 'deflate')).equals(other)).toBe(true);
  });

  test('with raw deflate within gzip', () => {
    const like = encodeContent(deflateRawSync(body), 'gzip');
    expect(decodeContent(like, 'deflate, gzip')?.equals(body)).toBe(true);
    expect(inflateRawSync(gunzipSync(encodeContent(other, 'deflate, gzip', like))).equals(other)).toBe(true);
  });

  test('with raw deflate at its beginning alone', () => {
    const start = encodeContentStart(other, 'deflate', deflateRawSync(body).subarray(0, 40));
    expect(() => inflateSync(Buffer.concat([start]), { finishFlush: 2 })).toThrow();
    expect(inflateRawSync(start, { finishFlush: 2 }).equals(other)).toBe(true);
  });

  test('with raw deflate that begins as zlib does', () => {
    const raw = Array.from({ length: 4000 }, (_, i) => deflateRawSync(Buffer.from(`${i}`.repeat(i % 90))));
    const alike = raw.filter(([method = 0, flags = 0]) => method % 16 === 8 && (method * 256 + flags) % 31 === 0);
    for (const data of [...alike, ...raw.slice(0, 50)])
      expect(decodeContent(encodeContent(other, 'deflate', data), 'deflate')?.equals(other)).toBe(true);
    for (const data of alike) expect(decodeContent(data, 'deflate')?.equals(inflateRawSync(data))).toBe(true);
  });
});
