import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { crc32, crc32c, crc64nvme, crc64xz } from '../../../../src/replay/request/digest/crc.js';
import { findDigests, withNewDigests } from '../../../../src/replay/request/digest/digests.js';

const md5 = (data: Buffer): Buffer => createHash('md5').update(data).digest();

test('digests and checksums of a body are those of what it became, an opaque tag stays', () => {
  const [old, now] = [Buffer.from('at 2026-11-21'), Buffer.from('at 2027-01-05')];
  const headersOf = (body: Buffer): string[] => [
    ...['ETag', `"${md5(body).toString('hex')}"`, 'Content-MD5', md5(body).toString('base64')],
    ...['x-amz-checksum-crc32', crc32(body).toString('base64')],
    ...['x-amz-checksum-crc64nvme', crc64nvme(body).toString('base64')],
    ...['x-goog-hash', `crc32c=${crc32c(body).toString('base64')}`, 'X-Checksum-Other', 'opaque', 'X-Other', 'kept'],
  ];
  const renamed: string[] = [];
  const digests = findDigests(headersOf(old), [old]);
  expect(withNewDigests(headersOf(old), digests, [now], (from) => renamed.push(from))).toEqual(headersOf(now));
  expect(renamed).toContain(md5(old).toString('hex'));
});

const decimal = (digest: Buffer): string => BigInt(`0x${digest.toString('hex')}`).toString();
const sha = (name: string, data: Buffer): Buffer => createHash(name).update(data).digest();

test.each<[string, (body: Buffer) => string]>([
  ['x-amz-crc32', (body) => decimal(crc32(body))],
  ['x-oss-hash-crc64ecma', (body) => decimal(crc64xz(body))],
  ['x-any-name', (body) => sha('sha256', body).toString('hex')],
  ['x-any-name', (body) => sha('sha384', body).toString('base64url')],
  ['digest', (body) => `sha-512=${sha('sha512', body).toString('base64')}`],
  ['repr-digest', (body) => `sha-256=:${sha('sha256', body).toString('base64')}:`],
  ['docker-content-digest', (body) => `sha256:${sha('sha256', body).toString('hex')}`],
  ['etag', (body) => `W/"${sha('sha1', body).toString('hex')}"`],
  ['x-checksum', (body) => crc32(body).toString('hex').toUpperCase()],
  ['x-two', (body) => `${md5(body).toString('hex')}, crc32c=${crc32c(body).toString('base64')}`],
])('a digest in %s is made anew whatever the header is called', (name, of) => {
  const [old, now] = [Buffer.from('at 2026-11-21'), Buffer.from('at 2027-01-05')];
  const digests = findDigests([name, of(old)], [old]);
  expect(withNewDigests([name, of(old)], digests, [now], () => undefined)).toEqual([name, of(now)]);
});

test('what only looks like a digest stays', () => {
  const headers = ['x-request-id', 'd41d8cd98f00b204e9800998ecf8427e', 'x-count', '697877569', 'x-size', '13'];
  expect(findDigests(headers, [Buffer.from('at 2026-11-21')])).toEqual([]);
});

test('CRC-64/XZ has the check value of its catalogue', () => {
  expect(crc64xz(Buffer.from('123456789')).toString('hex')).toBe('995dc9bbdf1939fa');
});
