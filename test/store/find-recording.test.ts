import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { findRecording, type VersionPolicy } from '../../src/store/find-recording.js';
import { folderStore } from '../../src/store/folder-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { openStore } from '../../src/store/open-store.js';
import { branchOf, newRecordingId } from '../../src/store/recording-key.js';
import { compareVersions } from '../../src/store/version-order.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe('which version is taken', () => {
  const semver = ['3.9.9', '4.1.0', '4.10.0', '4.2.0-beta.1', '5.0.0'];
  const cases: [VersionPolicy, string, string[], string | undefined, RegExp][] = [
    ['nearest', '4.1.0', semver, '4.1.0', /it is of app version 4\.1\.0/],
    ['nearest', '4.2.0', semver, '4.2.0-beta.1', /highest recorded app version below 4\.2\.0/],
    ['nearest', '4.11.0', semver, '4.10.0', /highest/],
    ['nearest', 'v4.3', semver, '4.2.0-beta.1', /highest/],
    ['nearest', '1.0.0', semver, '3.9.9', /lowest above/],
    ['nearest', '9.0.0', semver, '5.0.0', /highest/],
    ['nearest', '5.1.0-beta+123', ['5.1.0-beta+122', '5.1.0-beta+124'], '5.1.0-beta+122', /highest/],
    ['nearest', 'build-120', ['build-9', 'build-99', 'build-121'], 'build-99', /highest/],
    ['nearest', 'build-5', ['build-9', 'build-99'], 'build-9', /lowest above/],
    ['nearest', 'd34db33f', ['0badc0de', 'feedface'], 'feedface', /can be compared with d34db33f/],
    ['nearest', 'default', ['1.0.0', '2.0.0'], '2.0.0', /no app version was given/],
    ['exact', '4.2.0', semver, undefined, /./],
    ['exact', '5.0.0', semver, '5.0.0', /it is of app version/],
    ['latest', '4.1.0', semver, '5.0.0', /recorded last/],
  ];
  test.each(cases)('%s, asked for %s, of %j: %s', async (policy, asked, published, expected, reason) => {
    const store = await storeWith('checkout', published);
    const found = findRecording(store, { testId: 'checkout', appVersion: asked }, policy);
    if (expected === undefined) {
      await expect(found).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_NOT_FOUND' });
      return;
    }
    expect((await found).ref.appVersion).toBe(expected);
    expect((await found).reason).toMatch(reason);
  });

  test('versions are ordered by value', () => {
    const order = [
      '0.9',
      '1.0.0-alpha',
      '1.0.0-alpha.2',
      '1.0.0-alpha.10',
      '1.0.0',
      '1.0.0+5',
      '1.0.0+10',
      'v1.1',
      '1.10.0',
    ];
    expect([...order].reverse().sort(compareVersions)).toEqual(order);
  });
});

describe('a branch', () => {
  test('is looked into first, by the same policy; what it has none of is taken from main, and both is said', async () => {
    const store = await storeWith('checkout', ['4.0.0', '5.0.0']);
    await publish(store, 'checkout', '4.1.0', 9, 'feature/basket');
    const ask = (appVersion: string, policy?: VersionPolicy, branch = 'feature/basket') =>
      findRecording(store, { testId: 'checkout', appVersion, branch }, policy);
    expect(await ask('4.2.0')).toMatchObject({
      ref: { appVersion: '4.1.0', branch: 'feature/basket' },
      reason: 'on branch feature/basket 4.1.0 is the highest recorded app version below 4.2.0',
    });
    const fallen = await ask('5.0.0', 'exact');
    expect(fallen.reason).toBe('branch feature/basket has none, and on main it is of app version 5.0.0');
    expect(fallen.ref.branch).toBeUndefined();
    expect((await ask('4.0.0', 'nearest', 'other')).ref).toMatchObject({ appVersion: '4.0.0' });
    await expect(ask('9', 'exact')).rejects.toMatchObject({
      message: expect.stringContaining('(published: 4.1.0, 5.0.0, 4.0.0)') as string,
      hint: expect.stringContaining('--branch feature/basket') as string,
    });
  });

  test('does not show on main', async () => {
    const store = await storeWith('checkout', ['4.0.0']);
    await publish(store, 'checkout', '4.1.0', 9, 'feature/basket');
    expect((await findRecording(store, { testId: 'checkout', appVersion: '4.1.0' })).ref.appVersion).toBe('4.0.0');
  });
});

describe('when there is none', () => {
  test('the published versions are named, with the command that records it', async () => {
    const store = await storeWith('checkout', ['4.0.1', '4.1.0']);
    await expect(findRecording(store, { testId: 'checkout', appVersion: '4.2.0' }, 'exact')).rejects.toMatchObject({
      code: 'PROXYCTL_RECORDING_NOT_FOUND',
      message: `No recording of test "checkout" for app version 4.2.0 in ${store.url} (published: 4.1.0, 4.0.1)`,
      hint: 'Record it with: proxyctl record --test-id checkout --app-version 4.2.0 -- <command>',
    });
  });

  test('test ids that look alike are suggested', async () => {
    const store = await storeWith('checkout', ['1']);
    await publish(store, 'login works', '1', 0);
    const ask = (testId: string) => findRecording(store, { testId, appVersion: 'default' });
    await expect(ask('chekout')).rejects.toMatchObject({
      message: `No recording of test "chekout" at all in ${store.url}`,
      hint: 'Did you mean "checkout"? Record it with: proxyctl record --test-id chekout -- <command>',
    });
    await expect(ask('Login')).rejects.toMatchObject({ hint: expect.stringContaining('"login works"') as string });
    await expect(ask("it's new")).rejects.toMatchObject({
      hint: "Record it with: proxyctl record --test-id 'it'\\''s new' -- <command>",
    });
  });

  test('an empty test id is refused', async () => {
    const store = await storeWith('checkout', ['1']);
    await expect(findRecording(store, { testId: '', appVersion: '1' })).rejects.toMatchObject({
      code: 'PROXYCTL_USAGE',
    });
  });
});

describe('the place of a store', () => {
  test.each(['https://example.com', ''])('%j is refused with what would work', async (place) => {
    await expect(openStore(place)).rejects.toMatchObject({
      code: 'PROXYCTL_USAGE',
      hint: expect.stringContaining('--store') as string,
    });
  });

  test('is a folder, relative or absolute, or a file: URL', async () => {
    const folder = await tempFolder();
    expect((await openStore(folder)).url).toBe(folder);
    expect((await openStore(`file://${folder}`)).url).toBe(folder);
    expect((await openStore('some/folder')).url).toBe(`${process.cwd()}/some/folder`);
  });
});

async function storeWith(testId: string, versions: readonly string[]): Promise<RecordingStore> {
  const store = folderStore(await tempFolder());
  for (const [day, version] of versions.entries()) await publish(store, testId, version, day);
  return store;
}

async function publish(
  store: RecordingStore,
  testId: string,
  appVersion: string,
  day: number,
  branch?: string,
): Promise<void> {
  const at = Date.UTC(2026, 0, 1 + day);
  const ref = { testId, appVersion, ...branchOf(branch), recordingId: newRecordingId(at) };
  const time = new Date(at).toISOString();
  const counts = { entries: 0, bodyBytes: 0, harSha256: '0'.repeat(64) };
  await store.putHar(ref, Readable.from([Buffer.from('{"log":{"entries":[]}}')]));
  await store.writePointer(
    ref,
    { formatVersion: 1, ...ref, recordedAt: time, publishedAt: time, ...counts },
    undefined,
  );
}
