import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { SupervisedChild, type RunningChild } from '../../supervisor/supervised-child.js';

const children: SupervisedChild<RunningChild>[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.close()));
});

/** A real process that waits to be killed. */
async function sleeper(): Promise<RunningChild> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: (code as number | null) ?? undefined,
    signal: (signal as string | null) ?? undefined,
  }));
  return {
    pid: child.pid ?? -1,
    exited,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function supervise(
  options: {
    start?: () => Promise<RunningChild>;
    onUp?: (child: RunningChild, generation: number) => Promise<void>;
    onDown?: () => void;
  } = {},
) {
  const child = new SupervisedChild<RunningChild>({
    name: 'sleeper',
    start: options.start ?? sleeper,
    onUp: options.onUp ?? (async () => undefined),
    ...(options.onDown === undefined ? {} : { onDown: options.onDown }),
    logger: silentLogger,
    backoffMs: { first: 10, longest: 50 },
  });
  children.push(child);
  return child;
}

test('a child that is killed is started again, and what it should know is put back before it counts as ready', async () => {
  const ups: number[] = [];
  let cameUpAgain = (): void => undefined;
  const again = new Promise<void>((resolve) => (cameUpAgain = resolve));
  const child = supervise({
    onUp: async (_, generation) => {
      ups.push(generation);
      if (generation === 2) cameUpAgain();
    },
  });
  await child.start();
  const first = child.status().pid ?? -1;
  process.kill(first, 'SIGKILL');
  await again;
  expect(ups).toEqual([1, 2]);
  expect(child.status().restarts).toBe(1);
  expect(child.child?.pid).not.toBe(first);
  expect(child.status().lastError).toContain('SIGKILL');
});

test('a restart that fails is tried again until it works', async () => {
  let starts = 0;
  let back = (): void => undefined;
  const isBack = new Promise<void>((resolve) => (back = resolve));
  const child = supervise({
    start: async () => {
      starts += 1;
      if (starts === 2 || starts === 3) throw new Error('no luck');
      return sleeper();
    },
    onUp: async (_, generation) => {
      if (generation === 2) back();
    },
  });
  await child.start();
  process.kill(child.status().pid ?? -1, 'SIGKILL');
  await isBack;
  expect(starts).toBe(4);
});

test('a first start that fails is thrown, not tried for ever', async () => {
  const child = supervise({ start: () => Promise.reject(new Error('no such program')) });
  await expect(child.start()).rejects.toThrow('no such program');
});

test('a child whose set-up fails is ended, not left behind', async () => {
  let started: RunningChild | undefined;
  const child = supervise({
    start: async () => (started = await sleeper()),
    onUp: () => Promise.reject(new Error('cannot be told')),
  });
  await expect(child.start()).rejects.toThrow('cannot be told');
  expect(() => process.kill(started?.pid ?? -1, 0)).toThrow();
});

test('close ends the child and starts none after it, and may be called twice', async () => {
  const child = supervise();
  await child.start();
  const pid = child.status().pid ?? -1;
  await child.close();
  await child.close();
  expect(child.status().state).toBe('stopped');
  expect(() => process.kill(pid, 0)).toThrow();
});
