import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProxyctlError } from '../../src/errors/index.js';
import { Body } from '../../src/http/index.js';
import { Journal } from '../../src/record/journal.js';
import { journalFiles } from '../../src/record/journal-meta.js';
import { publishJournal } from '../../src/record/publish.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { seeded } from '../helpers/seeded.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Three exchanges: small bodies, a large one that two of them share, and a receipt of a fault. */
async function journal(end: 'finished' | 'killed') {
  const root = await tempFolder();
  const info = recordingInfo();
  const { recorder, journal, folder } = await startRecording(join(root, 'journal'), info);
  const large = Body.of(Buffer.alloc(70_000, 'large '));
  await recordExchange(recorder, 0, { request: { method: 'POST', body: Body.of('{"item":"tea"}') } });
  await recordExchange(recorder, 1, { response: { body: large } });
  recorder.faults(1, [{ toxic: 'slow', kind: 'modelled', stream: 'downstream', delayMs: 12 }]);
  await recordExchange(recorder, 2, { response: { body: Body.of(Buffer.alloc(70_000, 'large ')) } });
  if (end === 'finished') await recorder.close();
  else await journal.close();
  return { root, folder, info };
}

/** What comes of publishing a copy of the journal after `change`: what is in the store, or the error's code. */
async function outcomeOf(
  { root, folder, info }: Awaited<ReturnType<typeof journal>>,
  change: (copy: string) => Promise<void>,
): Promise<unknown> {
  const copy = join(root, 'copy');
  const store = folderStore(join(root, 'store'));
  await cp(folder, copy, { recursive: true });
  try {
    await change(copy);
    await publishJournal(copy, store, { unfinished: true });
    const recording = await openRecording(store, info);
    const bodies = await Promise.all(
      recording.entries.flatMap(({ request, response }) =>
        [request.postData, response.content].map((content) => recording.body(content)),
      ),
    );
    return JSON.stringify([recording.info, recording.entries, bodies.map((body) => body.toString('latin1'))]);
  } catch (error) {
    if (error instanceof ProxyctlError) return error.code;
    throw error;
  } finally {
    for (const each of [copy, join(root, 'store')]) await rm(each, { recursive: true, force: true });
  }
}

const files = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name !== journalFiles.reserve && name !== journalFiles.writer);

test('a bit that flips in any file of a finished journal is an error by name, wherever it is', async () => {
  const made = await journal('finished');
  const random = seeded(15);
  const missed: string[] = [];
  for (const name of await files(made.folder)) {
    const bytes = await readFile(join(made.folder, name));
    const step = Math.max(1, Math.floor(bytes.length / 80));
    for (let at = 0; at < bytes.length; at += step) {
      const bit = 1 << Math.floor(random() * 8);
      const outcome = await outcomeOf(made, (copy) =>
        writeFile(join(copy, name), bytes.with(at, (bytes[at] ?? 0) ^ bit)),
      );
      if (!['PROXYCTL_JOURNAL', 'PROXYCTL_NEWER_FORMAT'].includes(String(outcome)))
        missed.push(`${name} at ${at}, bit ${bit}`);
    }
  }
  expect(missed).toEqual([]);
}, 60_000);

test('a bit that flips in a journal whose writer was killed is an error, or costs its exchange, which is said', async () => {
  const made = await journal('killed');
  const whole = await outcomeOf(made, () => Promise.resolve());
  const random = seeded(16);
  for (const name of await files(made.folder)) {
    const bytes = await readFile(join(made.folder, name));
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let at = 0; at < bytes.length; at += step) {
      const bit = 1 << Math.floor(random() * 8);
      const outcome = String(
        await outcomeOf(made, (copy) => writeFile(join(copy, name), bytes.with(at, (bytes[at] ?? 0) ^ bit))),
      );
      const said = outcome.startsWith('PROXYCTL_') || outcome.includes('"lostBytes":');
      // The last line of receipts has no end then, as when its writer was killed within it.
      const torn = name === journalFiles.faults && at === bytes.length - 1;
      expect(said || torn, `${name} at ${at}, bit ${bit}`).toBe(true);
      expect(outcome).not.toBe(whole);
    }
  }
}, 60_000);

test.each([
  [
    'a whole record is gone from the end',
    journalFiles.exchanges,
    (bytes: Buffer) => bytes.subarray(0, lastLine(bytes)),
  ],
  ['all records are gone', journalFiles.exchanges, () => Buffer.alloc(0)],
  [
    'a record is there twice',
    journalFiles.exchanges,
    (bytes: Buffer) => Buffer.concat([bytes, bytes.subarray(lastLine(bytes))]),
  ],
  [
    'a receipt of another exchange',
    journalFiles.faults,
    (bytes: Buffer) => Buffer.from(bytes.toString().replace('"index":1', '"index":2')),
  ],
  [
    'another test id',
    journalFiles.meta,
    (bytes: Buffer) => Buffer.from(bytes.toString().replace('checkout', 'checkput')),
  ],
  [
    'a format without checksums',
    journalFiles.meta,
    (bytes: Buffer) => Buffer.from(bytes.toString().replace('"formatVersion": 2', '"formatVersion": 3')),
  ],
])('%s: an error by name', async (_, name, change) => {
  const made = await journal('finished');
  const bytes = await readFile(join(made.folder, name));
  const outcome = await outcomeOf(made, (copy) => writeFile(join(copy, name), change(bytes)));
  expect(outcome).toMatch(/^PROXYCTL_(JOURNAL|NEWER_FORMAT)$/);
});

test('two large bodies that change places are told apart', async () => {
  const root = await tempFolder();
  const info = recordingInfo();
  const { recorder, folder } = await startRecording(join(root, 'journal'), info);
  for (const [index, fill] of ['a', 'b'].entries())
    await recordExchange(recorder, index, { response: { body: Body.of(Buffer.alloc(70_000, fill)) } });
  await recorder.close();
  const [one = '', other = ''] = (await readdir(folder)).filter((name) => name.startsWith('body-'));
  const outcome = await outcomeOf({ root, folder, info }, async (copy) => {
    await cp(join(folder, one), join(copy, other));
    await cp(join(folder, other), join(copy, one));
  });
  expect(outcome).toBe('PROXYCTL_JOURNAL');
});

test('a journal that was altered is not continued, so that what comes behind that place stays', async () => {
  const { folder, info } = await journal('killed');
  const path = join(folder, journalFiles.exchanges);
  const bytes = await readFile(path);
  await writeFile(path, bytes.with(20, (bytes[20] ?? 0) ^ 1));
  await expect(Journal.open({ folder, info })).rejects.toMatchObject({ code: 'PROXYCTL_JOURNAL' });
  expect((await readFile(path)).length).toBe(bytes.length);
});

function lastLine(bytes: Buffer): number {
  return bytes.lastIndexOf('{"id"');
}
