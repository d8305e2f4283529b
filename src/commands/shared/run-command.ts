import { execa, ExecaError } from 'execa';
import { ProxyctlError, systemCode } from '../../errors/index.js';
import { inTerminalForeground } from './terminal-foreground.js';
import { signalExitCode, type Interrupts, type InterruptSignal } from './interrupts.js';

export interface CommandResult {
  /** CMD's own; 128 + the number of the signal that ended it. */
  exitCode: number;
  signal?: NodeJS.Signals;
  /** The signal by which the user asked proxyctl, and so CMD, to end. */
  interruptedBy?: InterruptSignal;
  durationMs: number;
}

interface RunCommandOptions {
  /** The whole environment of CMD. */
  env: Record<string, string>;
  interrupts: Interrupts;
  /** Sends CMD's stdout to stderr, where stdout is to hold nothing but JSON. */
  stdoutToStderr?: boolean;
}

/**
 * Runs CMD with our own terminal or pipes and waits for it. SIGINT, SIGTERM and SIGHUP are handed on; the second one
 * kills. A Ctrl-C reaches CMD from the terminal itself, so it is not sent again. Throws `PROXYCTL_COMMAND_NOT_FOUND` or
 * `PROXYCTL_COMMAND_NOT_EXECUTABLE` when it cannot be started.
 */
export async function runCommand(command: readonly string[], options: RunCommandOptions): Promise<CommandResult> {
  const { env, interrupts, stdoutToStderr = false } = options;
  const [file = '', ...args] = command;
  const startedAt = performance.now();
  const child = execa(file, args, {
    env,
    extendEnv: false,
    stdin: 'inherit',
    stdout: stdoutToStderr ? process.stderr : 'inherit',
    stderr: 'inherit',
    reject: false,
    buffer: false,
    windowsHide: false,
    forceKillAfterDelay: 3000, // of a SIGTERM: proxyctl itself is given no longer
  });
  let interruptedBy: InterruptSignal | undefined;
  const release = interrupts.takeOver((name, count) => {
    interruptedBy ??= name;
    if (count > 1) child.kill('SIGKILL');
    else if (!(name === 'SIGINT' && inTerminalForeground())) child.kill(name);
  });
  try {
    const result = await child;
    if (result instanceof ExecaError && result.exitCode === undefined && result.signal === undefined) {
      throw startError(file, result);
    }
    const { exitCode, signal } = result;
    return {
      exitCode: signal === undefined ? (exitCode ?? 1) : signalExitCode(signal),
      durationMs: performance.now() - startedAt,
      ...(signal === undefined ? {} : { signal }),
      ...(interruptedBy === undefined ? {} : { interruptedBy }),
    };
  } finally {
    release();
  }
}

function startError(file: string, error: ExecaError): ProxyctlError {
  const code = systemCode(error) ?? systemCode(error.cause);
  if (code === 'ENOENT') return notFound(file, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOEXEC') return notExecutable(file, error);
  return new ProxyctlError(
    'PROXYCTL_COMMAND_NOT_EXECUTABLE',
    `"${file}" could not be started: ${error.originalMessage ?? error.code ?? 'the system gave no reason'}`,
    {
      cause: error,
    },
  );
}

export function notFound(file: string, cause?: unknown): ProxyctlError {
  const isPath = file.includes('/');
  return new ProxyctlError('PROXYCTL_COMMAND_NOT_FOUND', `"${file}" ${isPath ? 'does not exist' : 'is not on PATH'}`, {
    cause,
    hint: /\s/.test(file)
      ? 'Give the command and its arguments as separate words, or run it in a shell: -- sh -c "…"'
      : `Check the spelling${isPath ? ' and the working folder' : ', or give its whole path'}.`,
    data: { command: file },
  });
}

export function notExecutable(file: string, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_COMMAND_NOT_EXECUTABLE', `"${file}" is there but cannot be run`, {
    cause,
    hint: `Make it executable (chmod +x ${file}), or name the program that runs it.`,
    data: { command: file },
  });
}
