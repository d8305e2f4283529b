import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { environment } from '../../src/config/environment.js';
import type { HarRecordingInfo } from '../../src/har/har.js';
import { publishJournal } from '../../src/record/publish.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import { openRecording } from '../../src/store/open-recording.js';
import { newRecordingId } from '../../src/store/recording-key.js';
import { s3Store } from '../../src/store/s3/s3-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { startFaultyFront } from '../helpers/faulty-s3-front.js';
import { journalFolder, journalOf, publishInProcess, readingAllTheWhile } from '../helpers/publishing.js';
import { recordingInfo } from '../helpers/recording.js';
import { startS3BehindToxiproxy, type S3BehindToxiproxy } from '../helpers/s3-behind-toxiproxy.js';
import { startS3Server } from '../helpers/s3-server.js';
import { tempFolder } from '../helpers/temp-folder.js';

let s3: S3BehindToxiproxy;
beforeAll(async () => {
  s3 = await startS3BehindToxiproxy();
  return s3.close;
});

describe('over a bad network, a recording is published whole', () => {
  test.each([
    ['latency', 'upstream', { latency: 100, jitter: 50 }],
    ['bandwidth', 'upstream', { rate: 800 }],
    ['slicer', 'upstream', { average_size: 400, size_variation: 200, delay: 10 }],
  ] as const)('%s', async (type, stream, attributes) => {
    const { direct, through, journal, info } = await prepare(8, 60_000);
    await s3.toxic(type, stream, attributes);
    await readingAllTheWhile(direct, info, () => publishJournal(journal, through));
    expect((await openRecording(direct, (await pointerOf(direct, info)) ?? info)).entries).toHaveLength(8);
  });
});

describe('a connection that breaks off', () => {
  test('in the middle of an upload ends in an error, the journal stays whole, and publishing it again finishes', async () => {
    const { direct, through, journal, info } = await prepare(4, 400_000);
    const old = await prepare(2, 100, { testId: info.testId, recordedAt: '2026-01-01T00:00:00.000Z' }, direct);
    await publishJournal(old.journal, old.direct);
    await s3.toxic('limit_data', 'upstream', { bytes: 300_000 });
    await readingAllTheWhile(direct, info, async () => {
      await expect(publishJournal(journal, through)).rejects.toMatchObject({
        code: 'PROXYCTL_STORE',
        message: expect.stringMatching(/cannot write s3:/) as string,
      });
    });
    expect((await pointerOf(direct, info))?.recordingId).toBe(old.info.recordingId);
    await s3.removeToxic('limit_data');
    await publishJournal(journal, through);
    expect((await pointerOf(direct, info))?.recordingId).toBe(info.recordingId);
  }, 60_000);

  test('now and then is not noticed', async () => {
    const { direct, journal, info } = await prepare(20, 30_000);
    let count = 0;
    const flaky = await startFaultyFront(s3.server.port, (incoming) => {
      count += 1;
      if (count % 5 === 0) incoming.socket.destroy();
      return undefined;
    });
    await publishJournal(journal, await storeAt(direct, flaky));
    expect(await pointerOf(direct, info)).toMatchObject({ entries: 20 });
    const reader = await storeAt(direct, flaky);
    expect((await openRecording(reader, (await pointerOf(direct, info)) ?? info)).entries).toHaveLength(20);
  });

  test('for as long as the server is away leaves the journal, and the error says what to do', async () => {
    const own = await startS3Server();
    onTestFinished(() => own.close());
    const root = await tempFolder();
    const info = await journalOf(root, recordingInfo(), 3, 10_000);
    const cache = new ObjectCache(join(root, 'cache'));
    await using store = s3Store(`${own.place('a')}&retry-delay=10ms`, { cache });
    await own.stop();
    await expect(publishJournal(journalFolder(root, info), store)).rejects.toMatchObject({
      message: expect.stringContaining('nothing listens there (ECONNREFUSED)') as string,
      hint: expect.stringContaining('AWS_ENDPOINT_URL_S3') as string,
    });
    expect(await readdir(join(root, 'journal'))).toEqual([info.recordingId]);
    await own.start();
    await publishJournal(journalFolder(root, info), store);
    expect((await openRecording(store, info)).entries).toHaveLength(3);
  });
});

test('a download that breaks off goes on where it did, however often', async () => {
  const { direct, through } = await prepare(1, 10);
  const data = randomBytes(5_000_000);
  const sha256 = createHash('sha256').update(data).digest('hex');
  await direct.putBody(sha256, data.length, () => Readable.from([data]));
  await s3.toxic('limit_data', 'downstream', { bytes: 500_000 });
  expect((await through.readBody(sha256)).equals(data)).toBe(true);
});

test('a server that says SlowDown is asked again', async () => {
  const { direct, journal, info } = await prepare(10, 1000);
  let refused = 0;
  const busy = await startFaultyFront(s3.server.port, () =>
    refused++ % 3 === 0 ? { status: 503, code: 'SlowDown' } : undefined,
  );
  await publishJournal(journal, await storeAt(direct, busy));
  expect(refused).toBeGreaterThan(10);
  expect(await pointerOf(direct, info)).toMatchObject({ entries: 10 });
});

test('an upload in parts that is called complete and is not there is an error, and publishing again finishes', async () => {
  const { direct, journal, info } = await prepare(1, 9 * 1024 * 1024);
  const hasty = await startFaultyFront(s3.server.port, ({ method, url = '' }) =>
    method === 'POST' && url.includes('uploadId=')
      ? { status: 200, body: '<CompleteMultipartUploadResult/>' }
      : undefined,
  );
  await expect(publishJournal(journal, await storeAt(direct, hasty))).rejects.toMatchObject({
    code: 'PROXYCTL_STORE',
    message: expect.stringContaining('has no such object') as string,
  });
  expect(await pointerOf(direct, info)).toBeUndefined();
  await publishJournal(journal, direct);
  expect(await pointerOf(direct, info)).toMatchObject({ entries: 1, recordingId: info.recordingId });
});

describe('a gateway that answers 200 to a PUT in the place of the store', () => {
  const page = '<html><body>Please sign in</body></html>';
  const putOf = (part: string) => (method: string, path: string) => method === 'PUT' && path.includes(part);

  test.each([
    ['of a body', '/bodies/', 40, {}],
    ['of the HAR', 'recording.har', 40, {}],
    ['of the pointer', 'current.json', 40, {}],
    ['of anything', '', 40, {}],
    ['of the HAR, with an ETag of its own', 'recording.har', 40, { etag: '"5d41402abc4b2a76b9719d911017c592"' }],
    ['of a large body in parts', 'partNumber=', 9 * 1024 * 1024, { etag: '"5d41402abc4b2a76b9719d911017c592"' }],
  ])(
    '%s: what is missing is said, the journal stays, and publishing again finishes',
    async (_, part, size, headers) => {
      const { direct, journal, info } = await prepare(2, size);
      const swallows = putOf(part);
      const front = await startFaultyFront(s3.server.port, ({ method = '', url = '' }) =>
        swallows(method, url) ? { status: 200, body: page, headers } : undefined,
      );
      await expect(publishJournal(journal, await storeAt(direct, front))).rejects.toMatchObject({
        code: 'PROXYCTL_STORE',
        message: expect.stringContaining(`s3://`) as string,
      });
      expect(await pointerOf(direct, info)).toBeUndefined();
      expect(await readdir(journal)).toContain('exchanges.bin');
      await publishJournal(journal, direct);
      expect((await openRecording(direct, (await pointerOf(direct, info)) ?? info)).entries).toHaveLength(2);
    },
  );

  test('is noticed where an older object of the same name is there: a HAR of the same size, an older pointer', async () => {
    const { direct, info } = await prepare(1, 40);
    const ref = { ...info, branch: undefined };
    await direct.putHar(ref, Readable.from([Buffer.from('{"a":1}')]));
    const front = await startFaultyFront(s3.server.port, ({ method = '', url = '' }) =>
      putOf('recording.har')(method, url) ? { status: 200, body: page } : undefined,
    );
    const through = await storeAt(direct, front);
    await expect(through.putHar(ref, Readable.from([Buffer.from('{"a":2}')]))).rejects.toThrow('no version (ETag)');
    await expect(through.putHar(ref, Readable.from([Buffer.from('{"a":22}')]))).rejects.toThrow(
      '7 bytes are there instead of 8',
    );
    const older = await prepare(1, 40, { testId: 'two' }, direct, Date.UTC(2026, 10, 20));
    const newer = await prepare(1, 40, { testId: 'two' }, direct, Date.UTC(2026, 10, 21));
    await publishJournal(older.journal, direct);
    const pointless = await startFaultyFront(s3.server.port, ({ method = '', url = '' }) =>
      putOf('/two/')(method, url) && url.includes('current.json') ? { status: 200, body: page } : undefined,
    );
    await expect(publishJournal(newer.journal, await storeAt(direct, pointless))).rejects.toThrow(
      `it still leads to recording ${older.info.recordingId}`,
    );
  });

  test('is noticed on a server without conditional writes, too, within a bounded number of tries', async () => {
    const { direct, journal } = await prepare(1, 40);
    const front = await startFaultyFront(s3.server.port, ({ method = '', url = '', headers }) => {
      if (method !== 'PUT') return undefined;
      if ((headers['if-match'] ?? headers['if-none-match']) !== undefined)
        return { status: 501, code: 'NotImplemented' };
      return url.includes('current.json') ? { status: 200, body: page } : undefined;
    });
    await expect(publishJournal(journal, await storeAt(direct, front))).rejects.toThrow('current.json');
    expect(await readdir(journal)).toContain('exchanges.bin');
  });

  test('of one object only is no matter where that is sent again by another writer', async () => {
    const { direct, info, journal, root } = await prepare(1, 40);
    const copy = `${root}/copy`;
    await cp(journal, copy, { recursive: true });
    await publishJournal(journal, direct);
    const front = await startFaultyFront(s3.server.port, ({ method = '', url = '' }) =>
      putOf('/bodies/')(method, url) ? { status: 200, body: page } : undefined,
    );
    await publishJournal(copy, await storeAt(direct, front));
    expect(await pointerOf(direct, info)).toMatchObject({ entries: 1 });
  });
});

test.each([
  [403, 'AccessDenied', 'access is denied (AccessDenied)', 's3:PutObject'],
  [400, 'ExpiredToken', 'the credentials have expired (ExpiredToken)', 'recordings push'],
  [403, 'RequestTimeTooSkewed', 'the clock of this machine', 'NTP'],
  [301, 'PermanentRedirect', 'the bucket is in another region', '?region='],
])('%i %s is explained', async (status, code, reason, hint) => {
  const { direct, journal } = await prepare(1, 10);
  const store = await storeAt(direct, await startFaultyFront(s3.server.port, () => ({ status, code })));
  await expect(publishJournal(journal, store)).rejects.toMatchObject({
    code: 'PROXYCTL_STORE',
    message: expect.stringContaining(reason) as string,
    hint: expect.stringContaining(hint) as string,
  });
});

test('server-side encryption that the place asks for is asked for with each object, in parts or not', async () => {
  const { direct } = await prepare(1, 10);
  const asked: string[] = [];
  const front = await startFaultyFront(s3.server.port, ({ method, url = '', headers }) => {
    const names = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];
    if (method === 'PUT' || method === 'POST') {
      asked.push(
        `${method} ${url.includes('uploads') ? 'parts' : 'whole'} ${names.map((name) => headers[name]).join(' ')}`,
      );
    }
    return { status: 403, code: 'AccessDenied' };
  });
  const url = `${direct.url.replace(/:\d+$/, `:${front}`)}&sse=aws:kms&sse-kms-key-id=alias/recordings`;
  await using store = s3Store(url, { cache: new ObjectCache(await tempFolder()) });
  const ref = { testId: 'a', appVersion: '1', recordingId: newRecordingId(0) };
  const large = Buffer.alloc(9 * 1024 * 1024);
  await expect(store.putHar(ref, Readable.from([Buffer.from('{}')]))).rejects.toThrow('access is denied');
  await expect(store.putHar(ref, Readable.from([large]))).rejects.toThrow('access is denied');
  expect(asked).toEqual(['PUT whole aws:kms alias/recordings', 'POST parts aws:kms alias/recordings']);
});

test('on a server without conditional writes the latest recording is the published one, whoever comes first', async () => {
  const { direct } = await prepare(1, 10);
  const plain = await startFaultyFront(s3.server.port, ({ method, headers }) =>
    method === 'PUT' && (headers['if-match'] ?? headers['if-none-match']) !== undefined
      ? { status: 501, code: 'NotImplemented' }
      : undefined,
  );
  const recordings = await Promise.all(
    [3, 1, 4, 2].map((day) => prepare(2, 50, { testId: 'plain' }, direct, Date.UTC(2026, 10, day))),
  );
  const latest = recordings[2]?.info as HarRecordingInfo;
  await readingAllTheWhile(direct, latest, () =>
    Promise.all(recordings.map(async ({ journal }) => publishJournal(journal, await storeAt(direct, plain)))),
  );
  expect((await pointerOf(direct, latest))?.recordingId).toBe(latest.recordingId);
  expect(await direct.history(latest)).toHaveLength(4);
});

/** PROXYCTL_TEST_WRITERS=16 lets as many processes publish at once. */
const writers = Number(environment.get('PROXYCTL_TEST_WRITERS') ?? 4);

test('several processes publish one test at once: the latest wins, all are whole, and a reader never sees a half one', async () => {
  const { direct, root } = await prepare(1, 10);
  const infos = await Promise.all(
    Array.from({ length: writers }, (_, day) =>
      journalOf(root, recordingInfo({ testId: 'many' }, Date.UTC(2026, 10, 1 + day)), 5),
    ),
  );
  const latest = infos.at(-1) as HarRecordingInfo;
  await readingAllTheWhile(direct, latest, () =>
    Promise.all(infos.map((info) => publishInProcess(journalFolder(root, info), direct.url))),
  );
  expect((await pointerOf(direct, latest))?.recordingId).toBe(latest.recordingId);
  for (const ref of await direct.history(latest)) expect((await openRecording(direct, ref)).entries).toHaveLength(5);
  expect(await direct.history(latest)).toHaveLength(writers);
}, 120_000);

/** Bodies that do not pack: bytes that go through a bad network. */
const noise = randomBytes(400_000);

async function prepare(
  exchanges: number,
  size: number,
  change: Partial<HarRecordingInfo> = {},
  store?: RecordingStore,
  at = Date.UTC(2026, 10, 21),
) {
  const root = await tempFolder();
  const info = await journalOf(root, recordingInfo({ testId: randomUUID(), ...change }, at), exchanges, size, noise);
  const name = randomUUID();
  const direct = store ?? s3Store(s3.server.place(name), { cache: new ObjectCache(join(root, 'cache')) });
  const through = s3Store(`${s3.server.place(name, s3.port)}&retry-for=0s&retry-delay=10ms`, {
    cache: new ObjectCache(join(root, 'cache')),
  });
  onTestFinished(async () => {
    await through.close();
    await direct.close();
  });
  return { direct, through, journal: journalFolder(root, info), info, root };
}

/** The same store through another port, with a cache of its own. */
async function storeAt({ url }: RecordingStore, through: number): Promise<RecordingStore> {
  const store = s3Store(`${url.replace(/:\d+$/, `:${through}`)}&retry-delay=10ms`, {
    cache: new ObjectCache(await tempFolder()),
  });
  onTestFinished(() => store.close());
  return store;
}

async function pointerOf(store: RecordingStore, key: HarRecordingInfo) {
  return (await store.readPointer(key))?.pointer;
}
