import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { provisionVersitygw } from './setup/provision-versitygw.js';
import { tempFolder } from './temp-folder.js';

const name = `versitygw_v1.8.0_${process.platform === 'darwin' ? 'Darwin' : 'Linux'}_${process.arch === 'x64' ? 'x86_64' : process.arch}`;
let server: Server;
let files: Map<string, Buffer>;
let releases: string;

beforeEach(async () => {
  vi.stubEnv('PROXYCTL_TEST_VERSITYGW', undefined);
  files = new Map();
  server = createServer(({ url = '' }, response) => {
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

async function publish(checksumOf: (archive: Buffer) => string): Promise<void> {
  const folder = await tempFolder('release');
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'versitygw'), '#!/bin/sh\necho released\n');
  await execa('tar', ['-czf', 'a.tar.gz', name], { cwd: folder });
  const archive = await readFile(join(folder, 'a.tar.gz'));
  files.set(`/v1.8.0/${name}.tar.gz`, archive);
  files.set('/v1.8.0/checksums.txt', Buffer.from(`${checksumOf(archive)}  ${name}.tar.gz\n`));
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

test('a program on PATH is taken as it is', async () => {
  const folder = await tempFolder('path');
  await writeFile(join(folder, 'versitygw'), '#!/bin/sh\n');
  await chmod(join(folder, 'versitygw'), 0o755);
  const cacheDir = await tempFolder('cache');
  const path = `${await tempFolder('other')}:${folder}`;
  expect(await provisionVersitygw({ cacheDir, path, report: () => undefined })).toBe(join(folder, 'versitygw'));
});

test('else the release is fetched once, and found in the cache from then on', async () => {
  await publish(sha256);
  const options = { cacheDir: await tempFolder('cache'), path: '', releases, report: () => undefined };
  const path = await provisionVersitygw(options);
  expect((await execa(path)).stdout).toBe('released');
  files.clear();
  expect(await provisionVersitygw(options)).toBe(path);
});

test('a release with another checksum is not run: it is said, and the next way tried', async () => {
  await publish(() => '0'.repeat(64));
  vi.stubEnv('PATH', '');
  const reports: string[] = [];
  const report = (message: string): void => void reports.push(message);
  const cacheDir = await tempFolder('cache');
  await expect(provisionVersitygw({ cacheDir, path: '', releases, report })).rejects.toThrow(
    /versitygw could not be had.*fetchRelease.*SHA-256.*goInstall/s,
  );
  expect(reports.join('\n')).toContain('is expected');
});
