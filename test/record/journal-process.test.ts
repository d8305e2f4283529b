import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { environment } from '../../src/config/environment.js';
import { JournalReader, listJournals } from '../../src/record/journal-reader.js';
import { publishJournal } from '../../src/record/publish.js';
import { folderStore } from '../../src/store/folder-store.js';
import { childCommand } from '../helpers/children.js';
import { mustRun } from '../helpers/processes.js';
import { recordingInfo } from '../helpers/recording.js';
import { between, seeded } from '../helpers/seeded.js';
import { smallDisk, smallFiles } from '../helpers/small-disk.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe('after a kill -9 while recording, all that a client saw end is in the journal', () => {
  const sizes = [10, 1_000, 40_000, 100_000, 400_000, 1_000];
  // Two kills for each seed; PROXYCTL_TEST_KILLS=200 tries many more moments.
  const seeds = Math.ceil(Number(environment.get('PROXYCTL_TEST_KILLS') ?? 12) / 2);
  test.each(Array.from({ length: seeds }, (_, i) => [i + 1, sizes[i % sizes.length] ?? 10]))(
    'seed %i, answers of %i bytes',
    async (seed, size) => {
      const random = seeded(seed);
      const root = await tempFolder();
      const info = recordingInfo();
      const folder = join(root, 'journal', info.recordingId);
      const seen = new Set<number>();
      for (let round = 0; round < 2; round++) {
        for (const index of await recordUntilKilled(folder, info, size, between(random, 1, size > 50_000 ? 60 : 400))) {
          expect(seen.has(index)).toBe(false);
          seen.add(index);
        }
        expect(await listJournals(join(root, 'journal'))).toMatchObject([{ folder, situation: 'unfinished' }]);
        const kept = await indexesIn(folder);
        expect([...seen].filter((index) => !kept.has(index))).toEqual([]);
      }
      const store = folderStore(join(root, 'store'));
      const { entries } = await publishJournal(folder, store, { unfinished: true });
      expect(entries).toBeGreaterThanOrEqual(seen.size);
    },
  );
});

describe('when the disk is full while recording', () => {
  test.each([
    ['a full disk', 100],
    ['a full disk', 20_000],
    ['a full disk', 150_000],
    ['a limit on the size of files', 100],
    ['a limit on the size of files', 20_000],
  ])('%s, answers of %i bytes: traffic goes on, what was recorded can be read', async (limit, size) => {
    const folder = join(await tempFolder(), 'disk');
    await mkdir(folder);
    const { code, wrap } =
      limit === 'a full disk' ? await smallDisk(folder, size > 100_000 ? 2048 : 512) : smallFiles(256);
    const [program, ...args] = wrap(childCommand('fill-disk', join(folder, 'journal', 'r1'), String(size)));
    const { stdout } = await mustRun(program, args);
    const outcome = JSON.parse(stdout) as FullDisk;
    expect(outcome.errors).toHaveLength(1);
    expect(outcome.errors[0]).toMatchObject({ code: 'PROXYCTL_JOURNAL', data: { systemCode: code } });
    expect(outcome.errors[0]?.message).toContain(join(folder, 'journal', 'r1'));
    expect(outcome.answers).toMatchObject({ after: 100, wrong: 0 });
    expect(outcome.damage).toBeNull();
    // A body that did not fit gives its space back.
    expect(outcome.bodyFiles).toBe(size > 100_000 ? outcome.indexes.length : 0);
    expect(outcome.indexes.length).toBeGreaterThan(0);
    expect(outcome.indexes.length).toBeLessThanOrEqual(outcome.answers.before);
    expect(new Set(outcome.indexes).size).toBe(outcome.indexes.length);
    expect(outcome).toMatchObject({ situation: 'broken', reason: outcome.errors[0]?.message });
  });

  test('a recording that cannot even begin is refused with what to do', async () => {
    const folder = join(await tempFolder(), 'disk');
    await mkdir(folder);
    const { wrap, code } = await smallDisk(folder, 8);
    const [program, ...args] = wrap(childCommand('fill-disk', join(folder, 'journal', 'r1'), '100'));
    const { stdout } = await mustRun(program, args);
    expect(JSON.parse(stdout)).toMatchObject({ thrown: { code: 'PROXYCTL_JOURNAL', data: { systemCode: code } } });
  });
});

interface FullDisk {
  errors: { code: string; message: string }[];
  answers: { before: number; after: number; wrong: number };
  indexes: number[];
  damage: unknown;
  bodyFiles: number;
  situation: string;
  reason: string;
}

/** Kills the recording process after `count` exchanges have ended; returns the indexes of all that had by then. */
async function recordUntilKilled(folder: string, info: object, size: number, count: number): Promise<number[]> {
  const [program, ...args] = childCommand('record-exchanges', folder, JSON.stringify(info), String(size));
  const child = execa(program, args, { reject: false, buffer: false });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (said.split('\n').length > count) child.kill('SIGKILL');
  });
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  const { signal } = await child;
  if (signal !== 'SIGKILL') throw new Error(`The recording process ended by itself: ${complaints}`);
  return said.split('\n').slice(0, -1).map(Number);
}

async function indexesIn(folder: string): Promise<Set<number>> {
  const indexes = new Set<number>();
  await using reader = await JournalReader.open(folder);
  for await (const { record, response } of reader.entries()) {
    indexes.add(record.index);
    // A large body was in its file, whole, before its record was written.
    let bytes = 0;
    for await (const chunk of response?.open() ?? []) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(response?.ref.size);
  }
  return indexes;
}
