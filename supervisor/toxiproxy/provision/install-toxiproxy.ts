import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ProxyctlError } from '../../../src/errors/index.js';
import { serverFileName, sha256Of, type CacheManifest, type ToxiproxyCache } from './cache.js';
import { fetchRelease, releaseUrl, type DownloadLimits } from './fetch-release.js';
import { goInstall, goInstallCommand } from './go-install.js';
import { InstallLock } from './install-lock.js';
import { probeToxiproxy } from './probe.js';
import type { ProvisionContext, ProvisionedToxiproxy } from './progress.js';
import type { ToxiproxyRelease } from './release.js';

/** How long to wait for another process that is fetching Toxiproxy, before fetching it as well. */
const lockLimitMs = 300_000;

/**
 * Fetches into the cache, one process at a time. Another may have done so since the cache was looked into: it is looked
 * into again.
 */
export async function installToxiproxy(
  cache: ToxiproxyCache,
  release: ToxiproxyRelease,
  context: ProvisionContext,
  limits: DownloadLimits | undefined,
): Promise<ProvisionedToxiproxy | undefined> {
  try {
    await using lock = await InstallLock.acquire(cache.lockPath, {
      signal: context.signal,
      limitMs: lockLimitMs,
      onWait: (pid) => {
        const who = pid === undefined ? 'Another process' : `Process ${pid}`;
        context.report({ step: 'wait', message: `${who} is fetching Toxiproxy; waiting for it` });
      },
    });
    if (lock === undefined) context.logger.warn('Waited too long for another process that fetches Toxiproxy');
    const made = await cache.find(release.version).catch(() => undefined);
    if (made !== undefined) return { path: made.path, version: made.manifest.version, origin: 'cache' };
    return (
      (await attempt('release', cache, release, context, (path) => fetchRelease(release, path, context, limits))) ??
      (await attempt('go', cache, release, context, (path) => goInstall(release, path, context)))
    );
  } catch (error) {
    context.signal.throwIfAborted();
    context.failed({ step: 'cache', what: cache.root, cause: `it cannot be written: ${messageOf(error)}` });
    return undefined;
  }
}

/** Has `make` put a server at a path in a folder of its own; moves it into the cache once it has been seen to run. */
async function attempt(
  origin: CacheManifest['origin'],
  cache: ToxiproxyCache,
  release: ToxiproxyRelease,
  context: ProvisionContext,
  make: (path: string) => Promise<void>,
): Promise<ProvisionedToxiproxy | undefined> {
  const folder = await cache.workFolder();
  try {
    const path = join(folder, serverFileName);
    await make(path);
    await chmod(path, 0o755);
    const { version } = await probeToxiproxy(path, context.signal);
    const installed = await cache.commit(folder, {
      version: release.version,
      origin,
      sha256: await sha256Of(path),
      installedAt: new Date().toISOString(),
    });
    context.report({ step: origin, message: `Toxiproxy ${version} is at ${installed}` });
    return { path: installed, version, origin };
  } catch (error) {
    context.signal.throwIfAborted();
    const what = origin === 'go' ? goInstallCommand(release) : describeRelease(release);
    const code = error instanceof ProxyctlError ? { code: error.code } : {};
    context.failed({ step: origin, what, cause: messageOf(error), ...code });
    context.logger.warn(`${what}: ${messageOf(error)}`);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describeRelease(release: ToxiproxyRelease): string {
  try {
    return releaseUrl(release);
  } catch {
    return `release ${release.version}`;
  }
}
