import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ToxiproxyRelease } from '../../../../supervisor/toxiproxy/provision/index.js';
import { asset, releaseProgram, releaseServer } from '../../../helpers/releases.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const moduleUrl = new URL('../../../../dist/supervisor/toxiproxy/provision/index.js', import.meta.url).href;

/**
 * A process of its own that provisions into `cacheDir` and prints a line for each step, and the result or the error.
 */
function provisioner(release: ToxiproxyRelease, cacheDir: string): { child: ChildProcess; lines: Promise<string[]> } {
  const script = `
    import { provisionToxiproxy } from ${JSON.stringify(moduleUrl)};
    const say = (value) => console.log(JSON.stringify(value));
    provisionToxiproxy({ release: ${JSON.stringify(release)}, cacheDir: ${JSON.stringify(cacheDir)}, onProgress: say })
      .then(say, (error) => say({ failed: error.message }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: join(cacheDir, 'no-bin') },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  return { child, lines: once(child, 'close').then(() => text.trim().split('\n')) };
}

test('of two processes that provision at once, one fetches and both get the same program', async () => {
  const cacheDir = join(await tempFolder('provision'), 'cache');
  let release = (): void => undefined;
  const bothAsked = new Promise<void>((resolve) => (release = resolve));
  const server = await releaseServer((_path, response) => {
    void bothAsked.then(() => response.end(releaseProgram)); // the download lasts until the other process waits
    return false;
  });
  const processes = [provisioner(server.release, cacheDir), provisioner(server.release, cacheDir)];
  for (const { child } of processes) {
    child.stdout?.on('data', (piece: Buffer) => piece.includes('waiting for it') && release());
  }
  const outputs = await Promise.all(processes.map(({ lines }) => lines));
  const results = outputs.map((lines) => JSON.parse(lines.at(-1) ?? '') as { path: string; origin: string });
  expect(results.map(({ origin }) => origin).sort()).toEqual(['cache', 'release']);
  expect(new Set(results.map(({ path }) => path)).size).toBe(1);
  expect(server.requests).toEqual([`/v9.9.9/${asset}`]);
  expect(await readdir(cacheDir)).toEqual([expect.stringContaining('9.9.9-')]);
});

test('a process that is killed half-way leaves nothing that the next one trips over', async () => {
  const cacheDir = join(await tempFolder('provision'), 'cache');
  let halfWay = (): void => undefined;
  const reachedHalf = new Promise<void>((resolve) => (halfWay = resolve));
  let interrupted = false;
  const server = await releaseServer((_path, response) => {
    if (interrupted) return true;
    interrupted = true;
    response.writeHead(200, { 'content-length': releaseProgram.length });
    response.write(releaseProgram.slice(0, 20), () => halfWay());
    return false;
  });
  const killed = provisioner(server.release, cacheDir);
  await reachedHalf;
  killed.child.kill('SIGKILL');
  await killed.lines;
  expect((await readdir(cacheDir)).filter((name) => name.startsWith('9.9.9'))).toEqual([]);

  const next = provisioner(server.release, cacheDir);
  const lines = await next.lines;
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ origin: 'release' });
  expect(lines.some((line) => line.includes('waiting'))).toBe(false); // the dead one's lock was taken over at once
  expect(await readdir(cacheDir)).toEqual([expect.stringContaining('9.9.9-')]); // and its folder is gone
});
