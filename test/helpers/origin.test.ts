import { createHash } from 'node:crypto';
import { get } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { Origin, patternedBytes } from './origin.js';

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

test('the origin answers by HTTPS under a certificate that only its own CA makes trusted', async () => {
  const origin = await startOrigin();
  const answered = await httpsGet(origin.httpsUrl('/bytes/1000'), origin.ca);
  expect(answered).toEqual(patternedBytes(1000));
  await expect(httpsGet(origin.httpsUrl('/json'))).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

test('the origin keeps what it was asked, and tells a client what it got', async () => {
  const origin = await startOrigin();
  const answer = await fetch(origin.httpUrl('/echo?a=1'), { method: 'POST', body: 'abc' });
  expect(await answer.json()).toMatchObject({
    method: 'POST',
    url: '/echo?a=1',
    length: 3,
    sha256: createHash('sha256').update('abc').digest('hex'),
  });
  expect(origin.requests).toMatchObject([{ method: 'POST', url: '/echo?a=1', tls: false }]);
  expect(origin.connections).toBe(1);
});

test('a closed origin is gone, with its connections', async () => {
  const origin = await startOrigin();
  await (await fetch(origin.httpUrl('/json'))).text(); // keeps a connection open
  const url = origin.httpUrl('/json');
  await origin.close();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

function httpsGet(url: string, ca?: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}
