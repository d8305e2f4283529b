import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { crc32, crc32c, crc64nvme } from '../../../../src/replay/respond/rewrite/crc.js';
import { withNewDigests } from '../../../../src/replay/respond/rewrite/digests.js';

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
  expect(withNewDigests(headersOf(old), [old], [now], (from) => renamed.push(from))).toEqual(headersOf(now));
  expect(renamed).toContain(md5(old).toString('hex'));
});
