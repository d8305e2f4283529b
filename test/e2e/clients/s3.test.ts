import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../../../supervisor/free-port.js';
import { pythonEnv, RealInput } from '../../helpers/real-input.js';
import { launch, s3Credentials } from '../../helpers/s3-server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { makeTestCertificate } from '../../helpers/test-certificate.js';

const host = 's3.origin.test';
const client = fileURLToPath(new URL('../../fixtures/clients/s3_client.py', import.meta.url));

/** A real S3 server, by HTTPS or HTTP. It checks each signature. */
async function startS3(scheme: string) {
  const folder = await tempFolder('s3-server');
  const files = await makeTestCertificate([host]);
  for (const name of ['ca', 'cert', 'key'] as const) await writeFile(join(folder, `${name}.pem`), files[name]);
  await mkdir(join(folder, 'data'));
  const port = await freePort();
  const tls = scheme === 'https' ? ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')] : [];
  const { stop } = await launch(folder, port, ['--keep-alive', ...tls]);
  return { port, caFile: join(folder, 'ca.pem'), stop };
}

test.each(['https', 'http'])(
  'boto3 by %s stores, lists, copies and deletes in an S3 server and, when that is gone, in its recording',
  async (scheme) => {
    await using input = await RealInput.start('s3');
    const s3 = await startS3(scheme);
    const program = {
      command: ['python3', client, `${scheme}://${host}:${s3.port}`],
      env: { ...pythonEnv(), ...s3Credentials },
    };
    const recorded = await input.record('s3', program, ['--upstream-ca', s3.caFile]).finally(() => s3.stop());
    const replayed = await input.replay('s3', program);
    expect(replayed.stdout).toBe(recorded.stdout);
    const lines = recorded.stdout.split('\n');
    for (const line of ['large True', 'missing key 404 NoSuchKey', 'condition 412 PreconditionFailed'])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('list 200 '))).toHaveLength(3);
  },
);
