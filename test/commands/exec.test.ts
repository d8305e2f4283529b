import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning, processesWith } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

/** A client that prints the status of each URL, with what speaks for it: Node's fetch, by the environment alone. */
function client(...urls: string[]): string[] {
  const script = 'for (const url of process.argv.slice(1)) console.log((await fetch(url)).status)';
  return [process.execPath, '--input-type=module', '-e', script, '--', ...urls];
}

test('CMD’s requests go through a session of a stack that is started for it and gone afterwards', async () => {
  const home = await tempFolder('home');
  const origin = await startOrigin();
  const urls = [origin.httpUrl('/json'), origin.httpsUrl('/status/418')];
  const { exitCode, stdout, stderr } = await proxyctl(['exec', '--', ...client(...urls)], {
    home,
    env: { SSL_CERT_FILE: origin.caFile, NODE_EXTRA_CA_CERTS: '' },
  });
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '200\n418', stderr: '' });
  expect(origin.requests).toHaveLength(2);
  await expectNothingRunning(home);
  expect(await readdir(home)).not.toContain('stack.json');
});

test('CMD sees the session, its stack and its own variables; its exit code is passed through', async () => {
  const script = `const { PROXYCTL_SESSION, HTTPS_PROXY, https_proxy, NO_PROXY, MINE } = process.env;
    console.log(JSON.stringify({ PROXYCTL_SESSION, same: HTTPS_PROXY === https_proxy, NO_PROXY, MINE })); process.exit(42)`;
  const { exitCode, stdout } = await proxyctl(['exec', '--', process.execPath, '-e', script], {
    home: await tempFolder('home'),
    env: { MINE: 'a b', NO_PROXY: 'localhost' },
  });
  expect(exitCode).toBe(42);
  expect(JSON.parse(stdout)).toEqual({
    PROXYCTL_SESSION: expect.stringMatching(/^[a-z0-9-]+$/) as string,
    same: true,
    NO_PROXY: '',
    MINE: 'a b',
  });
});

test('with --json the session’s summary is all that is on stdout', async () => {
  const origin = await startOrigin();
  const { stdout, stderr } = await proxyctl(['exec', '--json', '--', ...client(origin.httpUrl('/json'))], {
    home: await tempFolder('home'),
  });
  expect(stderr).toBe('200');
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, session: { mode: 'live', counters: { exchanges: 1 } } });
});

test('an upstream certificate that is not trusted is an error to the client; --insecure-upstream and --upstream-ca help', async () => {
  const home = await tempFolder('home');
  const origin = await startOrigin();
  const ask = (...flags: string[]) => proxyctl(['exec', ...flags, '--', ...client(origin.httpsUrl('/json'))], { home });
  expect((await ask()).stdout).toBe('502');
  expect((await ask('--upstream-ca', origin.caFile)).stdout).toBe('200');
  expect((await ask('--insecure-upstream')).stdout).toBe('200');
  expect((await ask('--insecure-upstream', 'other.test')).stdout).toBe('502');
});

test('a CMD that cannot be found is said before anything is started', async () => {
  const home = await tempFolder('home');
  const { exitCode, stderr } = await proxyctl(['exec', '--', 'no-such-program'], { home });
  expect(exitCode).toBe(127);
  expect(stderr).toContain('"no-such-program" is not on PATH');
  expect(await readdir(home)).toEqual([]);
  expect(await processesWith(home)).toEqual([]);
});

test('a PROXYCTL_URL that nobody answers at is an error, not a reason to start another stack', async () => {
  const { exitCode, stderr } = await proxyctl(['exec', '--', 'true'], {
    home: await tempFolder('home'),
    env: { PROXYCTL_URL: 'http://127.0.0.1:1', PROXYCTL_TOKEN: 'x' },
  });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('PROXYCTL_STACK_NOT_RUNNING: No stack answers at http://127.0.0.1:1');
});
