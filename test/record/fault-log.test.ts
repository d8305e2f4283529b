import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FaultLog, readFaults } from '../../src/record/fault-log.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('receipts are read as they were written, and a line that was cut off is left out', async () => {
  const folder = await tempFolder('fault-log');
  const receipt = {
    toxic: 'slow',
    kind: 'toxiproxy' as const,
    stream: 'downstream' as const,
    settings: { latency: 5 },
  };
  new FaultLog(folder).append(3, [receipt]);
  await writeFile(join(folder, 'faults.jsonl'), '{"index":4,"fau', { flag: 'a' });
  expect(await readFaults({ folder, meta: { formatVersion: 2, state: 'recording' } })).toEqual(
    new Map([[3, [receipt]]]),
  );
});

test('a receipt of an earlier version, which called the settings `told`, is read with the name of now', async () => {
  const folder = await tempFolder('fault-log');
  const told = { toxic: 'slow', kind: 'toxiproxy', stream: 'upstream', told: { latency: 5 }, partly: true };
  await writeFile(join(folder, 'faults.jsonl'), `${JSON.stringify({ index: 0, faults: [told] })}\n`);
  const { told: settings, ...rest } = told;
  expect((await readFaults({ folder, meta: { formatVersion: 1, state: 'finished' } })).get(0)).toEqual([
    { ...rest, settings },
  ]);
});

test('a journal that is continued loses the line that was cut off, and nothing else', async () => {
  const folder = await tempFolder('fault-log');
  const receipt = { toxic: 'slow', kind: 'toxiproxy' as const };
  new FaultLog(folder).append(3, [receipt]);
  await writeFile(join(folder, 'faults.jsonl'), '{"index":4,"fau', { flag: 'a' });
  new FaultLog(folder).append(5, [receipt]);
  const read = await readFaults({ folder, meta: { formatVersion: 2, state: 'finished' } });
  expect([...read.keys()]).toEqual([3, 5]);
});
