import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectStack } from '../../src/api/client.js';
import { packageVersion } from '../../src/core/package-version.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { startStackWithOrigin, type StackWithOrigin } from '../helpers/stack-with-origin.js';
import { tempFolder } from '../helpers/temp-folder.js';

let running: StackWithOrigin;
beforeAll(async () => {
  running = await startStackWithOrigin('other-version');
  return running.close;
});

/** The stack, as one of another version says it: each answer names that. */
async function asOfVersion(version: string): Promise<string> {
  const { url } = running.stack.api.address;
  const front = createServer((incoming, answer) => {
    const { method, headers } = incoming;
    const body = method === 'GET' ? {} : { body: incoming as unknown as ReadableStream, duplex: 'half' };
    fetch(url + (incoming.url ?? ''), {
      method,
      headers: { ...headers, host: new URL(url).host },
      ...body,
    } as RequestInit)
      .then(async (said) => {
        const type = said.headers.get('content-type') ?? 'text/plain';
        answer.writeHead(said.status, { 'content-type': type, 'x-proxyctl-version': version });
        answer.end((await said.text()).replaceAll(`"version":"${packageVersion()}"`, `"version":"${version}"`));
      })
      .catch(() => answer.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(() => void front.close());
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
}

test('a command says that the stack is of another version, status shows both, and errors carry it', async () => {
  const [home, url] = [await tempFolder('home'), await asOfVersion('9.9.9')];
  const env = { PROXYCTL_URL: url, PROXYCTL_TOKEN: running.stack.api.address.token };
  const status = await proxyctl(['status'], { home, env });
  expect(status.exitCode, status.stderr).toBe(0);
  expect(status.stderr).toBe(
    `The stack is of proxyctl 9.9.9, this is ${packageVersion()}: restart it (proxyctl down, then up) to have both of one version.`,
  );
  expect(status.stdout).toMatch(new RegExp(`version: +9\\.9\\.9 \\(this command is ${packageVersion()}\\)`));
  const json = await proxyctl(['status', '--json'], { home, env });
  expect(JSON.parse(json.stdout)).toMatchObject({ version: '9.9.9', commandVersion: packageVersion() });
  const failed = await proxyctl(['session', 'show', 'none'], { home, env });
  expect(failed.exitCode).toBe(5);
  expect(failed.stderr).toContain('The stack is of proxyctl 9.9.9');
}, 60_000);

test('of one version, nobody says anything', async () => {
  const { url, token } = running.stack.api.address;
  const env = { PROXYCTL_URL: url, PROXYCTL_TOKEN: token };
  const { stderr, stdout } = await proxyctl(['status'], { home: await tempFolder('home'), env });
  expect(stderr).toBe('');
  expect(stdout).toMatch(new RegExp(`version: +${packageVersion()}\n`));
});

test('a stack logs once that a client is of another version', async () => {
  const { url, token } = running.stack.api.address;
  for (let n = 0; n < 3; n += 1)
    await fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${token}`, 'x-proxyctl-version': '0.0.9' } });
  const told: unknown[] = [];
  for await (const entry of connectStack({ url, token }).logs({}))
    if (entry.message.includes('another version')) told.push(entry.fields);
  expect(told).toEqual([{ client: '0.0.9', stack: packageVersion() }]);
});

test('no second stack is started where one of another version is, and commands say so by name', async () => {
  const home = await tempFolder('home');
  const file = join(home, 'stack.json');
  await mkdir(home, { recursive: true });
  const state = JSON.stringify({ formatVersion: 7, version: '9.9.9', process: { pid: process.pid } });
  await writeFile(file, state);
  for (const command of [['up', '--detach'], ['status'], ['down'], ['exec', '--', 'true']]) {
    const { exitCode, stderr } = await proxyctl(command, { home });
    expect([command, exitCode]).toEqual([command, 4]);
    expect(stderr).toContain(`A stack of another version of proxyctl (9.9.9; this is ${packageVersion()}) is running`);
    expect(stderr).toContain(`process ${process.pid}`);
  }
  expect(await readFile(file, 'utf8')).toBe(state);
}, 60_000);
