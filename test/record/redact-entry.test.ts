import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { HarEntry } from '../../src/har/har.js';
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
import { textOfFiles } from '../helpers/text-of-files.js';

const token = 'Zq8Yt3kLm9ZxW2vB7nC1';
const password = 'correct-horse-7';
const json = ['Content-Type', 'application/json'];
const login = { method: 'POST', target: '/login', headers: json };
const credentials = () => Body.of(Buffer.from(JSON.stringify({ user: 'tea', password })));

test('no secret reaches the store, wherever it stands, and the recording still answers those who know it', async () => {
  const { store, recording, info } = await record();
  const stored = await textOfFiles(store.url);
  for (const secret of [token, password]) expect(stored).not.toContain(secret);
  expect(stored).toContain('"user');
  expect(recording.info).toEqual({ ...info, redaction: expect.objectContaining({ formatVersion: 2 }) as object });

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

test('a scan looks at all that is stored: trailers, early answers, failures, rules that were learned, members of others', async () => {
  const { recording } = await record({ redact: false });
  const [first, second] = recording.entries as [HarEntry, HarEntry];
  Object.assign(first._proxyctl ?? {}, {
    index: 7,
    requestTrailers: [{ name: 'X-Api-Key', value: 'k-1234567890abcdef' }],
    informational: [{ status: 103, headers: [{ name: 'Set-Cookie', value: 'sid=s3cr3tv4lue99' }] }],
  });
  first.response.redirectURL = 'https://a/cb?access_token=s3cr3tv4lue99';
  first._error = 'refused ghp_0123456789abcdefghijklmnopqrstuvwx';
  first.comment = '{"password":"hunter22"}';
  delete second._proxyctl;
  second.request.queryString = [{ name: 'token', value: 's3cr3tv4lue99' }];
  const learned = { from: ['a', 'b'], seen: ['s3cr3tv4lue99', 's3cr3tv4lue98'] };
  recording.info.rules = [
    { where: 'json $.user.password', is: 'volatile', learned },
    { where: 'header x-api-key', is: 'volatile', learned },
    { where: 'query page', is: 'volatile', learned },
  ];
  const found = await scanRecording(recording, redactionOptions.parse({}));
  expect(found.map(({ entry, where }) => [entry, where])).toEqual([
    [undefined, 'recording query password'],
    [undefined, 'recording header x-api-key'],
    [7, 'request header x-api-key'],
    [7, 'request json password'],
    [7, 'response cookie sid'],
    [7, 'response json access_token'],
    [7, 'response query access_token'],
    [7, 'exchange json password'],
    [7, 'exchange pattern'],
    [1, 'request header authorization'],
    [1, 'request query token'],
  ]);
});

test('a scan says how much of a command is stored beside the program’s name, and nothing of it', async () => {
  const { recording } = await record();
  const scan = async (command: unknown) => {
    Object.assign(recording.info, { command });
    return scanRecording(recording, redactionOptions.parse({}));
  };
  expect(await scan(['curl', '-u', `tea:${password}`])).toEqual([
    { where: 'recording command', shown: '2 of its words' },
  ]);
  expect(await scan(['env', `PASSWORD=${password}`, 'curl'])).toHaveLength(1);
  expect(await scan([`PASSWORD=${password}`, 'curl'])).toHaveLength(1);
  expect(await scan([`curl -u tea:${password}`])).toHaveLength(1);
  expect(await scan(`curl -u tea:${password}`)).toHaveLength(1);
  for (const name of [['curl'], ['npm'], [], undefined]) expect(await scan(name)).toEqual([]);
});

test('a short secret that was replaced is not found again by a scan', async () => {
  const fields = { headers: [], fields: ['floor'], patterns: [], keep: [] };
  const { recording } = await record({ redact: fields }, { floor: '12' });
  expect(recording.info.redaction).toMatchObject({ short: [expect.any(String) as string] });
  expect(await scanRecording(recording, redactionOptions.parse(fields))).toEqual([]);
});

test('publishing the same journal again makes the same recording', async () => {
  const one = await record();
  const two = await record({ recordingId: one.info.recordingId });
  expect(two.recording.entries.map(({ request }) => request.url)).toEqual(
    one.recording.entries.map(({ request }) => request.url),
  );
});

async function record(change: Parameters<typeof recordingInfo>[0] = {}, asked: Record<string, string> = {}) {
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
    request: {
      target: `/users/${token}?${new URLSearchParams(asked).toString()}`,
      headers: ['Authorization', `Bearer ${token}`],
    },
  });
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  await publishJournal(folder, store);
  return { store, info, recording: await openRecording(store, info) };
}
