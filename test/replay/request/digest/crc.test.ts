import { expect, test } from 'vitest';
import { crc32, crc32c, crc64nvme } from '../../../../src/replay/request/digest/crc.js';

test('checksums have the check values that their catalogues give for "123456789"', () => {
  const data = Buffer.from('123456789');
  expect([crc32, crc32c, crc64nvme].map((sum) => sum(data).toString('hex'))).toEqual([
    ...['cbf43926', 'e3069283', 'ae8b14860a799888'],
  ]);
});
