import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { expectNothingRunning, mustRun, type Finished } from '../helpers/processes.js';
import { proxyctl, proxyctlBin, proxyctlEnv } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { untilPrinted } from '../helpers/until-printed.js';

type Run = (...args: string[]) => Promise<Finished>;

async function freshHome(): Promise<{ home: string; run: Run }> {
  const home = await tempFolder('home');
  const run: Run = (...args) => proxyctl(args, { home });
  onTestFinished(async () => {
    await run('down'); // fails where the test has stopped it
    await expectNothingRunning(home);
  });
  return { home, run };
}

test('a stack in the background is found by every command, and down ends all of it', async () => {
  const { home, run } = await freshHome();
  const none = await run('status');
  expect(none.exitCode).toBe(3);
  expect(none.stderr).toContain('PROXYCTL_STACK_NOT_RUNNING');
  expect(none.stderr).toContain('proxyctl up --detach');

  const readyFile = join(home, 'ready.json');
  const up = await run('up', '--detach', '--ready-file', readyFile, '--json');
  const ready = JSON.parse(up.stdout) as { pid: number; url: string; proxyUrl: string; env: Record<string, string> };
  expect(JSON.parse(await readFile(readyFile, 'utf8'))).toEqual(ready);
  expect((await stat(readyFile)).mode & 0o777).toBe(0o600);
  expect(ready.env.HTTPS_PROXY).toBe(ready.proxyUrl);

  const second = await run('up');
  expect(second.exitCode).toBe(4);
  expect(second.stderr).toContain(`process ${ready.pid} answers at ${ready.url}`);

  const status = JSON.parse((await run('status', '--json')).stdout) as object;
  expect(status).toMatchObject({
    pid: ready.pid,
    state: 'ready',
    sessions: [{ id: 'default', proxyUrl: ready.proxyUrl }],
  });
  expect((await run('status')).stdout).toMatch(/^default +live +ready +http/m);
  expect((await run('logs')).stdout).toContain('The stack is ready');
  const [first = ''] = (await run('logs', 'supervisor', '--json')).stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ source: 'supervisor' });

  expect((await run('down')).stdout).toContain(`process ${ready.pid}`);
  await expectNothingRunning(home);
  await expect(stat(readyFile)).rejects.toThrow('ENOENT');
  expect((await run('down')).exitCode).toBe(3);
});

test('toxics are added, listed and removed on the default session', async () => {
  const { run } = await freshHome();
  await run('up', '--detach');
  expect((await run('toxic', 'ls')).stderr).toContain('Add one with: proxyctl toxic latency 300ms');
  const added = await run('toxic', 'latency', '300ms', '--jitter', '50ms', '--stream', 'both');
  expect(added.stdout).toMatch(/^latency_upstream +latency +upstream +1 +latency=300 ms jitter=50 ms$/m);
  const wire = JSON.parse(
    (await run('toxic', 'bandwidth', '1.6mbit', '--name', 'slow', '--toxicity', '50%', '--json')).stdout,
  ) as object;
  expect(wire).toMatchObject([{ name: 'slow', type: 'bandwidth', toxicity: 0.5, attributes: { rate: 200 } }]);
  const again = await run('toxic', 'latency', '1s', '--name', 'slow');
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('PROXYCTL_TOXIC_EXISTS') as string });
  const upstream = JSON.parse((await run('toxic', 'ls', '--stream', 'up', '--json')).stdout) as { name: string }[];
  expect(upstream.map(({ name }) => name)).toEqual(['latency_upstream']);
  expect((await run('toxic', 'rm', 'slow')).stdout).toBe('Removed slow.');
  expect((await run('toxic', 'rm', 'slow')).exitCode).toBe(5);
  expect((await run('toxic', 'reset')).stdout).toBe('Removed 2 toxics from default.');
  const unknown = await run('toxic', 'ls', '--session', 'nope');
  expect(unknown).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('PROXYCTL_SESSION_NOT_FOUND') as string,
  });
});

test('--print-env gives a shell what clients need', async () => {
  const { home, run } = await freshHome();
  const { stdout } = await run('up', '--detach', '--print-env');
  const shell = await mustRun('sh', ['-c', `${stdout}\necho "$PROXYCTL_SESSION $http_proxy [$NO_PROXY]"`], {
    env: { HOME: home },
  });
  expect(shell.stdout).toMatch(/^default http:\/\/127\.0\.0\.1:\d+ \[\]$/);
});

test('in the background, what stands in the way of a start is said by the command that was called', async () => {
  const { run } = await freshHome();
  const { exitCode, stderr } = await run('up', '--detach', '--toxiproxy', '/nowhere/toxiproxy-server');
  expect(exitCode).toBe(7);
  expect(stderr).toContain('PROXYCTL_TOXIPROXY_UNAVAILABLE');
  expect(stderr).toContain('/nowhere/toxiproxy-server');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops a stack in the foreground in order, with exit code 0',
  async (signal) => {
    const { home } = await freshHome();
    const child = execa(process.execPath, [proxyctlBin, 'up'], {
      env: proxyctlEnv(home),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    await untilPrinted(child.stdout, (line) => line === 'The stack is ready.');
    child.kill(signal);
    const { exitCode } = await child;
    expect(exitCode).toBe(0);
    await expectNothingRunning(home);
  },
);

test.runIf(process.platform === 'linux').each([
  ['exec', '--', 'true'],
  ['up', '--no-ui'],
  ['up', '--detach'],
])('a home below which nothing can be made ends %s at once, with what to do', async (...words) => {
  const { exitCode, all } = await proxyctl(words, { home: '/proc/nope', limitMs: 20_000 });
  expect(exitCode, all).toBeGreaterThan(0);
  expect(all).toMatch(/\/proc\/nope/);
  expect(all).toContain('PROXYCTL_HOME');
  expect(all).not.toContain('a bug in proxyctl');
});

test('in the background a stack has every flag that was given, by its former name too, which warns', async () => {
  const { run } = await freshHome();
  const words = ['--port', '0', '--api-origin', 'http://app.test', '--no-intercept', 'pinned.test', '--workers', '1'];
  const { exitCode, stderr } = await run('up', '-d', ...words);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('--port is called --api-port now');
  const { url } = JSON.parse((await run('status', '--json')).stdout) as { url: string };
  const preflight = await fetch(`${url}/v1/status`, {
    method: 'OPTIONS',
    headers: { Origin: 'http://app.test', 'Access-Control-Request-Method': 'GET' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('http://app.test');
  expect((await run('intercept', 'ls')).stdout).toContain('all hosts but pinned.test');
});
