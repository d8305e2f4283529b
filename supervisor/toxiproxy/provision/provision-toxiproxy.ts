import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { environment } from '../../../src/config/environment.js';
import { proxyctlHome } from '../../../src/config/paths.js';
import { silentLogger, type Logger } from '../../../src/core/logger.js';
import { messageOf, ProxyctlError } from '../../../src/errors/index.js';
import { serverFileName, ToxiproxyCache } from './cache.js';
import type { DownloadLimits } from './fetch-release.js';
import { installToxiproxy } from './install-toxiproxy.js';
import { probeToxiproxy } from './probe.js';
import type {
  FailedAttempt,
  ProvisionContext,
  ProvisionedToxiproxy,
  ProvisionProgress,
  ToxiproxyOrigin,
} from './progress.js';
import { pinnedRelease, type ToxiproxyRelease } from './release.js';

export interface ProvisionOptions {
  /** From a flag or the config file. Without it, `PROXYCTL_TOXIPROXY` counts. */
  explicitPath?: string;
  onProgress?: (progress: ProvisionProgress) => void;
  signal?: AbortSignal;
  logger?: Logger;
  /** False: only look, fetch nothing. */
  fetch?: boolean;
  /** Default: `toxiproxy` in the cache folder of this home. */
  cacheDir?: string;
  release?: ToxiproxyRelease;
  limits?: DownloadLimits;
}

/**
 * Finds or fetches the Toxiproxy server: an explicit path, `toxiproxy-server` on PATH, the cache, the release binary,
 * `go install`. An explicit path that does not work is an error, not a reason to look elsewhere. Throws
 * `PROXYCTL_TOXIPROXY_UNAVAILABLE`, which lists each thing that was tried with its cause.
 */
export async function provisionToxiproxy(options: ProvisionOptions = {}): Promise<ProvisionedToxiproxy> {
  const release = releaseFrom(options);
  const attempts: FailedAttempt[] = [];
  const context: ProvisionContext = {
    signal: options.signal ?? new AbortController().signal,
    logger: options.logger ?? silentLogger,
    report: options.onProgress ?? (() => undefined),
    failed: (attempt) => attempts.push(attempt),
  };
  const cache = new ToxiproxyCache(options.cacheDir ?? join(proxyctlHome().cacheDir, 'toxiproxy'));
  const found =
    (await fromExplicitPath(options.explicitPath, release, context)) ??
    (await fromPath(release, context)) ??
    (await fromCache(cache, release, context)) ??
    (options.fetch === false ? undefined : await installToxiproxy(cache, release, context, options.limits));
  if (found === undefined) throw unavailable(attempts, release);
  if (found.notice !== undefined) context.logger.warn(found.notice);
  return found;
}

function releaseFrom({ release = pinnedRelease }: ProvisionOptions): ToxiproxyRelease {
  const mirror = environment.toxiproxyReleases;
  return mirror === undefined ? release : { ...release, baseUrl: mirror };
}

async function fromExplicitPath(
  flag: string | undefined,
  release: ToxiproxyRelease,
  context: ProvisionContext,
): Promise<ProvisionedToxiproxy | undefined> {
  const given = flag ?? environment.toxiproxy;
  if (given === undefined) return undefined;
  const origin = flag === undefined ? 'env' : 'flag';
  const path = resolve(given);
  try {
    return describe(path, await probeToxiproxy(path, context.signal), origin, release);
  } catch (error) {
    context.signal.throwIfAborted();
    const from = origin === 'env' ? 'PROXYCTL_TOXIPROXY' : 'The path given for Toxiproxy';
    throw new ProxyctlError(
      'PROXYCTL_TOXIPROXY_UNAVAILABLE',
      `${from} is ${path}, which cannot be used: ${messageOf(error)}`,
      {
        hint: `Give the path of a toxiproxy-server program, or none: then proxyctl finds or fetches version ${release.version} itself.`,
        data: { tried: [{ step: 'explicit', what: path, cause: messageOf(error) } satisfies FailedAttempt] },
        cause: error,
      },
    );
  }
}

/** The first usable `toxiproxy-server` on PATH. Those that are there but unusable are named, and the search goes on. */
async function fromPath(
  release: ToxiproxyRelease,
  context: ProvisionContext,
): Promise<ProvisionedToxiproxy | undefined> {
  const folders = environment.path.filter((folder) => isAbsolute(folder));
  let unusable = false;
  for (const folder of new Set(folders)) {
    const path = join(folder, serverFileName);
    if (!(await exists(path))) continue;
    try {
      return describe(path, await probeToxiproxy(path, context.signal), 'path', release);
    } catch (error) {
      context.signal.throwIfAborted();
      unusable = true;
      context.failed({ step: 'path', what: path, cause: messageOf(error) });
      context.logger.warn(`Skipping ${path}: ${messageOf(error)}`);
    }
  }
  if (!unusable) context.failed({ step: 'path', what: `${serverFileName} on PATH`, cause: 'there is none' });
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function fromCache(
  cache: ToxiproxyCache,
  release: ToxiproxyRelease,
  context: ProvisionContext,
): Promise<ProvisionedToxiproxy | undefined> {
  try {
    const entry = await cache.find(release.version);
    if (entry !== undefined) return { path: entry.path, version: entry.manifest.version, origin: 'cache' };
    context.failed({ step: 'cache', what: cache.entryPath(release.version), cause: 'there is nothing there yet' });
  } catch (error) {
    context.failed({ step: 'cache', what: cache.entryPath(release.version), cause: messageOf(error) });
    context.logger.warn(`The cached Toxiproxy is damaged and will be replaced: ${messageOf(error)}`);
  }
  return undefined;
}

function describe(
  path: string,
  { version }: { version: string },
  origin: ToxiproxyOrigin,
  release: ToxiproxyRelease,
): ProvisionedToxiproxy {
  if (version === release.version) return { path, version, origin };
  const notice = `Using ${path}, which is Toxiproxy ${version}; proxyctl is tested with ${release.version}`;
  return { path, version, origin, notice };
}

function unavailable(tried: FailedAttempt[], release: ToxiproxyRelease): ProxyctlError {
  const list = tried.map(({ what, cause }) => `\n  - ${what}: ${cause}`).join('');
  return new ProxyctlError(
    'PROXYCTL_TOXIPROXY_UNAVAILABLE',
    `No Toxiproxy server could be found or fetched. Tried:${list}`,
    {
      hint:
        `Install Toxiproxy ${release.version} and put toxiproxy-server on PATH or name it in PROXYCTL_TOXIPROXY. ` +
        'Behind a proxy set HTTPS_PROXY; PROXYCTL_TOXIPROXY_RELEASES names a mirror of its releases.',
      data: { tried },
    },
  );
}
