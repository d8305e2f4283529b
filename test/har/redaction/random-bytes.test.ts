import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRedactor, redactionInfo } from '../../../src/har/redaction/index.js';

const salt = '00112233445566778899aabbccddeeff';

/** As many bytes by chance as zeros are put in; the same for the same seed. */
function randomBodies(seed: number, count: number, length: number): Buffer[] {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return Array.from({ length: count }, () => cipher.update(Buffer.alloc(length)));
}

test.each([
  undefined,
  'text/plain',
  'text/html; charset=iso-8859-1',
  'application/json',
  'application/x-thing',
  'application/octet-stream',
  'application/x-protobuf',
])('bytes by chance are stored as they are, whatever their server calls them (%s)', (contentType) => {
  const found: unknown[] = [];
  const info = redactionInfo.parse({ formatVersion: 2, salt });
  const redactor = createRedactor(info, { onSecret: (secret) => found.push(secret) });
  for (const body of randomBodies(7, 300, 100_000)) expect(redactor.body(body, contentType)).toBeUndefined();
  expect(found).toEqual([]);
});

test.each([undefined, 'text/plain', 'application/json', 'application/octet-stream'])(
  'a text of many megabytes within bytes (%s) is looked through as any other',
  (contentType) => {
    const redactor = createRedactor(redactionInfo.parse({ formatVersion: 2, salt }));
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const text = Buffer.concat([Buffer.alloc(9_000_000, 'x'), Buffer.from(` ${secret} `), Buffer.alloc(100_000, 'y')]);
    for (const body of [Buffer.concat([Buffer.from([0xff, 0, 1]), text]), text]) {
      const redacted = redactor.body(body, contentType);
      const isFile = contentType === 'application/octet-stream' && body !== text;
      expect(redacted === undefined || redacted.includes(secret)).toBe(isFile);
    }
  },
);

test.each([undefined, 'text/plain', 'application/json'])(
  'a text in Latin-1 (%s) is none of those: its password is replaced',
  (contentType) => {
    const redactor = createRedactor(redactionInfo.parse({ formatVersion: 2, salt }));
    const body = Buffer.from('{"größe":"XL","password":"hunter2-größe"}', 'latin1');
    const redacted = redactor.body(body, contentType)?.toString('latin1');
    expect(redacted).toMatch(/^\{"größe":"XL","password":"\w+-\w+"\}$/);
    expect(redacted).not.toContain('hunter2');
  },
);
