import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/core/make-folder.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
])('%s', (_, make) => {
  test('makes what is missing above, with the mode, and may be called again', async () => {
    const path = join(await tempFolder(), 'a', 'b', 'c');
    await make(path, 0o700);
    await make(path, 0o700);
    for (const each of [path, join(path, '..'), join(path, '..', '..')])
      expect((await stat(each)).mode & 0o777).toBe(0o700);
  });

  test('says what the system says where a file is in the way', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(make(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test.runIf(process.platform === 'linux').each(['/proc/nope', '/proc/nope/a/b', '/proc/self/nope/a', '/dev/null/a'])(
    'ends for %s, where nothing can be made',
    async (path) => {
      await expect(make(path)).rejects.toMatchObject({
        code: expect.stringMatching(/^E(NOENT|NOTDIR|PERM|ACCES)$/) as string,
      });
    },
  );
});

test('many that make the same folder at once all succeed', async () => {
  const path = join(await tempFolder(), 'a', 'b', 'c', 'd');
  await Promise.all(Array.from({ length: 50 }, () => makeFolder(path)));
  expect((await stat(path)).isDirectory()).toBe(true);
});
