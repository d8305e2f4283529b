import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface Ready {
  proxyUrl: string;
  env: Record<string, string>;
  url: string;
}

async function home(): Promise<string> {
  const folder = await tempFolder('home');
  onTestFinished(async () => {
    await proxyctl(['down'], { home: folder });
    await expectNothingRunning(folder);
  });
  return folder;
}

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

test('CMD has the credentials of a proxy that other machines reach in its environment', async () => {
  const origin = await startOrigin();
  const folder = await home();
  const fetchIt = `fetch('${origin.httpUrl('/json')}').then((r) => console.log(r.status, process.env.HTTP_PROXY, process.env.JAVA_TOOL_OPTIONS))`;
  const run = await proxyctl(
    ['exec', '--host', '0.0.0.0', '--allow-target', '127.0.0.1', '--', process.execPath, '-e', fetchIt],
    { home: folder },
  );
  expect(run.stdout).toMatch(
    /^200 http:\/\/proxyctl:[0-9a-f]{24}@127\.0\.0\.1:\d+ .*-Dhttps\.proxyPassword=[0-9a-f]{24}/,
  );
  expect(run.stderr).not.toContain('Warning');
});

test('up prints them, in words, as JSON and as variables, also from the background', async () => {
  const folder = await home();
  const up = await proxyctl(['up', '--detach', '--host', '0.0.0.0', '--json'], { home: folder });
  const ready = JSON.parse(up.stdout) as Ready;
  expect(ready.proxyUrl).toMatch(/^http:\/\/proxyctl:[0-9a-f]{24}@/);
  expect(ready.env).toMatchObject({ HTTPS_PROXY: ready.proxyUrl, NO_PROXY: new URL(ready.url).host });
  expect((await proxyctl(['session', 'show', 'default'], { home: folder })).stdout).toContain(ready.proxyUrl);
  expect((await proxyctl(['session', 'ls'], { home: folder })).stdout).toContain(ready.proxyUrl);
});

test('--open is said in a warning, and there are no credentials then', async () => {
  const folder = await home();
  const up = await proxyctl(['up', '--detach', '--host', '0.0.0.0', '--open', '--json'], { home: folder });
  expect(up.stderr).toContain('Warning: the proxy on 0.0.0.0:');
  expect((JSON.parse(up.stdout) as Ready).proxyUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('on loopback nothing is asked for and nothing is warned of', async () => {
  const folder = await home();
  const up = await proxyctl(['up', '--detach', '--json'], { home: folder });
  expect(up.stderr).not.toContain('Warning');
  expect((JSON.parse(up.stdout) as Ready).env).toMatchObject({ NO_PROXY: '' });
  expect((JSON.parse(up.stdout) as Ready).proxyUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([
  ['--allow-target', '10.0.0.0/99'],
  ['--proxy-auth', 'nocolon'],
])('%s %s is refused by name', async (flag, value) => {
  const run = await proxyctl(['exec', flag, value, '--', 'true'], { home: await tempFolder('home') });
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(flag) as string });
});
