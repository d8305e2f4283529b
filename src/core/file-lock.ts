import { randomUUID } from 'node:crypto';
import { link, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { systemCode } from '../errors/index.js';
import { removeFile, temporaryPrefix } from './atomic-file.js';
import { isRunning, processIdentity, thisProcess, type ProcessIdentity } from './process-identity.js';

const lockContent = z.object({ token: z.string(), owner: processIdentity });

/** A lock file as it was found. `owner` is missing when its text could not be read. */
interface LockHolder {
  token: string | undefined;
  owner: ProcessIdentity | undefined;
  /** Milliseconds since it was made. */
  ageMs: number;
}

export interface FileLock extends AsyncDisposable {
  release(): Promise<void>;
}

interface LockOptions {
  /** How long to wait for another holder. 0: not at all. */
  waitMs?: number;
  /** After how long the lock of another machine's or container's process counts as left behind. */
  foreignStaleMs?: number;
  signal?: AbortSignal;
}

/** Somebody else holds the lock, and lives. */
export class LockHeldError extends Error {
  constructor(
    readonly path: string,
    readonly holder: LockHolder,
  ) {
    super(`${path} is held by process ${holder.owner?.pid ?? 'unknown'}`);
    this.name = 'LockHeldError';
  }
}

/**
 * A lock between processes: a file that is made exclusively and says whose it is. One whose owner was killed is noticed
 * and taken away. Meant for holding times of milliseconds, or, with `waitMs: 0`, for "only one of us at all". Throws
 * `LockHeldError` after `waitMs`, and the system's error when the file cannot be made.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<FileLock> {
  const { waitMs = 10_000, foreignStaleMs = 60_000, signal } = options;
  const deadline = performance.now() + waitMs;
  const token = randomUUID();
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    if (await create(path, token)) return lockOf(path, token);
    const holder = await readLock(path);
    if (holder === undefined) continue;
    if (isStale(holder, foreignStaleMs)) {
      await takeAway(path, holder);
      if (attempt < 3) continue;
    }
    if (performance.now() >= deadline) throw new LockHeldError(path, holder);
    await delay(1 + Math.random() * Math.min(50, 2 * (attempt + 1)), undefined, { signal });
  }
}

/** Who holds the lock; undefined when nobody does. */
export async function readLock(path: string): Promise<LockHolder | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const { data } = lockContent.safeParse(parseJson(text));
    return { token: data?.token, owner: data?.owner, ageMs: Math.max(0, Date.now() - mtimeMs) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function isStale({ owner, ageMs }: LockHolder, foreignStaleMs: number): boolean {
  const running = owner === undefined ? undefined : isRunning(owner);
  return running === undefined ? ageMs > foreignStaleMs : !running;
}

function lockOf(path: string, token: string): FileLock {
  const release = async (): Promise<void> => {
    if ((await readLock(path))?.token === token) await removeFile(path);
  };
  return { release, [Symbol.asyncDispose]: release };
}

/** The file appears with its whole text at once (by a hard link), so that nobody reads half of it. */
async function create(path: string, token: string): Promise<boolean> {
  const text = JSON.stringify({ token, owner: thisProcess() } satisfies z.infer<typeof lockContent>);
  const temporary = join(dirname(path), `${temporaryPrefix}${token}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
    return await createWithoutLinks(path, text);
  } finally {
    await removeFile(temporary);
  }
}

/** FAT and some network file systems have no hard links. */
async function createWithoutLinks(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(text).finally(() => file.close());
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a stale lock away, unless somebody else has by now. A second lock makes sure that only one does so: otherwise
 * the slower of two would take away the lock that the faster one has made since.
 */
async function takeAway(path: string, stale: LockHolder): Promise<void> {
  const guard = `${path}.break`;
  const token = randomUUID();
  if (!(await create(guard, token))) {
    const holder = await readLock(guard);
    if (holder !== undefined && holder.ageMs > 5_000 && isStale(holder, 60_000)) await removeFile(guard);
    return;
  }
  try {
    const now = await readLock(path);
    if (now !== undefined && now.token === stale.token) await removeFile(path);
  } finally {
    await removeFile(guard);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
