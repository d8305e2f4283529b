import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { ResourceScope } from '../../src/core/resource-scope.js';
import { freePort } from '../../supervisor/free-port.js';
import { launch, s3Credentials } from '../../test/helpers/s3-server.js';
import { provisionVersitygw } from '../../test/helpers/setup/provision-versitygw.js';
import { root } from '../paths.js';

/** A real S3 server on a folder, with a bucket `bench`. */
export interface BenchServer {
  folder: string;
  place(prefix: string): string;
  /** Where the objects of a prefix lie on disk. */
  objects(prefix: string): string;
  stop(): Promise<void>;
}

export async function startBenchServer(scope: ResourceScope): Promise<BenchServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'proxyctl-bench-store-'));
  scope.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, 'data'));
  Object.assign(process.env, s3Credentials, { AWS_CONFIG_FILE: path.join(folder, 'none'), AWS_PROFILE: '' });
  process.env.PROXYCTL_HOME = path.join(folder, 'home');
  process.env.PROXYCTL_TEST_VERSITYGW = await provisionVersitygw({
    cacheDir: path.join(root, 'node_modules/.cache/proxyctl/versitygw'),
    report: (message) => void process.stderr.write(`${message}\n`),
  });
  const port = await freePort();
  const server = await launch(folder, port, ['--keep-alive']); // as most servers do
  scope.defer(() => server.stop());
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'bench' }));
  client.destroy();
  return {
    folder,
    place: (prefix) => `s3://bench/${prefix}?endpoint=${endpoint}`,
    objects: (prefix) => path.join(folder, 'data', 'bench', prefix),
    stop: () => server.stop(),
  };
}
