import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { onTestFinished } from 'vitest';
import { releaseAsset, type ToxiproxyRelease } from '../../supervisor/toxiproxy/provision/release.js';

export const releaseVersion = '9.9.9';
/** A program that answers `-version` as Toxiproxy does: what provisioning looks for. */
export const releaseProgram = serverProgram(releaseVersion);
export const asset = releaseAsset() ?? 'toxiproxy-server-none';

export function serverProgram(version: string): string {
  return `#!/bin/sh\necho "toxiproxy-server version ${version}"\n`;
}

export async function writeProgram(path: string, text: string, mode = 0o755): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

export interface ReleaseServer {
  release: ToxiproxyRelease;
  /** Paths that were asked for. */
  requests: string[];
}

/**
 * A real HTTP server that publishes release 9.9.9. `answer` may do otherwise; returning false leaves the request to it.
 */
export async function releaseServer(
  answer: (path: string, response: ServerResponse) => boolean = () => true,
): Promise<ReleaseServer> {
  const requests: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requests.push(url);
    if (!answer(url, response)) return;
    if (url === `/v${releaseVersion}/${asset}`) response.end(releaseProgram);
    else if (url === `/v${releaseVersion}/checksums.txt`) response.end(`${sha256(releaseProgram)}  ${asset}\n`);
    else response.writeHead(404).end('not found');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { release: releaseAt(baseUrl), requests };
}

export function releaseAt(baseUrl: string): ToxiproxyRelease {
  return {
    version: releaseVersion,
    baseUrl,
    checksums: { [asset]: sha256(releaseProgram) },
    goPackage: 'example.invalid/toxiproxy/cmd/server',
    goVersionVariable: 'example.invalid/toxiproxy.Version',
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
