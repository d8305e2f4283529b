import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { publishJournal } from '../../../src/record/publish.js';
import { folderStore } from '../../../src/store/folder-store.js';
import { journalFolder, journalOf } from '../../helpers/publishing.js';
import { proxyctl } from '../../helpers/proxyctl.js';
import { recordingInfo } from '../../helpers/recording.js';
import { makeTempFolder, tempFolder } from '../../helpers/temp-folder.js';

const day = 86_400_000;
let home: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  home = await makeTempFolder('home');
});
afterAll(() => home.remove());

/**
 * A store with five recordings: two of checkout 5.0.0 (40 and 20 days old), one of 5.1.0 (today), one on a branch, one
 * of another test.
 */
let store: string;
let ids: Record<'old' | 'middle' | 'young' | 'branch' | 'login', string>;
beforeEach(async () => {
  const root = await tempFolder('team');
  store = join(root, 'store');
  const publish = async (age: number, change: object, exchanges: number): Promise<string> => {
    const info = recordingInfo(change, Date.now() - age * day);
    await journalOf(root, info, exchanges);
    await publishJournal(journalFolder(root, info), folderStore(store));
    return info.recordingId;
  };
  ids = {
    old: await publish(40, { appVersion: '5.0.0' }, 1),
    middle: await publish(20, { appVersion: '5.0.0' }, 2),
    young: await publish(0, { appVersion: '5.1.0' }, 3),
    branch: await publish(1, { appVersion: '5.1.0', branch: 'feature/basket' }, 1),
    login: await publish(1, { testId: 'login', appVersion: '5.1.0' }, 1),
  };
});

async function recordings(...args: string[]) {
  const finished = await proxyctl(['recordings', ...args, '--store', store], { home: home.path });
  // Objects on lines of their own, or one.
  const values = (): unknown[] => finished.stdout.split(/\n(?=\{)/).map((text) => JSON.parse(text) as unknown);
  return { ...finished, values };
}

describe('recordings ls', () => {
  test.each([
    ['all that is published', [], ['branch', 'login', 'middle', 'young']],
    ['tests by their beginning', ['check'], ['branch', 'middle', 'young']],
    ['an app version', ['--app-version', '5.0.*'], ['middle']],
    ['a branch', ['--branch', 'feature/basket'], ['branch']],
    ['the main branch', ['checkout', '--branch', 'main'], ['middle', 'young']],
    ['an age', ['--newer-than', '10d', '--older-than', '12h'], ['branch', 'login']],
  ] as const)('lists %s', async (_, args, expected) => {
    const { exitCode, values } = await recordings('ls', ...args, '--json');
    const [{ published, unpublished }] = values() as [{ published: { recordingId: string }[]; unpublished: unknown[] }];
    expect(exitCode).toBe(0);
    expect(published.map(({ recordingId }) => recordingId).sort()).toEqual(expected.map((name) => ids[name]).sort());
    expect(unpublished).toEqual([]);
  });

  test('is a table for people, and says what to do when there is nothing', async () => {
    const { stdout } = await recordings('ls');
    expect(stdout).toMatch(/^TEST +APP VERSION +BRANCH +RECORDED +EXCHANGES +BODIES +RECORDING\n/);
    expect(stdout).toMatch(new RegExp(`^checkout +5\\.1\\.0 +feature/basket +\\S+ \\S+ +1 +.*${ids.branch}$`, 'm'));
    const nothing = await recordings('ls', 'no-such-test');
    expect(nothing).toMatchObject({ exitCode: 0, stdout: '' });
    expect(nothing.stderr).toContain('Record with: proxyctl record');
  });
});

describe('recordings rm', () => {
  test('says what it would remove, then removes the recordings of an app version, and only those', async () => {
    const dry = await recordings('rm', 'checkout', '--app-version', '5.0.0', '--dry-run', '--json');
    expect(dry.values()).toMatchObject([
      { recordingId: ids.middle, removed: false },
      { recordingId: ids.old, removed: false },
    ]);
    const done = await recordings('rm', 'checkout', '--app-version', '5.0.0');
    expect(done.stdout.split('\n').sort()).toEqual(
      [ids.middle, ids.old].map((id) => `Removed ${id} (app version 5.0.0)`).sort(),
    );
    const left = await recordings('ls', '--json');
    expect(left.stdout).not.toContain('5.0.0');
    expect(left.stdout).toContain(ids.young);
    const again = await recordings('rm', 'checkout', '--app-version', '5.0.0');
    expect(again.exitCode).toBe(5);
    expect(again.stderr).toMatch(
      /There is no recording of test "checkout" \(app version 5\.0\.0\) in .*\n?.*recordings ls/,
    );
  });
});

describe('recordings prune', () => {
  test('says what would go, removes it, and leaves what is published', async () => {
    const flags = ['--keep', '1', '--older-than', '30d', '--grace', '0s', '--json'];
    const place = `tests/checkout/5.0.0/${ids.old}`;
    const dry = await recordings('prune', ...flags, '--dry-run');
    expect(dry.values()).toMatchObject([{ dryRun: true, recordings: [place], kept: 4, bodies: 1, journals: [] }]);
    const done = await recordings('prune', ...flags);
    expect(done.values()).toMatchObject([{ dryRun: false, recordings: [place], kept: 4, bodies: 1 }]);
    const nothing = await recordings('prune', '--keep', '1', '--grace', '0s');
    expect(nothing.stdout).toMatch(/^Removed 0 recordings and 0 bodies \(0 B\); 4 recordings stay\.$/);
  });
});

describe('recordings diff', () => {
  test('tells in JSON what is new between two app versions', async () => {
    const { exitCode, values } = await recordings('diff', 'checkout', '5.0.0', '5.1.0', '--json');
    expect(exitCode).toBe(0);
    expect(values()).toMatchObject([
      { before: { recordingId: ids.middle }, after: { recordingId: ids.young }, added: [{ method: 'GET' }], gone: [] },
    ]);
  });

  test('of what is not there says what is, and where to look', async () => {
    const { exitCode, stderr } = await recordings('diff', 'checkout', '9.9.9', '5.1.0');
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /No recording 9\.9\.9 of test "checkout" for any app version in .* \(published: 5\.1\.0, 5\.0\.0\)/,
    );
    expect(stderr).toContain('See what there is with: proxyctl recordings ls checkout');
    expect(stderr).not.toContain('app version any');
  });
});
