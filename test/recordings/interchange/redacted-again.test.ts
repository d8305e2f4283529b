import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HarRecordingInfo } from '../../../src/har/har.js';
import { Body } from '../../../src/http/index.js';
import { publishJournal } from '../../../src/record/publish.js';
import { exportHar, exportHarZip } from '../../../src/recordings/interchange/export-har.js';
import { exportMitm } from '../../../src/recordings/interchange/export-mitm.js';
import { importFile } from '../../../src/recordings/interchange/import-file.js';
import { createReplayer } from '../../../src/replay/replayer.js';
import { folderStore } from '../../../src/store/folder-store.js';
import { openRecording } from '../../../src/store/open-recording.js';
import type { Recording } from '../../../src/store/recording.js';
import { exchangeOf } from '../../helpers/exchange.js';
import { recordExchange, recordingInfo, startRecording } from '../../helpers/recording.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const json = ['Content-Type', 'application/json'];
const form = ['Content-Type', 'application/x-www-form-urlencoded'];
const key = { testId: 'imported', appVersion: 'default' };
const token = 'tok_2YotnFZFEjr1zCsicMWpAA';

interface Secrets {
  password: string;
  pin: string;
  apiKey: string;
}
const right: Secrets = { password: 'correct-horse-7', pin: '4711', apiKey: 'key-4f9d0c2be871a356' };

/** What the client sends: a password in JSON and in a form, a short one, a key in a header and in a query. */
const requestsWith = ({ password, pin, apiKey }: Secrets) => [
  { method: 'POST', target: '/login', headers: json, body: JSON.stringify({ user: 'ada', password }) },
  { method: 'POST', target: '/legacy', headers: form, body: new URLSearchParams({ user: 'ada', password }).toString() },
  { method: 'POST', target: '/unlock', headers: json, body: JSON.stringify({ pin }) },
  { method: 'GET', target: '/things', headers: ['X-Api-Key', apiKey], body: '' },
  { method: 'GET', target: `/strength?value=${password}`, headers: [], body: '' },
  { method: 'GET', target: '/me', headers: ['Authorization', `Bearer ${token}`], body: '' },
];

async function recorded(info: Partial<HarRecordingInfo> = {}): Promise<Recording> {
  const root = await tempFolder();
  const { recorder, folder, info: whole } = await startRecording(join(root, 'journal'), recordingInfo(info));
  for (const [index, { body, ...request }] of requestsWith(right).entries()) {
    const answer = index === 0 ? { token } : { ok: index };
    await recordExchange(recorder, index, {
      request: { ...request, body: Body.of(body) },
      response: { headers: json, body: Body.of(JSON.stringify(answer)) },
    });
  }
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  await publishJournal(folder, store);
  return openRecording(store, whole);
}

async function imported(
  content: AsyncIterable<unknown>,
  name: string,
  redact?: HarRecordingInfo['redact'],
): Promise<Recording> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  const path = join(await tempFolder(), name);
  await writeFile(path, Buffer.concat(chunks));
  return importedFile(path, redact);
}

async function importedFile(path: string, redact?: HarRecordingInfo['redact']): Promise<Recording> {
  const root = await tempFolder();
  const store = folderStore(join(root, 'store'));
  const options = { key, store, journalDir: join(root, 'journal'), ...(redact === undefined ? {} : { redact }) };
  const { recordingId } = await importFile(path, options);
  return openRecording(store, { ...key, recordingId });
}

async function bodies(recording: Recording): Promise<string[]> {
  const texts: string[] = [];
  for (const { request, response } of recording.entries)
    for (const content of [request.postData, response.content])
      texts.push(content === undefined ? '' : (await recording.body(content)).toString());
  return texts;
}

/** The statuses that a client with these secrets gets. */
async function statuses(recording: Recording, secrets: Secrets): Promise<number[]> {
  const replayer = createReplayer({ recording, clock: { now: () => Date.parse(recording.info.recordedAt) } });
  let bearer = token;
  const found: number[] = [];
  for (const [index, { body, ...request }] of requestsWith(secrets).entries()) {
    const headers = index === 5 ? ['Authorization', `Bearer ${bearer}`] : request.headers;
    const exchange = exchangeOf(index, { ...request, headers, body: Body.of(body) });
    const answer = await replayer.interceptor(exchange, () => Promise.reject(new Error('no backend')));
    const { data } = await answer.body.bytes();
    if (index === 0) bearer = (JSON.parse(data.toString()) as { token?: string }).token ?? '';
    found.push(answer.status);
  }
  return found;
}

const forms: [string, (recording: Recording) => AsyncIterable<unknown>][] = [
  ['a.har', exportHar],
  ['a.zip', exportHarZip],
  ['a.mitm', exportMitm],
];
const all = [200, 200, 200, 200, 200, 200];

describe.each(forms)('a redacted recording, exported as %s and imported again', (name, exported) => {
  test('has the same placeholders, says how it was redacted, and replays with the real secrets alone', async () => {
    const before = await recorded();
    expect(await statuses(before, right)).toEqual(all);
    const after = await imported(exported(before), name);
    expect(await bodies(after)).toEqual(await bodies(before));
    expect(after.entries.map(({ request }) => request.url)).toEqual(before.entries.map(({ request }) => request.url));
    expect(after.info.redaction).toEqual(before.info.redaction);
    expect(await statuses(after, right)).toEqual(all);
    const wrong = { password: 'correct-horse-8', pin: '4712', apiKey: 'key-4f9d0c2be871a357' };
    expect((await statuses(after, wrong)).slice(0, 3)).toEqual([502, 502, 502]);
    expect(await statuses(after, wrong)).toEqual(await statuses(before, wrong));
  });

  test('may go there and back as often as one likes', async () => {
    let recording = await recorded();
    const first = await bodies(recording);
    for (let times = 0; times < 3; times++) recording = await imported(exported(recording), name);
    expect(await bodies(recording)).toEqual(first);
    expect(await statuses(recording, right)).toEqual(all);
  });

  test('keeps the rules that it was redacted by, and those of the project come to them', async () => {
    const before = await recorded({ redact: { headers: [], fields: ['user'], patterns: [], keep: [] } });
    const after = await imported(exported(before), name, { headers: [], fields: ['ok'], patterns: [], keep: [] });
    expect(after.info.redaction).toMatchObject({ fields: expect.arrayContaining(['user', 'ok']) as unknown });
    expect(await statuses(after, right)).toEqual(all);
  });

  test('stays as it was where the project replaces nothing', async () => {
    const before = await recorded();
    const after = await imported(exported(before), name, false);
    expect(await bodies(after)).toEqual(await bodies(before));
    expect(await statuses(after, right)).toEqual(all);
  });
});

test('a secret that came into an exported HAR later is replaced, and known like those before', async () => {
  const before = await recorded();
  const chunks: Buffer[] = [];
  for await (const chunk of exportHar(before)) chunks.push(chunk as Buffer);
  const har = JSON.parse(Buffer.concat(chunks).toString()) as {
    log: { entries: { request: { postData?: { text?: string } } }[] };
  };
  const { postData } = har.log.entries[2]?.request ?? {};
  if (postData !== undefined) postData.text = JSON.stringify({ pin: '0815' });
  const path = join(await tempFolder(), 'changed.har');
  await writeFile(path, JSON.stringify(har));
  expect(await readFile(path, 'utf8')).toContain('0815');
  const after = await importedFile(path);
  expect((await bodies(after)).join()).not.toContain('0815');
  expect(await statuses(after, { ...right, pin: '0815' })).toEqual(all);
  expect((await statuses(after, right))[2]).toBe(502);
});

test('a file of another tool is redacted as before, with nothing taken for a placeholder', async () => {
  const before = await recorded({ redact: false });
  expect((await bodies(before)).join()).toContain(right.password);
  const after = await imported(exportHar(before), 'raw.har');
  expect((await bodies(after)).join()).not.toContain(right.password);
  expect(after.info.redaction).toBeDefined();
  expect(await statuses(after, right)).toEqual(all);
});
