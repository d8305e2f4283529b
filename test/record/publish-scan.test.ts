import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { redactionOptions } from '../../src/har/redaction/index.js';
import { publishJournal } from '../../src/record/publish.js';
import { scanRecording } from '../../src/recordings/scan-recording.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { recordExchange, recordingInfo, startRecording, type Said } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { textOfFiles } from '../helpers/text-of-files.js';

const token = 'Zq8Yt3kLm9ZxW2vB7nC1';
const login = (): Said => ({
  request: { method: 'POST', headers: ['Content-Type', 'application/json'], body: Body.of(`{"token":"${token}"}`) },
});
const sent = (mediaType: string, body: Buffer | string, more: readonly string[] = []): Said => ({
  request: { method: 'POST', headers: ['Content-Type', mediaType, ...more], body: Body.of(body) },
});
const bytes = Buffer.from('89504e470d0a1a0a00fffe8081c3280a', 'hex');
const large = Buffer.alloc(17 * 1024 * 1024, '.');

describe('what the rules have found and redaction leaves as it is keeps a recording from being published:', () => {
  test.each<[string, () => Said]>([
    ['in a file', () => sent('application/octet-stream', Buffer.concat([bytes, Buffer.from(token)]))],
    ['in Base64 in a file', () => sent('application/x-tar', Buffer.concat([bytes, Buffer.from(btoa(`ab${token}`))]))],
    ['in a file that is packed', () => sent('application/gzip', gzipSync(Buffer.concat([bytes, Buffer.from(token)])))],
    ['in a picture', () => sent('image/png', Buffer.concat([bytes, Buffer.from(token)]))],
    ['in a body that is too large', () => sent('text/plain', Buffer.concat([large, Buffer.from(token), bytes]))],
    [
      'in an answer',
      () => ({
        response: {
          headers: ['Content-Type', 'font/woff2'],
          body: Body.of(Buffer.concat([bytes, Buffer.from(token)])),
        },
      }),
    ],
  ])('%s', async (_, said) => {
    const { store, folder } = await recorded([login(), said()]);
    const failure = await publishJournal(folder, store).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'PROXYCTL_SECRETS_FOUND', exitCode: 5 });
    const { message, hint } = failure as { message: string; hint: string };
    expect(message).toMatch(
      /1 secret .* #1 (POST|GET) https:\/\/api\.example\.com\/items\/1: (request|response) body \(20 characters\)/,
    );
    expect(message).not.toContain(token);
    expect(hint).toContain('proxyctl recordings push');
    expect(await textOfFiles(store.url).catch(() => '')).not.toContain(token);
    expect(await readdir(folder)).not.toEqual([]);
    expect(await publishJournal(folder, store, { publishAnyway: true })).toMatchObject({ entries: 2 });
  });
});

test('a session that was told to publish anyway does so, and its recording does not say so', async () => {
  const file = sent('application/octet-stream', Buffer.concat([bytes, Buffer.from(token)]));
  const { store, folder, info } = await recorded([login(), file], { publishAnyway: true });
  await publishJournal(folder, store);
  expect((await openRecording(store, info)).info.publishAnyway).toBeUndefined();
});

test.each<[string, () => Said[], object]>([
  [
    'a file with another text',
    () => [login(), sent('application/octet-stream', Buffer.concat([bytes, Buffer.from('Zq8Yt3kLm9ZxW2vB7nC2')]))],
    {},
  ],
  [
    'a package in which something looks like a key',
    () => [login(), sent('application/octet-stream', Buffer.concat([bytes, Buffer.from(`ghp_${'a1B2'.repeat(9)}`)]))],
    {},
  ],
  [
    'a picture with a word that is a password elsewhere',
    () => [
      sent('application/json', '{"password":"sunshine"}'),
      sent('image/png', Buffer.concat([bytes, Buffer.from('sunshine')])),
    ],
    {},
  ],
  [
    'a recording of which nothing is to be replaced',
    () => [login(), sent('text/plain', `token=${token}`)],
    { redact: false },
  ],
])('nothing keeps %s from being published', async (_, said, change) => {
  const { store, folder } = await recorded(said(), change);
  expect((await publishJournal(folder, store)).entries).toBeGreaterThan(1);
});

test('what is published is found clean by a scan: letters of other scripts, numbers, several codings', async () => {
  const { store, folder, info } = await recorded([
    login(),
    sent('application/json', JSON.stringify({ pin: 1234, otp: '493021', password: 'minoüpaßa123', cvc: 987 })),
    sent('application/x-www-form-urlencoded', `password=a%2Fb%22c%3D1&x=${btoa(token)}`),
    sent('text/csv', `id,password\n1,"a""b;c"\n`),
  ]);
  await publishJournal(folder, store);
  expect(await scanRecording(await openRecording(store, info), redactionOptions.parse({}))).toEqual([]);
});

async function recorded(said: readonly Said[], change: object = {}) {
  const root = await tempFolder();
  const { recorder, folder, info } = await startRecording(join(root, 'journal'), recordingInfo(change));
  for (const [index, each] of said.entries()) await recordExchange(recorder, index, each);
  await recorder.close();
  return { store: folderStore(join(root, 'store')), folder, info };
}
