import { formatBytes } from '../../../src/core/units.js';
import { ProxyctlError, systemCode } from '../../../src/errors/index.js';
import {
  downloadFile,
  DownloadStatusError,
  downloadText,
  IncompleteDownloadError,
  type DownloadOptions,
} from './download.js';
import type { ProvisionContext } from './progress.js';
import { checksumOf, releaseAsset, type ToxiproxyRelease } from './release.js';

export interface DownloadLimits {
  responseLimitMs?: number;
  stallLimitMs?: number;
}

/** Where this platform's release binary is. Throws where there is none. */
export function releaseUrl(release: ToxiproxyRelease): string {
  const asset = releaseAsset();
  if (asset === undefined) {
    throw new Error(`Toxiproxy publishes no binary for ${process.platform} on ${process.arch}`);
  }
  return `${release.baseUrl}/v${release.version}/${asset}`;
}

/**
 * Downloads the release binary for this platform to `path` and checks its SHA-256. Throws `PROXYCTL_CHECKSUM` when that
 * is wrong, otherwise an error that says what happened; the file is then gone.
 */
export async function fetchRelease(
  release: ToxiproxyRelease,
  path: string,
  context: ProvisionContext,
  limits: DownloadLimits = {},
): Promise<void> {
  const url = releaseUrl(release);
  const options: DownloadOptions = { ...limits, signal: context.signal };
  context.report({ step: 'release', message: `Downloading ${url}` });
  const expected = await expectedChecksum(release, url, options);
  await twice(context, url, () => downloadFile(url, path, expected, { ...options, onBytes: reportBytes(context) }));
}

/**
 * Pinned in the source where it is known; otherwise as the release's own list says, which guards against damage only.
 */
async function expectedChecksum(release: ToxiproxyRelease, url: string, options: DownloadOptions): Promise<string> {
  const asset = url.slice(url.lastIndexOf('/') + 1);
  const pinned = release.checksums[asset];
  if (pinned !== undefined) return pinned;
  const listUrl = `${release.baseUrl}/v${release.version}/checksums.txt`;
  const published = checksumOf(asset, await downloadText(listUrl, options));
  if (published === undefined) throw new Error(`${listUrl} has no SHA-256 of ${asset}`);
  return published;
}

/** A connection that breaks half-way is worth a second attempt; what a second attempt cannot change is not. */
async function twice(context: ProvisionContext, url: string, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (context.signal.aborted || isFinal(error)) throw error;
    context.logger.warn(`Downloading ${url} again`, { cause: String(error) });
    await attempt();
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof ProxyctlError) return true; // checksum, time limit
  if (error instanceof DownloadStatusError) return error.status < 500;
  const code = systemCode(error instanceof Error ? error.cause : undefined) ?? systemCode(error);
  return !['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code ?? '') && !(error instanceof IncompleteDownloadError);
}

const reportEveryMs = 100;

function reportBytes({ report }: ProvisionContext): (received: number, total: number | undefined) => void {
  let last = 0;
  return (receivedBytes, totalBytes) => {
    const now = performance.now();
    if (now - last < reportEveryMs && receivedBytes !== totalBytes) return;
    last = now;
    const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
    report({
      step: 'release',
      message: `${formatBytes(receivedBytes)}${of}`,
      receivedBytes,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    });
  };
}
