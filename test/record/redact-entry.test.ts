import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { redactionOptions } from '../../src/har/redaction/index.js';
import { publishJournal } from '../../src/record/publish.js';
import { createReplayer } from '../../src/replay/replayer.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { scanRecording } from '../../src/recordings/scan-recording.js';
import { exchangeOf } from '../helpers/exchange.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';

const token = 'Zq8Yt3kLm9ZxW2vB7nC1';
const password = 'correct-horse-7';
const json = ['Content-Type', 'application/json'];
const login = { method: 'POST', target: '/login', headers: json };
const credentials = () => Body.of(Buffer.from(JSON.stringify({ user: 'tea', password })));

test('no secret reaches the store, wherever it stands, and the recording still answers those who know it', async () => {
  const { store, recording, info } = await record();
  const stored = await contentOf(store.url);
  for (const secret of [token, password]) expect(stored).not.toContain(secret);
  expect(stored).toContain('"user');
  expect(recording.info).toEqual({ ...info, redaction: expect.objectContaining({ formatVersion: 1 }) as object });

  const replayer = createReplayer({ recording, clock: { now: () => Date.now() } });
  const ask = async (index: number, request: Parameters<typeof exchangeOf>[1]) => {
    const answer = await replayer.interceptor(exchangeOf(index, request), () =>
      Promise.reject(new Error('no backend')),
    );
    const { data } = await answer.body.bytes();
    return { status: answer.status, text: (answer.headers.includes('gzip') ? gunzipSync(data) : data).toString() };
  };
  expect(
    (await ask(0, { ...login, body: Body.of(Buffer.from('{"user":"tea","password":"wrong-horse-777"}')) })).status,
  ).toBe(502);
  const answer = await ask(1, { ...login, body: credentials() });
  const { access_token: placeholder } = JSON.parse(answer.text) as { access_token: string };
  expect(placeholder).toMatch(/^[A-Z][a-z]\d[A-Z]/);
  // the client sends back what the replay gave it; one that has the real token by other ways sends that
  for (const sent of [placeholder, token]) {
    expect(await ask(2, { target: `/users/${sent}`, headers: ['Authorization', `Bearer ${sent}`] })).toMatchObject({
      status: 200,
    });
  }
});

test('a scan finds what is in the clear in a recording that was not redacted, and nothing in one that was', async () => {
  const rules = redactionOptions.parse({});
  expect(await scanRecording((await record()).recording, rules)).toEqual([]);
  const found = await scanRecording((await record({ redact: false })).recording, rules);
  expect(found.map(({ entry, where }) => [entry, where])).toEqual([
    [0, 'request json password'],
    [0, 'response json access_token'],
    [1, 'request header authorization'],
  ]);
  expect(JSON.stringify(found)).not.toContain(password);
});

test('publishing the same journal again makes the same recording', async () => {
  const one = await record();
  const two = await record({ recordingId: one.info.recordingId });
  expect(two.recording.entries.map(({ request }) => request.url)).toEqual(
    one.recording.entries.map(({ request }) => request.url),
  );
});

async function record(change: Parameters<typeof recordingInfo>[0] = {}) {
  const root = await tempFolder();
  const { recorder, folder, info } = await startRecording(join(root, 'journal'), recordingInfo(change));
  await recordExchange(recorder, 0, {
    request: { ...login, body: credentials() },
    response: {
      headers: [...json, 'Content-Encoding', 'gzip'],
      body: Body.of(gzipSync(`{"access_token":"${token}"}`)),
    },
  });
  await recordExchange(recorder, 1, {
    request: { target: `/users/${token}`, headers: ['Authorization', `Bearer ${token}`] },
  });
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  await publishJournal(folder, store);
  return { store, info, recording: await openRecording(store, info) };
}

/** All files of a folder as text, what is gzipped unpacked. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const data = await readFile(join(parentPath, name));
      return (data[0] === 0x1f ? gunzipSync(data) : data).toString('utf8');
    }),
  );
  return texts.join('\n');
}
