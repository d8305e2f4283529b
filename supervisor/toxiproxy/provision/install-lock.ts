import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../../../src/core/make-folder.js';
import { z } from 'zod';
import { isRunning, processIdentity, thisProcess } from '../../../src/core/process-identity.js';
import { systemCode } from '../../../src/errors/index.js';

const beatMs = 1000;
/**
 * A holder that has not touched its lock for so long is taken for dead: it may be on another machine, or in a
 * container.
 */
const silentMs = 15_000;
const pollMs = 100;

const holderSchema = z.object({ process: processIdentity, token: z.string() });
type Holder = z.infer<typeof holderSchema>;

interface InstallLockOptions {
  signal: AbortSignal;
  /** How long to wait for a live holder. */
  limitMs: number;
  /** Called once, when there is a live holder to wait for. */
  onWait: (pid: number | undefined) => void;
}

/**
 * Keeps processes from fetching the same file at the same time. It saves work and is no more than that: whoever
 * installs works in a folder of its own and renames it into place, so that two holders at once (one was thought dead)
 * do no harm.
 */
export class InstallLock implements AsyncDisposable {
  readonly #beat: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {
    this.#beat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => undefined); // taken over: harmless, see above
    }, beatMs);
    this.#beat.unref();
  }

  /** Resolves with the lock, or with `undefined` when a live holder keeps it past the limit. */
  static async acquire(path: string, options: InstallLockOptions): Promise<InstallLock | undefined> {
    const token = randomUUID();
    const deadline = performance.now() + options.limitMs;
    let announced = false;
    await makeFolder(dirname(path));
    for (;;) {
      options.signal.throwIfAborted();
      if (await create(path, token)) return new InstallLock(path, token);
      const state = await inspect(path);
      if (state === 'gone') continue;
      if (state === 'dead') {
        await rm(path, { force: true });
        continue;
      }
      if (performance.now() >= deadline) return undefined;
      if (!announced) options.onWait(state.pid);
      announced = true;
      await delay(pollMs, undefined, { signal: options.signal });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    if ((await read(this.path))?.token === this.token) await rm(this.path, { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function create(path: string, token: string): Promise<boolean> {
  const holder: Holder = { process: thisProcess(), token };
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function inspect(path: string): Promise<'gone' | 'dead' | { pid: number | undefined }> {
  const silentForMs = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => undefined,
  );
  if (silentForMs === undefined) return 'gone';
  if (silentForMs > silentMs) return 'dead';
  const holder = await read(path);
  // Not readable: its maker is between creating and writing it. A maker that died there is found silent later.
  if (holder === undefined) return { pid: undefined };
  return isRunning(holder.process) === false ? 'dead' : { pid: holder.process.pid };
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined; // gone or half written: the caller looks again
  }
}
