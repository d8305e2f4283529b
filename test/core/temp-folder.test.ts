import { once } from 'node:events';
import { execa } from 'execa';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { thisProcess } from '../../src/core/process-identity.js';
import { makeTempFolder, sweepTempFolders } from '../../src/core/temp-folder.js';
import { tempFolder } from '../helpers/temp-folder.js';

async function folderOf(within: string, name: string, owner: unknown): Promise<void> {
  await mkdir(join(within, name));
  await writeFile(join(within, name, 'owner.json'), typeof owner === 'string' ? owner : JSON.stringify(owner));
  await writeFile(join(within, name, 'more.txt'), 'x');
}

test('folders that dead processes have left are removed, and no others', async () => {
  const within = await tempFolder();
  const own = await makeTempFolder('demo', within);
  const other = execa('sleep', ['60'], { reject: false });
  onTestFinished(() => void other.kill('SIGKILL'));
  await once(other, 'spawn');
  const { scope, startedAt } = thisProcess();
  const gone = execa('true');
  await gone;

  await folderOf(within, 'proxyctl-dead', { pid: gone.pid, startedAt: '1', scope });
  await folderOf(within, 'proxyctl-number-taken', { pid: process.pid, startedAt: '1', scope });
  await folderOf(within, 'proxyctl-of-another', { pid: other.pid, scope });
  await folderOf(within, 'proxyctl-elsewhere', { pid: gone.pid, startedAt, scope: 'another machine' });
  await folderOf(within, 'proxyctl-damaged', '{"pid":');
  await mkdir(join(within, 'proxyctl-nobody'));
  await folderOf(within, 'something-else', { pid: gone.pid, startedAt: '1', scope });

  const swept = await sweepTempFolders(within);
  expect(swept.sort()).toEqual([join(within, 'proxyctl-dead'), join(within, 'proxyctl-number-taken')]);
  expect((await readdir(within)).sort()).toEqual(
    [
      own.slice(within.length + 1),
      ...['proxyctl-damaged', 'proxyctl-elsewhere', 'proxyctl-nobody', 'proxyctl-of-another', 'something-else'],
    ].sort(),
  );
});

test('a folder of temporary ones that is not there holds nothing up', async () => {
  expect(await sweepTempFolders(join(await tempFolder(), 'not-there'))).toEqual([]);
});
