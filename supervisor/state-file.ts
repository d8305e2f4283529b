import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeHomeFolder } from './home-folder.js';
import { z } from 'zod';
import { connectStack } from '../src/api/client.js';
import { packageVersion } from '../src/core/package-version.js';
import { isRunning, processIdentity, thisProcess } from '../src/core/process-identity.js';
import { storedFormats } from '../src/core/stored-formats.js';
import { messageOf, ProxyctlError, systemCode } from '../src/errors/index.js';

const stackState = z.object({
  /** Left out by versions up to 0.1, which wrote it in the first form. */
  formatVersion: z.literal(storedFormats.state).default(storedFormats.state),
  process: processIdentity,
  startedAt: z.string(),
  version: z.string(),
  /** Missing while the stack is still starting. */
  url: z.string().optional(),
  token: z.string().optional(),
});
type StackState = z.infer<typeof stackState>;
type StackBase = Omit<StackState, 'url' | 'token'>;

/** A state file in a form that this version does not know: the stack of another one. */
const otherState = z.object({
  pid: z.number().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  process: z.unknown().optional(),
});

/**
 * The state of the stack of this home; undefined when there is none, or only what a dead one left behind. Throws
 * `PROXYCTL_STACK_RUNNING` for a file whose form this version does not know: the stack of another version, with which
 * it cannot speak.
 */
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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // half written, by a program that was killed: it appears whole otherwise
  }
  const { success, data: state } = stackState.safeParse(value);
  if (!success) return ofOtherVersion(value, file);
  // One of another container cannot be judged from here: it counts as alive, and says so when it does not answer.
  return isRunning(state.process) === false ? undefined : state;
}

/** Undefined where it says whose it is, and that process is gone; else it counts as running. */
function ofOtherVersion(value: unknown, file: string): undefined {
  const { process: owner, pid: bare, version } = otherState.safeParse(value).data ?? {};
  const identity = processIdentity.safeParse(owner).data;
  if (identity !== undefined && isRunning(identity) === false) return undefined;
  const pid = identity?.pid ?? bare ?? z.object({ pid: z.number() }).safeParse(owner).data?.pid;
  const alive = pid !== undefined && isAlive(pid);
  const which = version === undefined ? '' : ` (${version}; this is ${packageVersion()})`;
  throw new ProxyctlError(
    'PROXYCTL_STACK_RUNNING',
    `A stack of another version of proxyctl${which} is running on ${dirname(file)}${alive ? `: process ${pid}` : ''}`,
    {
      hint: `Stop it with the proxyctl that started it (proxyctl down)${alive ? `, or with: kill ${pid}` : `; if none runs, remove ${file}`}. Or set PROXYCTL_HOME to another folder.`,
      data: { file, ...(alive ? { pid } : {}), ...(version === undefined ? {} : { version }) },
    },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
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
    const base = {
      formatVersion: storedFormats.state,
      process: thisProcess(),
      startedAt: new Date().toISOString(),
      version,
    };
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        await putWhole(path, JSON.stringify(base));
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
    const current = await readStackState(this.#path).catch(() => 'another’s');
    if (typeof current === 'string') return;
    if (current === undefined || current.process.pid === process.pid) await rm(this.#path, { force: true });
  }
}

/** Makes the file, whole at once (by a hard link), so that nobody takes it for half written. Throws `EEXIST`. */
async function putWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
  try {
    await link(temporary, path);
  } catch (error) {
    // FAT and some network file systems have no hard links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error;
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } finally {
    await rm(temporary, { force: true });
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
