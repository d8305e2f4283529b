import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { startParentProxy } from '../helpers/parent-proxy.js';
import { expectNothingRunning, run } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

let origin: Origin;

beforeAll(async () => {
  origin = await Origin.start();
});

afterAll(() => origin.close());

interface StackWithFlags {
  home: string;
  proxyUrl: string;
  /** What a client of the default session gets for each URL: a status, or the code of a failure. */
  ask: (...urls: string[]) => Promise<string[]>;
}

const client = `for (const url of process.argv.slice(1))
  console.log(await fetch(url).then((answer) => answer.status, (error) => error.cause.code));`;

/** A stack in the background, started with these flags. */
async function upWith(...flags: string[]): Promise<StackWithFlags> {
  const home = await tempFolder('home');
  onTestFinished(async () => {
    await proxyctl(['down'], { home });
    await expectNothingRunning(home);
  });
  const up = await proxyctl(['up', '--detach', '--json', '--api-port', '0', ...flags], { home });
  expect(up.exitCode, up.all).toBe(0);
  const { env, proxyUrl } = JSON.parse(up.stdout) as { env: Record<string, string>; proxyUrl: string };
  const ask = async (...urls: string[]): Promise<string[]> => {
    const args = ['--input-type=module', '-e', client, '--', ...urls];
    return (await run(process.execPath, args, { env })).stdout.split('\n');
  };
  return { home, proxyUrl, ask };
}

test('the default session trusts the backends that --upstream-ca names, and no others', async () => {
  const trusting = await upWith('--upstream-ca', origin.caFile);
  expect(await trusting.ask(origin.httpsUrl('/json'))).toEqual(['200']);
  const strict = await upWith();
  expect(await strict.ask(origin.httpsUrl('/json'))).toEqual(['502']);
});

test('the default session opens the TLS of --intercept alone, and of --no-intercept not', async () => {
  const url = origin.httpsUrl('/json');
  const opened = await upWith('--upstream-ca', origin.caFile, '--intercept', 'localhost', '--no-intercept', 'a.test');
  expect(await opened.ask(url)).toEqual(['200']);
  // What passes untouched shows its own certificate, which the client does not trust.
  const untouched = expect.stringMatching(/CERT|SIGNATURE/) as string;
  const others = await upWith('--upstream-ca', origin.caFile, '--intercept', 'a.test');
  expect(await others.ask(url)).toEqual([untouched]);
  const left = await upWith('--upstream-ca', origin.caFile, '--no-intercept', 'localhost');
  expect(await left.ask(url)).toEqual([untouched]);
});

test('the default session goes where --resolve says, serves --reverse, and keeps its --history', async () => {
  const { port } = new URL(origin.httpUrl('/'));
  const flags = ['--resolve', `no-such-host.example:80=127.0.0.1:${port}`, '--reverse', origin.httpUrl('')];
  const { ask, proxyUrl, home } = await upWith(...flags, '--history');
  expect(await ask('http://no-such-host.example/status/418')).toEqual(['418']);
  expect((await fetch(`${proxyUrl}/status/404`)).status).toBe(404);
  const { stdout } = await proxyctl(['har'], { home });
  expect(stdout).toContain('http://no-such-host.example/status/418');
});

test('the default session goes through --upstream-proxy, whose password nobody is shown', async () => {
  const proxy = await startParentProxy({ credentials: 'me:quite-secret' });
  const { ask, home } = await upWith('--upstream-proxy', proxy.url('me:quite-secret'));
  expect(await ask(origin.httpUrl('/json'))).toEqual(['200']);
  expect(proxy.asked).toHaveLength(1);
  for (const words of [['status'], ['session', 'show', 'default'], ['logs']]) {
    const shown = await proxyctl([...words, '--json'], { home });
    expect(shown.exitCode, shown.all).toBe(0);
    expect(shown.all).not.toContain('quite-secret');
  }
});

test('a flag of the default session that makes no sense ends up, by its name', async () => {
  const home = await tempFolder('home');
  const { exitCode, stderr } = await proxyctl(['up', '--detach', '--upstream-ca', 'gone.pem'], { home });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--upstream-ca: gone.pem cannot be read');
  await expectNothingRunning(home);
});
