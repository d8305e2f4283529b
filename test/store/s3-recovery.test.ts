import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { environment } from '../../src/config/environment.js';
import { listJournals } from '../../src/record/journal-reader.js';
import { publishJournal } from '../../src/record/publish.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import { openRecording } from '../../src/store/open-recording.js';
import { outageText, type StoreOutage } from '../../src/store/outage.js';
import { s3Store } from '../../src/store/s3/s3-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { freePort } from '../../supervisor/free-port.js';
import { startFaultyFront } from '../helpers/faulty-s3-front.js';
import { mustRun } from '../helpers/processes.js';
import { journalFolder, journalOf, publishInProcess, readingAllTheWhile } from '../helpers/publishing.js';
import { recordingInfo } from '../helpers/recording.js';
import { startS3BehindToxiproxy, type S3BehindToxiproxy } from '../helpers/s3-behind-toxiproxy.js';
import { launch, s3Credentials } from '../helpers/s3-server.js';
import { tempFolder } from '../helpers/temp-folder.js';

/*
 * After each fault: what was published before still is, whole, to a reader that looks all the while; the new recording
 * is whole in its journal, and published once the fault is gone.
 */

let s3: S3BehindToxiproxy;
beforeAll(async () => {
  s3 = await startS3BehindToxiproxy();
  return s3.close;
});

describe('an outage in the middle of an upload in parts', () => {
  /** Once the first of several large bodies is there, and while others are on their way: until `goes` resolves. */
  async function publishThroughOutage(
    retryFor: string,
    goes: (told: Promise<StoreOutage>) => Promise<void>,
    signal?: AbortSignal,
  ) {
    setAttempts(2);
    const bench = await prepare(4, 9_000_000, undefined, randomBytes(9_000_000));
    await s3.toxic('bandwidth', 'upstream', { rate: 20_000 });
    let tell: (outage: StoreOutage) => void = () => undefined;
    const told = new Promise<StoreOutage>((resolve) => (tell = resolve));
    let outage: Promise<void> | undefined;
    const through = await storeAt(`${s3.server.place(bench.name, s3.port)}&retry-for=${retryFor}&retry-delay=10ms`);
    const publishing = publishJournal(bench.journal, through, {
      ...(signal === undefined ? {} : { signal }),
      onOutage: tell,
      onProgress: ({ bodies }) => {
        if (bodies > 0)
          outage ??= s3
            .setEnabled(false)
            .then(() => goes(told))
            .then(() => s3.setEnabled(true));
      },
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    let failure: unknown;
    await readingAllTheWhile(bench.direct, bench.info, async () => {
      failure = await publishing;
    });
    return { ...bench, through, failure, told, over: async () => outage };
  }

  test('is waited for, and told of', async () => {
    const { direct, info, failure, over, told } = await publishThroughOutage('60s', async (told) => {
      await told;
      await delay(500);
    });
    await over();
    expect(failure).toBeUndefined();
    expect(outageText(await told)).toMatch(
      /^s3:.* has been away for \d+ s \(.*\); trying for 60 s in all\. What was recorded is whole/,
    );
    await expectPublished(direct, info, 4);
  }, 120_000);

  test('that lasts longer leaves the journal whole, and publishing it again finishes', async () => {
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const bench = await publishThroughOutage('1s', () => held);
    expect(bench.failure).toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringMatching(
        /^The store cannot (read|write) s3:.*: (nothing listens there|the connection broke off)/,
      ) as string,
    });
    end();
    await bench.over();
    await expectWholeHere(bench, 4);
    await publishJournal(bench.journal, bench.through);
    await expectPublished(bench.direct, bench.info, 4);
  }, 120_000);

  test('is waited for until somebody interrupts it, with the journal whole', async () => {
    const interrupt = new AbortController();
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const goes = async (told: Promise<StoreOutage>): Promise<void> => {
      await told;
      interrupt.abort(new Error('Ctrl-C'));
      await held;
    };
    const bench = await publishThroughOutage('1h', goes, interrupt.signal);
    expect(bench.failure).toMatchObject({ message: 'Ctrl-C' });
    end();
    await bench.over();
    await expectWholeHere(bench, 4);
  }, 120_000);
});

test('a server that never answered is not waited for: it is probably the wrong one', async () => {
  setAttempts(2);
  const bench = await prepare(1, 100);
  const nobody = await freePort();
  let outages = 0;
  const store = await storeAt(`${s3.server.place(bench.name, nobody)}&retry-delay=10ms`);
  await expect(publishJournal(bench.journal, store, { onOutage: () => (outages += 1) })).rejects.toMatchObject({
    message: expect.stringContaining('nothing listens there (ECONNREFUSED)') as string,
  });
  expect(outages).toBe(0);
  await expectWholeHere(bench, 1);
});

test.each([
  [503, 'SlowDown', 'the server has too much to do', 'recordings push'],
  [403, 'ExpiredToken', 'the credentials have expired', 'recordings push'],
  [404, 'NoSuchBucket', 'there is no such bucket', 'Create it'],
  [500, 'InternalError', 'the server failed', 'recordings push'],
])('%i %s for the rest of an upload: one message, and all is published later', async (status, code, reason, hint) => {
  setAttempts(2);
  const bench = await prepare(30, 2_000);
  let puts = 0;
  const front = await startFaultyFront(s3.server.port, ({ method }) =>
    method === 'PUT' && ++puts > 20 ? { status, code } : undefined,
  );
  await expectRefused(bench, `${s3.server.place(bench.name, front)}&retry-for=0s&retry-delay=10ms`, reason, hint);
});

test('a bucket of another name: one message, and all is published later', async () => {
  const bench = await prepare(2, 100);
  await expectRefused(
    bench,
    s3.server.place(bench.name).replace('recordings', 'recordigns'),
    'there is no such bucket (NoSuchBucket)',
    'Create it',
  );
});

test('credentials that may read and not write: one message that names what they need, and all is published later', async () => {
  const root = await tempFolder();
  for (const name of ['data', 'data/recordings', 'iam']) await mkdir(join(root, name));
  const own = await freePort();
  const gateway = await launch(root, own, ['--iam-dir', join(root, 'iam')]);
  onTestFinished(() => gateway.stop());
  const { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret } = s3Credentials;
  const endpoint = `http://127.0.0.1:${own}`;
  const admin = ['admin', '--access', access, '--secret', secret, '--endpoint-url', endpoint];
  const program = environment.get('PROXYCTL_TEST_VERSITYGW') ?? '';
  await mustRun(program, [
    ...admin,
    'create-user',
    '--access',
    'reader',
    '--secret',
    'reader-secret',
    '--role',
    'user',
  ]);
  const client = new S3Client({ endpoint, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  const may = { Effect: 'Allow', Principal: { AWS: ['reader'] } };
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { ...may, Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::recordings/*'] },
      { ...may, Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::recordings'] },
    ],
  });
  await client.send(new PutBucketPolicyCommand({ Bucket: 'recordings', Policy }));
  const place = `s3://recordings/a?endpoint=${endpoint}`;
  const bench = await prepare(2, 100, await storeAt(place));
  setEnvironment({ AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'reader-secret' });
  await expectRefused(bench, place, 'access is denied (AccessDenied)', 's3:PutObject');
});

test('a clock that is two hours off is made up for by the server’s time', async () => {
  const bench = await prepare(2, 100);
  const wrong =
    'const now = Date.now; Date.now = () => now() + 7_200_000; const Real = Date; globalThis.Date = class extends Real { constructor(...a) { super(...(a.length ? a : [Real.now()])); } };';
  const outcome = await publishInProcess(bench.journal, s3.server.place(bench.name), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(wrong)}`,
  });
  expect(outcome).toMatchObject({ published: { entries: 2 } });
  await expectPublished(bench.direct, bench.info, 2);
});

interface Bench {
  name: string;
  direct: RecordingStore;
  journal: string;
  journals: string;
  info: ReturnType<typeof recordingInfo>;
  /** Published before. */
  old: string;
}

/** A test with a published recording, and the journal of a later one. */
async function prepare(exchanges: number, size: number, store?: RecordingStore, noise?: Buffer): Promise<Bench> {
  const root = await tempFolder();
  const name = randomUUID();
  const direct = store ?? (await storeAt(s3.server.place(name)));
  const old = await journalOf(root, recordingInfo({ testId: name }, Date.UTC(2026, 0, 1)), 2);
  await publishJournal(journalFolder(root, old), direct);
  const info = await journalOf(root, recordingInfo({ testId: name }), exchanges, size, noise);
  return {
    name,
    direct,
    journal: journalFolder(root, info),
    journals: join(root, 'journal'),
    info,
    old: old.recordingId,
  };
}

/** Publishing to `place` fails so, while a reader of the true store looks; then publishing there succeeds. */
async function expectRefused(bench: Bench, place: string, reason: string, hint: string): Promise<void> {
  const store = await storeAt(place);
  await readingAllTheWhile(bench.direct, bench.info, () =>
    expect(publishJournal(bench.journal, store)).rejects.toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringContaining(reason) as string,
      hint: expect.stringContaining(hint) as string,
    }),
  );
  const [found] = await listJournals(bench.journals);
  await expectWholeHere(bench, found?.meta?.entries ?? 0);
  await publishJournal(bench.journal, bench.direct);
  await expectPublished(bench.direct, bench.info, found?.meta?.entries ?? 0);
}

async function expectWholeHere({ direct, info, journals, old }: Bench, entries: number): Promise<void> {
  expect((await direct.readPointer(info))?.pointer.recordingId).toBe(old);
  expect(await listJournals(journals)).toMatchObject([{ situation: 'finished', meta: { entries } }]);
}

async function expectPublished(store: RecordingStore, info: Bench['info'], entries: number): Promise<void> {
  const pointer = (await store.readPointer(info))?.pointer;
  expect(pointer).toMatchObject({ recordingId: info.recordingId, entries });
  const recording = await openRecording(store, info);
  for (const { response } of recording.entries) await recording.body(response.content); // hash checked
  expect(recording.entries).toHaveLength(entries);
}

async function storeAt(place: string): Promise<RecordingStore> {
  const store = s3Store(place, { cache: new ObjectCache(await tempFolder()) });
  onTestFinished(() => store.close());
  return store;
}

function setAttempts(attempts: number): void {
  setEnvironment({ AWS_MAX_ATTEMPTS: String(attempts) });
}

/** For one test. Stores that are open already keep theirs. */
function setEnvironment(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}
