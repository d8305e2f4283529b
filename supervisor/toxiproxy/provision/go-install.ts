import { rename } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { environment } from '../../../src/config/environment.js';
import { ProxyctlError } from '../../../src/errors/index.js';
import type { ProvisionContext } from './progress.js';
import type { ToxiproxyRelease } from './release.js';

/** Longest time in which `go` prints nothing (it names each module and package as it works), and in all. */
const silenceLimitMs = 240_000;
const totalLimitMs = 900_000;

/** `go install …@v2.12.0`, as one would type it. */
export function goInstallCommand(release: ToxiproxyRelease): string {
  return `go install ${release.goPackage}@v${release.version}`;
}

/**
 * Builds the release with the Go toolchain on PATH and puts the program at `path`, whose folder is ours alone. Go's
 * checksum database vouches for the source. Throws an error with the last lines that Go printed.
 */
export async function goInstall(release: ToxiproxyRelease, path: string, context: ProvisionContext): Promise<void> {
  const folder = dirname(path);
  const command = goInstallCommand(release);
  context.report({ step: 'go', message: `Running ${command}` });
  const silence = new AbortController();
  const lines: string[] = [];
  const child = execa('go', goArguments(release), {
    env: goEnvironment(folder),
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: totalLimitMs,
    cancelSignal: AbortSignal.any([context.signal, silence.signal]),
    forceKillAfterDelay: 3000,
  });
  let timer = setTimeout(() => silence.abort(), silenceLimitMs);
  try {
    for await (const line of child.iterable({ from: 'all' })) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceLimitMs);
      lines.push(line);
      context.report({ step: 'go', message: line });
    }
  } finally {
    clearTimeout(timer);
  }
  const result = await child;
  context.signal.throwIfAborted();
  if (silence.signal.aborted || result.timedOut) {
    throw new ProxyctlError('PROXYCTL_TIMEOUT', `${command} got no further for ${silenceLimitMs / 1000} s`);
  }
  if (result.exitCode === undefined) throw new Error(notStarted(result.cause));
  if (result.exitCode !== 0) throw new Error(lines.slice(-3).join(' / ') || `go exited with ${result.exitCode}`);
  await rename(join(folder, process.platform === 'win32' ? 'server.exe' : 'server'), path);
}

function goArguments(release: ToxiproxyRelease): string[] {
  const flags = `-s -w -X ${release.goVersionVariable}=${release.version}`;
  return ['install', '-v', `-ldflags=${flags}`, `${release.goPackage}@v${release.version}`];
}

/** Go's own environment, save what would make it build for another machine or put the program elsewhere. */
function goEnvironment(folder: string): Record<string, string> {
  const { GOOS: _os, GOARCH: _arch, ...rest } = environment.all();
  return { ...rest, GOBIN: folder, GO111MODULE: 'on' };
}

function notStarted(cause: unknown): string {
  const folders = environment.path.join(delimiter);
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    ? `there is no go on PATH (${folders})`
    : `go could not be started: ${String(cause)}`;
}
