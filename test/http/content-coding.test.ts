import { describe, expect, test } from 'vitest';
import { decodeContent, encodeContent } from '../../src/http/index.js';
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
