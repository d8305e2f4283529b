import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { json, recordedAt, Replay, type Recorded } from '../helpers/replaying.js';

const day = 86_400_000;

test('an answer that is given again tells what has been learnt since', async () => {
  const id = randomUUID();
  const exchanges: Recorded[] = [
    { url: 'http://a.test/orders', answer: { orders: [{ id, at: '2026-11-21T09:59:30Z' }] }, atMs: 900 },
    {
      method: 'POST',
      url: 'http://b.test/orders',
      headers: json,
      body: JSON.stringify({ id }),
      answer: { id },
      atMs: 100,
    },
  ];
  const replay = new Replay(exchanges, { now: recordedAt + 45 * day + 1500 });
  const ask = async (): Promise<unknown> => (await replay.ask('http://a.test/orders')).json();
  const before = { orders: [{ id, at: '2027-01-05T09:59:30Z' }] };
  expect(await ask()).toEqual(before);
  expect(await ask()).toEqual(before);
  const other = randomUUID();
  await replay.ask({ method: 'POST', url: 'http://b.test/orders', headers: json, body: JSON.stringify({ id: other }) });
  expect(await ask()).toEqual({ orders: [{ id: other, at: '2027-01-05T09:59:30Z' }] });
});

test('two answers with the same bytes are each told by their own time', async () => {
  const body = { now: 1795255200 }; // 2026-11-21T10:00:00Z
  const replay = new Replay(
    [
      { url: 'http://a.test/old', answer: body, atMs: 0 },
      { url: 'http://a.test/new', answer: body, atMs: 5000 },
    ],
    { now: recordedAt + 100_000 },
  );
  const seen: unknown[] = [];
  for (const path of ['old', 'new', 'old', 'new']) seen.push((await replay.ask(`http://a.test/${path}`)).json());
  const fresh = new Replay([{ url: 'http://a.test/old', answer: body, atMs: 0 }], { now: recordedAt + 100_000 });
  const alone = (await fresh.ask('http://a.test/old')).json();
  // whatever moment was told once is told the same ever after
  expect(seen).toEqual([alone, alone, alone, alone]);
});

test('requests that differ in one byte of body, header or query are not taken for each other', async () => {
  const post = (amount: number, tenant: string): Recorded => ({
    method: 'POST',
    url: `http://a.test/quote?tenant=${tenant}`,
    headers: [...json, 'X-Tenant', tenant],
    body: JSON.stringify({ amount }),
    answer: { amount, tenant },
  });
  const all = [post(1, 'x'), post(2, 'x'), post(1, 'y'), post(2, 'y')];
  const replay = new Replay(all);
  for (const incoming of [...all, ...all]) expect((await replay.ask(incoming)).json()).toEqual(incoming.answer);
  expect((await replay.ask({ ...post(1, 'x'), headers: [...json, 'X-Tenant', 'y'] })).status).toBe(502);
});

test('a client that takes no compression and one that does each get what they take, time and again', async () => {
  const replay = new Replay(
    [
      {
        url: 'http://a.test/',
        answer: gzipSync('{"at":"2026-11-21T10:00:00Z"}'),
        responseHeaders: ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'],
      },
    ],
    { now: recordedAt + day + 500 },
  );
  for (let i = 0; i < 2; i++) {
    const plain = await replay.ask({ url: 'http://a.test/', headers: ['Accept-Encoding', 'identity'] });
    expect(plain.text).toBe('{"at":"2026-11-22T10:00:00Z"}');
    const packed = await replay.ask({ url: 'http://a.test/', headers: ['Accept-Encoding', 'gzip'] });
    expect(packed.headers).toContain('gzip');
    expect(packed.data.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  }
});
