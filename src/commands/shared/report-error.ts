import { messageOf, ProxyctlError } from '../../errors/index.js';
import { packageVersion } from '../../core/package-version.js';
import { InterruptedError } from './interrupts.js';
import type { Output } from './output.js';

/** Says on stderr what went wrong (as JSON with `--json`) and returns the exit code. */
export function reportError(error: unknown, output: Output): number {
  if (error instanceof InterruptedError) return error.exitCode;
  if (output.json) output.note(JSON.stringify({ error: asJson(error) }));
  else output.note(asText(error, output));
  return error instanceof ProxyctlError ? error.exitCode : bugExitCode;
}

/** sysexits.h EX_SOFTWARE: an internal error, told apart from CMD's usual codes. */
export const bugExitCode = 70;

function asText(error: unknown, { paintNote }: Output): string {
  if (error instanceof ProxyctlError) {
    const head = `${paintNote('red', 'proxyctl:')} ${error.code}: ${messageOf(error)}`;
    return error.hint === undefined ? head : `${head}\n${error.hint}`;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${paintNote('red', 'proxyctl:')} a bug in proxyctl: ${messageOf(error)}\n${stack}${causes(error)}\n${bugHint()}`;
}

function asJson(error: unknown): object {
  if (error instanceof ProxyctlError) return { ...error.toJSON(), message: messageOf(error) };
  return {
    code: 'PROXYCTL_BUG',
    message: messageOf(error),
    hint: bugHint(),
    data: { stack: error instanceof Error ? error.stack : undefined },
  };
}

function causes(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `\nCaused by: ${cause.stack ?? cause.message}${causes(cause)}` : '';
}

const bugHint = (): string =>
  `This should not happen. Please report it with the lines above (proxyctl ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}).`;
