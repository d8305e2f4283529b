import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeHomeFolder } from './home-folder.js';
import { z } from 'zod';
import { connectStack } from '../src/api/client.js';
import { isRunning, processIdentity, thisProcess } from '../src/core/process-identity.js';
import { messageOf, ProxyctlError, systemCode } from '../src/errors/index.js';

const stackState = z.object({
  process: processIdentity,
  startedAt: z.string(),
  version: z.string(),
  /** Missing while the stack is still starting. */
  url: z.string().optional(),
  token: z.string().optional(),
});
type StackState = z.infer<typeof stackState>;
type StackBase = Omit<StackState, 'url' | 'token'>;

/** The state of the stack of this home; undefined when there is none, or only what a dead one left behind. */
export async function readStackState(file: string): Promise<StackState | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new ProxyctlError('PROXYCTL_CONFIG', `The state file ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    const state = stackState.parse(JSON.parse(text));
    // One of another container cannot be judged from here: it counts as alive, and says so when it does not answer.
    return isRunning(state.process) === false ? undefined : state;
  } catch {
    return undefined; // Half written or of another version: nobody stands behind it.
  }
}

/**
 * Claims this home for one stack. Throws `PROXYCTL_STACK_RUNNING` with the other's pid when there is one; what a dead
 * stack left is cleared (`onStale` is told).
 */
export class StateFile {
  readonly #path: string;
  readonly #base: StackBase;

  private constructor(path: string, base: StackBase) {
    this.#path = path;
    this.#base = base;
  }

  static async claim(path: string, version: string, onStale: (state: string) => void): Promise<StateFile> {
    makeHomeFolder(dirname(path));
    const base = { process: thisProcess(), startedAt: new Date().toISOString(), version };
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        const file = await open(path, 'wx', 0o600);
        await file.writeFile(JSON.stringify(base));
        await file.close();
        return new StateFile(path, base);
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') {
          throw new ProxyctlError('PROXYCTL_CONFIG', `The state file ${path} cannot be written: ${messageOf(error)}`, {
            cause: error,
            hint: 'Set PROXYCTL_HOME to a folder that you can write to.',
          });
        }
      }
      const other = await readStackState(path);
      if (other !== undefined) await refuseSecond(other, path);
      onStale(path);
      await rm(path, { force: true });
    }
    throw new ProxyctlError('PROXYCTL_STACK_RUNNING', `Several stacks are starting on ${dirname(path)} at once`);
  }

  /** Says where the stack is, once it is ready. */
  async publish(where: { url: string; token: string }): Promise<void> {
    const temporary = `${this.#path}.${process.pid}`;
    await writeFile(temporary, JSON.stringify({ ...this.#base, ...where }), { mode: 0o600 });
    await rename(temporary, this.#path);
  }

  async close(): Promise<void> {
    const current = await readStackState(this.#path);
    if (current === undefined || current.process.pid === process.pid) await rm(this.#path, { force: true });
  }
}

async function refuseSecond(other: StackState, path: string): Promise<never> {
  const { url, token } = other;
  const { pid } = other.process;
  const status =
    url === undefined || token === undefined
      ? undefined
      : await connectStack({ url, token })
          .status()
          .catch(() => undefined);
  const doing =
    url === undefined ? 'is starting' : status === undefined ? 'is there but does not answer' : `answers at ${url}`;
  throw new ProxyctlError(
    'PROXYCTL_STACK_RUNNING',
    `A stack is already running on ${dirname(path)}: process ${pid} ${doing}`,
    {
      hint: 'Use it (proxyctl status), stop it (proxyctl down), or set PROXYCTL_HOME to another folder for a second one.',
      data: { pid, ...(url === undefined ? {} : { url }) },
    },
  );
}
