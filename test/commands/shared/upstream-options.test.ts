import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../../helpers/origin.js';
import { startParentProxy } from '../../helpers/parent-proxy.js';
import { proxyctl } from '../../helpers/proxyctl.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

/** Prints the status of each URL, or the code of its failure. */
const script = `for (const url of process.argv.slice(1))
  console.log(await fetch(url).then((answer) => answer.status, (error) => error.cause.code));`;
const client = (...urls: string[]) => [process.execPath, '--input-type=module', '-e', script, '--', ...urls];

test('backends are reached through a company’s proxy, named by its URL or by the environment', async () => {
  const home = await tempFolder('home');
  const origin = await startOrigin();
  const proxy = await startParentProxy({ credentials: 'me:secret' });
  const urls = [origin.httpUrl('/json'), origin.httpsUrl('/json')];
  const ask = (flags: string[], env = {}) =>
    proxyctl(['exec', '--upstream-ca', origin.caFile, ...flags, '--', ...client(...urls)], { home, env });
  const asked = [`GET ${urls[0] ?? ''}`, `CONNECT ${new URL(urls[1] ?? '').host}`];

  expect(await ask(['--upstream-proxy', proxy.url('me:secret')])).toMatchObject({ stdout: '200\n200', stderr: '' });
  expect(proxy.asked).toEqual(asked);
  expect((await ask(['--upstream-proxy', 'env'], { HTTPS_PROXY: proxy.url('me:secret') })).stdout).toBe('200\n200');
  expect(proxy.asked).toEqual([...asked, ...asked]);
  await ask(['--upstream-proxy', 'env'], {
    HTTPS_PROXY: proxy.url('me:secret'),
    NO_PROXY: 'x.test, localhost,127.0.0.1',
  });
  expect(proxy.asked).toHaveLength(4);
  expect((await ask(['--upstream-proxy', proxy.url()])).stdout).toBe('502\n502');
});

test('a host goes to the address that --resolve names', async () => {
  const origin = await startOrigin();
  const { port } = new URL(origin.httpUrl('/'));
  const flags = ['--resolve', `no-such-host.example:80=127.0.0.1:${port}`];
  const { stdout } = await proxyctl(['exec', ...flags, '--', ...client('http://no-such-host.example/status/418')], {
    home: await tempFolder('home'),
  });
  expect(stdout).toBe('418');
});

test('times are limited as asked', async () => {
  const origin = await Origin.start(() => undefined); // it never answers
  onTestFinished(() => origin.close());
  const { stdout } = await proxyctl(['exec', '--idle-timeout', '1s', '--', ...client(origin.httpUrl('/'))], {
    home: await tempFolder('home'),
  });
  expect(stdout).toBe('504');
});

test('flags that make no sense are refused before anything starts, each by its name', async () => {
  const home = await tempFolder('home');
  const file = join(home, 'empty.pem');
  await writeFile(file, 'hello');
  for (const [flags, message] of [
    [['--upstream-proxy', 'proxy:3128'], '--upstream-proxy: "proxy:3128" is not the URL of an HTTP proxy'],
    [['--upstream-proxy', 'env'], 'neither HTTPS_PROXY nor HTTP_PROXY is set'],
    [['--upstream-proxy-bypass', 'a.test'], '--upstream-proxy-bypass needs --upstream-proxy'],
    [['--resolve', 'a.test'], '--resolve: "a.test" is not HOST'],
    [['--client-cert', 'a.test'], '--client-cert: "a.test" is not host=file'],
    [['--client-cert', `a.test=${file}`], 'does not hold a certificate and its private key'],
    [['--client-cert', `a.test=${file}.gone`], 'cannot be read'],
    [['--connect-timeout', '0ms'], '--connect-timeout'],
  ] as const) {
    const { exitCode, stderr } = await proxyctl(['exec', ...flags, '--', 'true'], {
      home,
      env: { HTTPS_PROXY: '', HTTP_PROXY: '', https_proxy: '', http_proxy: '' },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  }
});
