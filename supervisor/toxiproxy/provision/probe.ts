import { execa } from 'execa';
import { messageOf, systemCode } from '../../../src/errors/index.js';

/** A program that says it is a Toxiproxy server. */
interface ProbedToxiproxy {
  /** As it says: `2.12.0`; `git` when it was built without a version. */
  version: string;
}

const probeLimitMs = 10_000;

/**
 * Runs `<path> -version` and reads the version. Throws an `Error` whose message says in words why this program cannot
 * serve: not there, not executable, for another machine, or not a Toxiproxy.
 */
export async function probeToxiproxy(path: string, signal: AbortSignal): Promise<ProbedToxiproxy> {
  const result = await execa(path, ['-version'], {
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: probeLimitMs,
    forceKillAfterDelay: 1000,
    maxBuffer: 64 * 1024,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (result.timedOut) throw new Error(`it did not answer -version within ${probeLimitMs / 1000} s`);
  if (result.exitCode === undefined) throw new Error(startFailure(result.cause ?? result.shortMessage));
  const version = /toxiproxy\S* version v?(\S+)/i.exec(result.all)?.[1];
  if (version !== undefined && result.exitCode === 0) return { version };
  const said = result.all.trim().slice(0, 200);
  throw new Error(
    `it does not behave like a Toxiproxy server: -version exited with ${result.exitCode}${said === '' ? '' : ` and said "${said}"`}`,
  );
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'it is not executable (chmod +x)',
  ENOEXEC: 'it is not a program for this machine',
  EISDIR: 'it is a folder',
};

function startFailure(cause: unknown): string {
  return reasons[systemCode(cause) ?? ''] ?? messageOf(cause);
}
