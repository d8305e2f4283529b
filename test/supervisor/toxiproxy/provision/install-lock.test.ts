import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '../../../../src/core/process-identity.js';
import { InstallLock } from '../../../../supervisor/toxiproxy/provision/install-lock.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const options = { signal: new AbortController().signal, limitMs: 300, onWait: () => undefined };

async function lockPath(): Promise<string> {
  return join(await tempFolder('lock'), 'install.lock');
}

describe('InstallLock', () => {
  test('a second one waits until the first is closed', async () => {
    const path = await lockPath();
    const first = await InstallLock.acquire(path, options);
    const waiting: (number | undefined)[] = [];
    const second = InstallLock.acquire(path, {
      ...options,
      limitMs: 10_000,
      onWait: (pid) => {
        waiting.push(pid);
        void first?.close();
      },
    });
    await using lock = await second;
    expect(lock).toBeDefined();
    expect(waiting).toEqual([process.pid]);
  });

  test('a live holder is given up on after the limit', async () => {
    const path = await lockPath();
    await using first = await InstallLock.acquire(path, options);
    expect(first).toBeDefined();
    expect(await InstallLock.acquire(path, options)).toBeUndefined();
  });

  test('the lock of a process that is gone is taken over', async () => {
    const path = await lockPath();
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    await once(child, 'exit');
    await writeFile(path, JSON.stringify({ process: { ...thisProcess(), pid }, token: 'x' }));
    await using lock = await InstallLock.acquire(path, options);
    expect(lock).toBeDefined();
  });

  test('the lock of an earlier process of the same number is taken over', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ process: { ...thisProcess(), startedAt: 'long ago' }, token: 'x' }));
    await using lock = await InstallLock.acquire(path, options);
    expect(lock).toBeDefined();
  });

  test('the lock of another machine is taken over when it has not been touched for long', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ process: { ...thisProcess(), scope: 'elsewhere' }, token: 'x' }));
    expect(await InstallLock.acquire(path, options)).toBeUndefined();
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    await using lock = await InstallLock.acquire(path, options);
    expect(lock).toBeDefined();
  });

  test('a lock that was cut off while being written counts as held until it is old', async () => {
    const path = await lockPath();
    await writeFile(path, '{"pro');
    expect(await InstallLock.acquire(path, options)).toBeUndefined();
  });

  test('waiting ends with the caller’s signal', async () => {
    const path = await lockPath();
    await using first = await InstallLock.acquire(path, options);
    expect(first).toBeDefined();
    const controller = new AbortController();
    const second = InstallLock.acquire(path, {
      signal: controller.signal,
      limitMs: 60_000,
      onWait: () => controller.abort(),
    });
    await expect(second).rejects.toThrow(/abort/i);
  });
});
