import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LogStore } from '../../supervisor/log-store.js';
import { tempFolder } from '../helpers/temp-folder.js';

const entry = (message: string, source = 'mitm') => ({
  ...{ time: new Date().toISOString(), level: 'info' as const, source, message },
});

test('a log that grows while a stack runs is put aside at its limit, and the oldest goes', async () => {
  const folder = await tempFolder();
  const logs = new LogStore(folder, { bytes: 1000, files: 2 });
  for (let number = 0; number < 200; number += 1) logs.write(entry(`line ${number} ${'x'.repeat(40)}`));
  logs.write(entry('of another one', 'toxiproxy'));
  await logs.close();
  expect((await readdir(folder)).sort()).toEqual(['mitm.log', 'mitm.log.1', 'mitm.log.2', 'toxiproxy.log']);
  const texts = await Promise.all(['.2', '.1', ''].map((end) => readFile(join(folder, `mitm.log${end}`), 'utf8')));
  const numbers =
    texts
      .join('')
      .match(/(?<=line )\d+/g)
      ?.map(Number) ?? [];
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 200 - numbers.length + i));
  for (const text of texts) expect(text.length).toBeLessThan(1200);
});

test('what an earlier stack has left counts', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'mitm.log'), 'x'.repeat(2000));
  const logs = new LogStore(folder, { bytes: 1000 });
  logs.write(entry('one'));
  await logs.close();
  expect((await stat(join(folder, 'mitm.log.1'))).size).toBe(2000);
  expect(await readFile(join(folder, 'mitm.log'), 'utf8')).toContain('one');
});

test('a log is put aside when it is old, and a young one is gone on with', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'mitm.log'), 'an old line\n');
  await utimes(join(folder, 'mitm.log'), 0, 0);
  const old = new LogStore(folder, { ageMs: -1 });
  old.write(entry('one'));
  await old.close();
  expect(await readFile(join(folder, 'mitm.log.1'), 'utf8')).toBe('an old line\n');
  const young = new LogStore(folder);
  young.write(entry('two'));
  await young.close();
  expect((await readFile(join(folder, 'mitm.log'), 'utf8')).trim().split('\n')).toHaveLength(2);
});
