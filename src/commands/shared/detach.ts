import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { makeHomeFolder } from '../../../supervisor/home-folder.js';
import { environment } from '../../config/environment.js';
import { proxyctlHome } from '../../config/paths.js';
import { errorCodes, ProxyctlError, type ErrorCode } from '../../errors/index.js';
import { exportLines } from './export-lines.js';
import type { CommandIo } from './define-command.js';
import type { Output } from './output.js';
import { parentVariable, type ParentMessage, type ReadyStack } from './ready-file.js';

/**
 * Starts `up` in a process group of its own and returns once that is ready. It tells us over a pipe how it gets on;
 * what it prints goes to `up.log`. `given`: the flags of this command line. Throws the error that it met.
 */
export async function detach(
  { given, printEnv }: { given: readonly string[]; printEnv: boolean },
  { output, interrupts }: CommandIo,
): Promise<void> {
  const { logDir } = proxyctlHome();
  makeHomeFolder(logDir);
  const logFile = join(logDir, 'up.log');
  const log = openSync(logFile, 'w', 0o600);
  // Not by execa, which would read the log itself: these descriptors must stay open when we are gone.
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...detachedArguments(given)], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...environment.all(), [parentVariable]: '3' },
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  closeSync(log);
  const stop = (): void => void child.kill('SIGTERM');
  interrupts.signal.addEventListener('abort', stop, { once: true });
  const ready = await readyMessage(child.stdio[3] as Readable, output);
  if (ready === undefined) {
    const [exitCode, signal] = await exited;
    interrupts.throwIfInterrupted();
    throw new ProxyctlError(
      'PROXYCTL_CHILD',
      `The stack ended before it was ready (${signal ?? `exit code ${exitCode}`})`,
      {
        hint: `What it said is in ${logFile}`,
        data: { logFile },
      },
    );
  }
  interrupts.signal.removeEventListener('abort', stop);
  child.unref();
  (child.stdio[3] as Readable).destroy();
  if (printEnv) output.raw(exportLines(ready.env));
  else
    output.print(
      ready,
      ({ pid, url, proxyUrl }) =>
        `The stack runs in the background (process ${pid}).\napi:   ${url}\nproxy: ${proxyUrl}`,
    );
}

/**
 * The command line of the stack in the background: the flags that were given, without those that are about this
 * process.
 */
function detachedArguments(given: readonly string[]): string[] {
  const ours = new Set(['--detach', '--print-env', '--no-ui']);
  return ['up', '--no-ui', ...given.filter((word) => !ours.has(word))];
}

/** Undefined when the pipe ends first, which is when the process does. */
async function readyMessage(pipe: Readable, output: Output): Promise<ReadyStack | undefined> {
  const lines = createInterface({ input: pipe });
  let ready: ReadyStack | undefined;
  let failure: ProxyctlError | undefined;
  lines.on('line', (line) => {
    const message = JSON.parse(line) as ParentMessage;
    if ('note' in message) output.note(message.note);
    else if ('ready' in message) ready = message.ready;
    else failure = asError(message.error);
    if (ready !== undefined || failure !== undefined) lines.close();
  });
  await once(lines, 'close');
  if (failure !== undefined) throw failure;
  return ready;
}

function asError(error: {
  code: string;
  message: string;
  hint?: string;
  data?: Record<string, unknown>;
}): ProxyctlError {
  const code = error.code in errorCodes ? (error.code as ErrorCode) : 'PROXYCTL_CHILD';
  return new ProxyctlError(code, error.message, { hint: error.hint, data: error.data });
}
