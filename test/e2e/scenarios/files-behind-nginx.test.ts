import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { fetch, FormData, ProxyAgent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenSession } from '../../../src/api/stack-api.js';
import { ResourceScope } from '../../../src/core/resource-scope.js';
import { freePort } from '../../../supervisor/free-port.js';
import { eventually } from '../../helpers/processes.js';
import { patternedBytes } from '../../helpers/origin.js';
import { pythonEnv } from '../../helpers/real-input.js';
import { s3Credentials, startS3Server } from '../../helpers/s3-server.js';
import { eventOf, startService } from '../../helpers/scenario.js';
import { startStackWithOrigin, type StackWithOrigin } from '../../helpers/stack-with-origin.js';

/* A service behind nginx that takes files as multipart forms and keeps them in an object storage. */
const program = join(import.meta.dirname, '../../fixtures/scenarios/flask_files.py');
const picture = Buffer.from(patternedBytes(300_000));
const scope = new ResourceScope();
const backends = new ResourceScope();
let running: StackWithOrigin;
let port: number;

beforeAll(async () => {
  running = await startStackWithOrigin('files');
  scope.defer(running.close);
  const s3 = backends.use(await startS3Server());
  const command = ['python3', program, `http://127.0.0.1:${s3.port}`];
  const service = await startService(command, { ...pythonEnv(), ...s3Credentials, AWS_PROFILE: undefined });
  backends.defer(() => service.stop());
  port = await freePort();
  const { folder } = running;
  const inFolder = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}
http { access_log off; ${inFolder.join(' ')} client_max_body_size 10m; gzip on; gzip_types application/json; gzip_min_length 1;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${service.port}; } } }\n`,
  );
  const nginx = execa('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    ...{ stdin: 'ignore', all: true, reject: false, extendEnv: true },
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  backends.defer(async () => {
    nginx.kill('SIGTERM');
    await nginx;
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ status }) => status,
      () => 0,
    );
  expect(await eventually(answers, (status) => status === 404, 20_000)).toBe(404);
});

afterAll(async () => {
  await backends.close();
  await scope.close();
});

/** Uploads the picture, downloads it again, and tells what the service said and whether it is the same. */
async function upAndDown(session: OpenSession): Promise<{ said: unknown; same: boolean }> {
  const dispatcher = new ProxyAgent({ uri: session.proxyUrl });
  try {
    const form = new FormData();
    form.set('note', 'a <b>note</b> & more');
    form.set('file', new Blob([picture], { type: 'image/png' }), 'picture.png');
    const uploaded = await fetch('http://files.test/files', { method: 'POST', body: form, dispatcher });
    const said = await uploaded.json();
    const downloaded = await fetch('http://files.test/files/picture.png', { dispatcher });
    return { said, same: picture.equals(Buffer.from(await downloaded.arrayBuffer())) };
  } finally {
    await dispatcher.destroy();
  }
}

const sha256 = createHash('sha256').update(picture).digest('hex');
const stored = { name: 'picture.png', size: 300_000, sha256, note: 'a <b>note</b> & more' };

test('an upload reaches the storage whole; a field of its answer is mocked, the download watched, and a link slows it', async () => {
  await using session = await running.stack.api.open({});
  await session.redirect({ from: 'files.test', to: `http://127.0.0.1:${port}` });
  expect(await upAndDown(session)).toEqual({ said: stored, same: true });
  await session.mock({ predicate: { method: 'POST', command: '/files' }, response: { modify: { '$.size': 1 } } });
  const isDownload = ({ method }: { method: string }): boolean => method === 'GET';
  const event = await eventOf(session, 'response', () => upAndDown(session), isDownload);
  expect(event).toMatchObject({ url: 'http://files.test/files/picture.png', status: 200, responseBytes: 300_000 });
  await session.link({ down: '600kb' });
  const begun = performance.now();
  expect(await upAndDown(session)).toEqual({ said: { ...stored, size: 1 }, same: true });
  expect(performance.now() - begun).toBeGreaterThan(300);
  await session.expect({ predicate: { method: 'POST', command: '/files' }, count: { min: 3 }, within: '1s' });
});

test('upload and download are recorded, and replayed with nginx, the service and the storage gone', async () => {
  const recorded = { testId: 'files', store: join(running.folder, 'store') };
  {
    await using session = await running.stack.api.open({ ...recorded, mode: 'record' });
    await session.redirect({ from: 'files.test', to: `http://127.0.0.1:${port}` });
    expect(await upAndDown(session)).toEqual({ said: stored, same: true });
    expect(await session.publish()).toMatchObject({ published: true, entries: 2 });
  }
  await backends.close();
  await using session = await running.stack.api.open({ ...recorded, mode: 'replay' });
  expect(await upAndDown(session)).toEqual({ said: stored, same: true });
  expect(await session.close()).toMatchObject({ misses: [], failures: [], upstreamConnections: 0 });
});
