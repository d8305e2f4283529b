import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/core/file-lock.js';
import type { HarRecordingInfo } from '../../src/har/har.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { childCommand } from '../helpers/children.js';
import { mustRun } from '../helpers/processes.js';
import { journalFolder, journalOf, type Outcome, publishInProcess, readAllTheWhile } from '../helpers/publishing.js';
import { recordingInfo } from '../helpers/recording.js';
import { smallDisk } from '../helpers/small-disk.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('sixteen processes publish one test at once: the latest wins, all are whole, and a reader never sees a half one', async () => {
  const root = await tempFolder();
  const store = folderStore(join(root, 'store'));
  const infos = await Promise.all(
    Array.from({ length: 16 }, (_, day) => journalOf(root, recordingInfo({}, Date.UTC(2026, 10, 1 + day)), 5)),
  );
  let publishing = true;
  const reader = readAllTheWhile(store, infos[0] as HarRecordingInfo, () => publishing);
  const results = await Promise.all(infos.map((info) => publishInProcess(journalFolder(root, info), store.url)));
  publishing = false;
  expect(await reader).toBeGreaterThan(0);
  for (const result of results) expect(result).toMatchObject({ published: { entries: 5, bodies: 5 } });
  const latest = infos.at(-1) as HarRecordingInfo;
  expect((await store.readPointer(latest))?.pointer.recordingId).toBe(latest.recordingId);
  const history = await store.history(latest);
  expect(history.map(({ recordingId }) => recordingId)).toEqual(infos.map(({ recordingId }) => recordingId).reverse());
  for (const ref of history) expect((await openRecording(store, ref)).entries).toHaveLength(5);
  expect(await readdir(join(root, 'journal'))).toEqual([]);
  expect(await strayFiles(store.url)).toEqual([]);
});

test('two processes that publish the same journal: one does, the other says so or finds it done', async () => {
  const root = await tempFolder();
  const info = await journalOf(root, recordingInfo(), 50);
  const store = join(root, 'store');
  const results = await Promise.all([1, 2].map(() => publishInProcess(journalFolder(root, info), store)));
  expect(results.filter((result) => result.published !== undefined)).toHaveLength(1);
  expect(results.find((result) => result.error !== undefined)?.error).toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringMatching(/is being published by process|There is no journal/) as string,
  });
  expect(await folderStore(store).history(info)).toHaveLength(1);
});

describe('the lock of a process that was killed', () => {
  test('is taken away, by one of many that find it', async () => {
    const path = join(await tempFolder(), 'lock');
    const dead = execa('sleep', ['60']);
    const { pid } = dead;
    dead.kill('SIGKILL');
    await dead.catch(() => undefined);
    await using mine = await acquireLock(path);
    const { owner } = JSON.parse(await readFile(path, 'utf8')) as { owner: { scope: string } };
    await mine.release();
    await writeFile(path, JSON.stringify({ token: 'left behind', owner: { pid, startedAt: '1', scope: owner.scope } }));
    let holding = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await using _lock = await acquireLock(path);
        most = Math.max(most, ++holding);
        await new Promise(setImmediate);
        holding -= 1;
      }),
    );
    expect(most).toBe(1);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('is held while its process lives, and the wait has a limit', async () => {
    const path = join(await tempFolder(), 'lock');
    await using _lock = await acquireLock(path);
    await expect(acquireLock(path, { waitMs: 50 })).rejects.toThrow(`is held by process ${process.pid}`);
  });
});

describe('a store that cannot be written', () => {
  test('a full disk is named, the journal stays whole, and publishing it later works', async () => {
    const root = await tempFolder();
    const info = await journalOf(root, recordingInfo(), 20, 50_000);
    const disk = join(root, 'disk');
    await mkdir(disk);
    const { wrap, code } = await smallDisk(disk, 256);
    const store = join(disk, 'store');
    const [program, ...args] = wrap(childCommand('publish-journal', journalFolder(root, info), store));
    // Where there is only a limit on file sizes, the bodies fit and the HAR, which holds them too, does not.
    const { error } = JSON.parse((await mustRun(program, args)).stdout) as Outcome;
    expect(error).toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringContaining(store) as string,
      data: { systemCode: code },
    });
    const later = folderStore(join(root, 'later'));
    expect(await publishInProcess(journalFolder(root, info), later.url)).toMatchObject({ published: { entries: 20 } });
  });

  test('a folder without permission is named, with the reason and what to do', async () => {
    const root = await tempFolder();
    await chmod(root, 0o777);
    const info = await journalOf(root, recordingInfo(), 1);
    const store = join(root, 'read-only');
    await mkdir(store, { mode: 0o555 });
    // Root may write anywhere: then the program runs as somebody else, on a journal of theirs.
    const asRoot = process.getuid?.() === 0;
    const journal = asRoot ? join(root, 'theirs', info.recordingId) : journalFolder(root, info);
    if (asRoot) {
      await cp(journalFolder(root, info), journal, { recursive: true });
      await mustRun('chown', ['-R', '65534:65534', dirname(journal)]);
    }
    const [program, ...args] = childCommand('publish-journal', journal, store);
    const { stdout } = await execa(program, args, asRoot ? { uid: 65_534, gid: 65_534 } : {});
    expect((JSON.parse(stdout) as Outcome).error).toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringMatching(/read-only.*: permission is denied \(EACCES\)/) as string,
      hint: expect.stringContaining('--store or PROXYCTL_STORE') as string,
    });
    expect(await readdir(store)).toEqual([]);
  });

  test('a file where the folder should be is named', async () => {
    const root = await tempFolder();
    const info = await journalOf(root, recordingInfo(), 1);
    await writeFile(join(root, 'file'), '');
    const { error } = await publishInProcess(journalFolder(root, info), join(root, 'file'));
    expect(error).toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringContaining('a part of the path is a file, not a folder') as string,
    });
  });
});

/** What is neither a recording, a pointer nor a body. */
async function strayFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const known = /^(recording\.har|current\.json|[0-9a-f]{64})$/;
  return entries.filter((entry) => entry.isFile() && !known.test(entry.name)).map(({ name }) => name);
}
