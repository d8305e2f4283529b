import { expect, onTestFinished, test } from 'vitest';
import { header } from '../../src/http/index.js';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Asks the session's own address, by a client that knows of no proxy and of no certificate. */
const script = `import { get } from 'node:http';
  const { port } = new URL(process.env.HTTP_PROXY);
  for (const path of process.argv.slice(1))
    await new Promise((done) => get({ host: '127.0.0.1', port, path, agent: undefined }, (answer) => {
      console.log(answer.statusCode, answer.headers['content-type']);
      answer.resume().on('end', done);
    }));`;
const client = (...paths: string[]) => [
  'env',
  'NODE_OPTIONS=',
  process.execPath,
  '--input-type=module',
  '-e',
  script,
  '--',
  ...paths,
];

test('a client that cannot use a proxy reaches one backend by the session’s own address, recorded and replayed as that', async () => {
  const home = await tempFolder('home');
  const cwd = await tempFolder('project');
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  const { origin: backend, host } = new URL(origin.httpsUrl('/'));
  const flags = ['--test-id', 'reverse', '--reverse', backend];
  const command = ['--', ...client('/json?a=1', '/status/418')];
  const expected = '200 application/json\n418 undefined';
  const recorded = await proxyctl(['record', ...flags, '--upstream-ca', origin.caFile, ...command], { home, cwd });
  expect(recorded).toMatchObject({ exitCode: 0, stdout: expected });
  expect(origin.requests.map(({ tls, url }) => [tls, url])).toEqual([
    [true, '/json?a=1'],
    [true, '/status/418'],
  ]);
  expect(header(origin.requests[0]?.rawHeaders ?? [], 'host')).toBe(host);

  await origin.close();
  const replayed = await proxyctl(['replay', ...flags, ...command], { home, cwd });
  expect(replayed).toMatchObject({ exitCode: 0, stdout: expected });
  expect(replayed.stderr).toContain('Replayed 2 of 2 requests; 0 upstream connections.');

  const shown = await proxyctl(['recordings', 'show', 'reverse'], { home, cwd });
  expect(shown.stdout).toContain(`${backend}/json?a=1`);
});

test('the certificate is still there to be fetched, and a wrong origin is refused', async () => {
  const home = await tempFolder('home');
  const { stdout } = await proxyctl(['exec', '--reverse', 'api.test', '--', ...client('/proxyctl/ca.pem')], { home });
  expect(stdout).toBe('200 application/x-x509-ca-cert');
  const { exitCode, stderr } = await proxyctl(['exec', '--reverse', 'https://a.test/path', '--', 'true'], { home });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--reverse: "https://a.test/path" is not the origin of a backend');
});
