import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { eventually } from '../../helpers/processes.js';
import { pythonEnv, RealInput } from '../../helpers/real-input.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { makeTestCertificate } from '../../helpers/test-certificate.js';

const host = 's3.origin.test';
const credentials = {
  AWS_ACCESS_KEY_ID: 'tester',
  AWS_SECRET_ACCESS_KEY: 'only-for-tests',
  AWS_DEFAULT_REGION: 'us-east-1',
};
const project = fileURLToPath(new URL('../../../', import.meta.url));

/** A real S3 server on a folder, by HTTPS or HTTP. It checks each signature. */
async function startS3(
  folder: string,
  scheme: string,
): Promise<{ port: number; caFile: string; close(): Promise<void> }> {
  const { ca, cert, key } = await makeTestCertificate([host]);
  const files = { ca, cert, key };
  await mkdir(join(folder, 'objects'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.pem`), text);
  const port = await freePort();
  const tls = scheme === 'https' ? ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')] : [];
  const { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret } = credentials;
  const server = execa(
    join(project, '.work/e2e/bin/versitygw'),
    [
      '--port',
      `127.0.0.1:${port}`,
      '--access',
      access,
      '--secret',
      secret,
      '--quiet',
      '--keep-alive',
      ...tls,
      'posix',
      join(folder, 'objects'),
    ],
    { reject: false, all: true },
  );
  const answers = await eventually(
    () => (server.exitCode === null ? accepts(port) : Promise.reject(new Error('the S3 server ended'))),
    (there) => there,
    20_000,
  );
  if (!answers) throw new Error('the S3 server does not listen');
  return {
    port,
    caFile: join(folder, 'ca.pem'),
    close: async () => {
      server.kill();
      await server;
    },
  };
}

/** The server cannot be asked for a free port and its number. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test.each(['https', 'http'])(
  'boto3 by %s stores, lists, copies and deletes in an S3 server and, when that is gone, in its recording',
  async (scheme) => {
    await using input = await RealInput.start('s3');
    const s3 = await startS3(await tempFolder('s3-server'), scheme);
    const program = {
      command: ['python3', join(project, 'test/fixtures/clients/s3_client.py'), `${scheme}://${host}:${s3.port}`],
      env: { ...pythonEnv(), ...credentials, AWS_EC2_METADATA_DISABLED: 'true' },
    };
    const recorded = await input.record('s3', program, ['--upstream-ca', s3.caFile]).finally(() => s3.close());
    const replayed = await input.replay('s3', program);
    expect(replayed.stdout).toBe(recorded.stdout);
    const lines = recorded.stdout.split('\n');
    for (const line of ['large True', 'missing key 404 NoSuchKey', 'condition 412 PreconditionFailed'])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('list 200 '))).toHaveLength(3);
  },
);
