import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { environment } from '../../config/environment.js';
import { messageOf, ProxyctlError, UsageError } from '../../errors/index.js';

/** Where a stack is, for scripts. */
export interface ReadyStack {
  pid: number;
  /** The control API, and its bearer token. */
  url: string;
  token: string;
  /** Of the session `default`. */
  session: string;
  proxyUrl: string;
  /** Path of the CA certificate. */
  ca: string;
  /** What a client's environment needs. */
  env: Record<string, string>;
}

/** `--ready-file`: written whole, mode 0600, once the stack is ready; removed when it stops. */
export class ReadyFile {
  private constructor(private readonly path: string | undefined) {}

  static async write(path: string | undefined, ready: ReadyStack): Promise<ReadyFile> {
    if (path === undefined) return new ReadyFile(undefined);
    const temporary = `${path}.${randomBytes(4).toString('hex')}`;
    try {
      await writeFile(temporary, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
      await rename(temporary, path);
      return new ReadyFile(path);
    } catch (error) {
      throw new UsageError(`--ready-file: ${path} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.path !== undefined) await rm(this.path, { force: true });
  }
}

/** What a detached stack tells the process that started it, a line of JSON each. */
export type ParentMessage =
  | { note: string }
  | { ready: ReadyStack }
  | { error: { code: string; message: string; hint?: string; data?: Record<string, unknown> } };

/** Names the descriptor that `ParentMessage`s go to. */
export const parentVariable = 'PROXYCTL_DETACHED_FD';

/** Whether this process runs in the background: nobody reads what it prints. */
export function isDetached(): boolean {
  return environment.get(parentVariable) !== undefined;
}

export function tellParent(message: ParentMessage): void {
  const descriptor = environment.get(parentVariable);
  if (descriptor === undefined) return;
  try {
    writeSync(Number(descriptor), `${JSON.stringify(message)}\n`);
  } catch {
    // It has gone; the stack stays.
  }
}

/** Tells that process why the stack did not start. */
export function tellParentOfFailure(error: unknown): void {
  tellParent({
    error: error instanceof ProxyctlError ? error.toJSON() : { code: 'PROXYCTL_BUG', message: messageOf(error) },
  });
}
