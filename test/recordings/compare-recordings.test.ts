import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { publishJournal } from '../../src/record/publish.js';
import { compareRecordings } from '../../src/recordings/compare-recordings.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { Recording } from '../../src/store/recording.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';

type Call = [method: string, target: string, sent: unknown, answer: unknown, status?: number];

async function recordingOf(day: number, appVersion: string, calls: readonly Call[]): Promise<Recording> {
  const root = await tempFolder();
  const at = Date.UTC(2026, 10, day);
  const { recorder, folder, info } = await startRecording(join(root, 'journal'), recordingInfo({ appVersion }, at));
  const json = ['Content-Type', 'application/json'];
  for (const [index, [method, target, sent, answer, status = 200]] of calls.entries()) {
    const body = sent === undefined ? Body.empty() : Body.of(JSON.stringify(sent));
    await recordExchange(recorder, index, {
      request: { method, target, headers: sent === undefined ? [] : json, body },
      response: { status, headers: json, body: Body.of(JSON.stringify(answer)) },
    });
  }
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  await publishJournal(folder, store);
  return openRecording(store, info);
}

test('what a new app version did is told by requests and fields; dates, ids and the version itself do not count', async () => {
  const before = await recordingOf(1, '5.0.0', [
    [
      'GET',
      '/items?at=2026-11-01T00:00:00Z',
      undefined,
      { at: '2026-11-01T00:00:01Z', items: [{ sku: 'a', price: 5 }] },
    ],
    ['POST', '/orders', { sku: 'a', requestId: '0b5f5f0e-6c2f-4f7e-9d35-0a58d9c1a001', app: '5.0.0' }, { ok: true }],
    ['GET', '/old', undefined, {}],
    ['GET', '/profile', undefined, { name: 'Ann' }],
  ]);
  const after = await recordingOf(20, '5.1.0', [
    ['GET', '/profile', undefined, { name: 'Ann' }],
    [
      'GET',
      '/items?at=2026-11-20T00:00:00Z',
      undefined,
      { at: '2026-11-20T00:00:01Z', items: [{ sku: 'a', price: 6, sale: true }] },
    ],
    [
      'POST',
      '/orders',
      { sku: 'b', requestId: 'c3d1a5a4-52b3-4a1c-8a68-65cf7d4cb002', app: '5.1.0' },
      { ok: false },
      409,
    ],
    ['GET', '/new', undefined, {}],
  ]);

  const { same, changed, added, gone } = await compareRecordings(before, after);

  expect(same).toBe(1);
  expect(added.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(['GET /new']);
  expect(gone.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(['GET /old']);
  expect(changed.map(({ index, after: other, request, response }) => ({ index, other, request, response }))).toEqual([
    {
      index: 0,
      other: 1,
      request: [],
      response: [
        { where: 'json $.items[0].price', before: '5', after: '6' },
        { where: 'json $.items[0].sale', after: 'true' },
      ],
    },
    {
      index: 1,
      other: 2,
      request: [{ where: 'json $.sku', before: 'a', after: 'b' }],
      response: [
        { where: 'status', before: '200', after: '409' },
        { where: 'json $.ok', before: 'true', after: 'false' },
      ],
    },
  ]);
  expect(await compareRecordings(before, before)).toEqual({ same: 4, changed: [], added: [], gone: [] });
});
