import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { publishJournal } from '../../../src/record/publish.js';
import { folderStore } from '../../../src/store/folder-store.js';
import { ObjectCache } from '../../../src/store/objects/object-cache.js';
import { openRecording } from '../../../src/store/open-recording.js';
import { s3Store } from '../../../src/store/s3/s3-store.js';
import { journalFolder, journalOf } from '../../helpers/publishing.js';
import { proxyctl } from '../../helpers/proxyctl.js';
import { recordingInfo } from '../../helpers/recording.js';
import { startS3Server, type S3Server } from '../../helpers/s3-server.js';
import { tempFolder } from '../../helpers/temp-folder.js';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  return () => server.close();
});

/** A bucket with two recordings of checkout (bodies of 300 kB), one of them on a branch, and one of login. */
let place: string;
let root: string;
beforeEach(async () => {
  root = await tempFolder('pull');
  place = server.place(`team-${Math.random()}`);
  await using store = s3Store(place, { cache: new ObjectCache(join(root, 'elsewhere')) });
  for (const change of [{}, { branch: 'feature/basket' }, { testId: 'login' }]) {
    const info = recordingInfo(change, Date.UTC(2026, 10, 21, Object.keys(change).length));
    await journalOf(root, info, 3, 300_000);
    await publishJournal(journalFolder(root, info), store);
  }
});

async function run(...args: string[]) {
  const finished = await proxyctl(['recordings', ...args, '--store', place], {
    home: join(root, 'home'),
    env: { AWS_MAX_ATTEMPTS: '1' },
  });
  const lines = (): unknown[] => finished.stdout.split('\n').map((line) => JSON.parse(line) as unknown);
  return { ...finished, lines };
}

test('what was pulled is read when the server is gone, and is not fetched twice', async () => {
  const first = await run('pull', 'checkout', '--json');
  expect(first).toMatchObject({ exitCode: 0 });
  expect(first.lines()).toMatchObject([
    { testId: 'checkout', exchanges: 3, bodies: 3, fetched: 3 },
    { testId: 'checkout', branch: 'feature/basket', exchanges: 3, bodies: 3, fetched: 3 },
  ]);
  expect(first.stderr).toMatch(/2 recordings with 6 bodies \(6 fetched, .*\) are in the cache of s3:/);
  const second = await run('pull', 'checkout', '--branch', 'main', '--json');
  expect(second.lines()).toMatchObject([{ bodies: 3, fetched: 0 }]);
  expect(second.stderr).toMatch(/1 recording with 3 bodies \(.*\) is in the cache of s3:/);
  const online = await run('export', 'checkout');

  await server.stop();
  const offline = await run('export', 'checkout');
  const other = await run('export', 'login');
  const again = await run('pull', 'checkout');
  await server.start();

  expect(offline).toMatchObject({ exitCode: 0, stdout: online.stdout });
  expect(offline.stdout.length).toBeGreaterThan(900_000);
  expect(other.exitCode).not.toBe(0);
  expect(again.exitCode).not.toBe(0);
  expect(again.stderr).toMatch(/PROXYCTL_STORE/);
}, 60_000);

test('all that is published goes into a folder, byte for byte, and replays from there', async () => {
  const folder = join(root, 'copy');
  const pulled = await run('pull', '--to', folder);
  expect(pulled).toMatchObject({ exitCode: 0 });
  expect(pulled.stdout.split('\n').sort()).toMatchObject([
    expect.stringMatching(
      /^Pulled "checkout".* on branch feature\/basket: 3 exchanges, 3 bodies \(3 fetched, 900 kB\)$/,
    ),
    expect.stringMatching(/^Pulled "checkout"/),
    expect.stringMatching(/^Pulled "login"/),
  ]);
  const copy = folderStore(folder);
  for (const [testId, branch] of [['checkout'], ['checkout', 'feature/basket'], ['login']] as const) {
    const [pointer] = await copy.published(testId, branch);
    const recording = await openRecording(copy, pointer ?? expect.fail());
    for (const { response } of recording.entries) await recording.body(response.content); // hash checked
    expect(recording.harSha256).toBe(pointer?.harSha256);
  }
  expect((await run('pull', '--to', folder, '--json')).lines()).toMatchObject([
    { fetched: 0 },
    { fetched: 0 },
    { fetched: 0 },
  ]);
});

test('what cannot be pulled is said with what to do, and makes nothing', async () => {
  const folder = join(root, 'copy');
  const missing = await run('pull', 'checkuot', '--to', folder);
  expect(missing.stderr).toContain('Nothing is published of "checkuot" in s3:');
  expect(missing.stderr).toContain('recordings ls');
  expect(missing.exitCode).not.toBe(0);
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
  const plain = await proxyctl(['recordings', 'pull', '--store', folder], { home: join(root, 'home') });
  expect(plain.stderr).toMatch(/is a folder, which has no cache\n.*--to/);
});
