import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning, type Finished } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { makeTempFolder, tempFolder } from '../helpers/temp-folder.js';

/** One stack serves all tests but those that are about a stack of the command's own. */
let shared: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  shared = await makeTempFolder('home');
  const { exitCode, all } = await proxyctl(['up', '--detach'], { home: shared.path });
  expect(exitCode, all).toBe(0);
});

afterAll(async () => {
  const { exitCode, all } = await proxyctl(['down'], { home: shared.path });
  expect(exitCode, all).toBe(0);
  await expectNothingRunning(shared.path);
  await shared.remove();
});

interface Bench {
  home: string;
  cwd: string;
  origin: Origin;
  run: (args: string[]) => Promise<Finished>;
}

async function bench(home = shared.path): Promise<Bench> {
  const [cwd, origin] = [await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  const run = (args: string[]): Promise<Finished> =>
    proxyctl(args, { home, cwd, env: { SSL_CERT_FILE: origin.caFile, NODE_EXTRA_CA_CERTS: '' } });
  return { home, cwd, origin, run };
}

/** Prints status and body of each URL, and exits with `code`. */
function client(urls: string[], code = 0): string[] {
  const script = `for (const url of process.argv.slice(2)) { const r = await fetch(url); console.log(r.status, await r.text()); }
    process.exitCode = Number(process.argv[1])`;
  return ['--', process.execPath, '--input-type=module', '-e', script, '--', String(code), ...urls];
}

test('what was recorded is replayed byte for byte with the backend gone and no connection made', async () => {
  const { home, cwd, origin, run } = await bench(await tempFolder('home'));
  const urls = [origin.httpUrl('/json?a=1'), origin.httpsUrl('/json?b=2'), origin.httpsUrl('/bytes/1000')];
  const recorded = await run(['record', '--test-id', 'shop', ...client(urls)]);
  expect(recorded.exitCode).toBe(0);
  expect(recorded.stderr).toMatch(
    new RegExp(`^Recorded "shop": 3 exchanges, 3 bodies \\(1\\.\\d kB\\), in ${cwd}/.proxyctl/recordings$`),
  );
  await origin.close();
  const replayed = await run(['replay', '--test-id', 'shop', ...client(urls)]);
  expect(replayed.exitCode).toBe(0);
  expect(replayed.stdout).toBe(recorded.stdout);
  expect(replayed.stderr).toContain('Replayed 3 of 3 requests; 0 upstream connections.');
  await expectNothingRunning(home);
});

test('a miss is explained with the nearest recorded request, and makes the exit code 10 although CMD succeeded', async () => {
  const { cwd, origin, run } = await bench();
  await run([
    'record',
    '--test-id',
    'shop',
    ...client([origin.httpUrl('/json?page=1'), origin.httpUrl('/status/204')]),
  ]);
  const report = join(cwd, 'out', 'report.json');
  const missing = client([origin.httpUrl('/json?page=2')]);
  const { exitCode, stderr } = await run(['replay', '--test-id', 'shop', '--report', report, ...missing]);
  expect(exitCode).toBe(10);
  expect(stderr).toContain(`1. GET ${origin.httpUrl('/json?page=2')}`);
  expect(stderr).toMatch(/nearest is recorded request #0: GET .*\/json\?page=1\n +query page\n +- 1\n +\+ 2/);
  expect(stderr).toContain('2 recorded requests not asked for');
  expect(stderr).toContain('PROXYCTL_REPLAY_MISSED: 1 of 1 requests are not in the recording of "shop"');
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({
    exitCode: 0,
    summary: { misses: [{ method: 'GET', nearest: { index: 0 } }], upstreamConnections: 0 },
  });
  const allowed = await run(['replay', '--test-id', 'shop', '--allow-misses', ...missing]);
  expect(allowed.exitCode).toBe(0);
  const failing = await run(['replay', '--test-id', 'shop', ...client([origin.httpUrl('/nope')], 7)]);
  expect(failing.exitCode).toBe(7);
});

test('a CMD that fails publishes nothing; what it did is kept aside, and its path said', async () => {
  const { origin, run } = await bench();
  const failed = await run(['record', '--test-id', 'failing', ...client([origin.httpUrl('/json')], 4)]);
  expect(failed.exitCode).toBe(4);
  expect(failed.stderr).toContain('Nothing was published: CMD exited with 4.');
  const journal = /kept in (.+)$/m.exec(failed.stderr)?.[1] ?? '';
  expect(await readdir(journal)).toContain('exchanges.bin');
  const { stdout } = await run(['recordings', 'ls', 'failing', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    published: [],
    unpublished: [{ situation: 'rejected', testId: 'failing', journal, reason: 'CMD exited with 4' }],
  });
  const replayed = await run(['replay', '--test-id', 'failing', '--', 'true']);
  expect(replayed.exitCode).toBe(5);
  expect(replayed.stderr).toContain('Record it with: proxyctl record --test-id failing -- <command>');
});

test('a failed CMD leaves the recording that was published before as it is', async () => {
  const { origin, run } = await bench();
  const good = client([origin.httpUrl('/json')]);
  await run(['record', '--test-id', 'shop', ...good]);
  await run(['record', '--test-id', 'shop', ...client([origin.httpUrl('/status/500')], 1)]);
  expect((await run(['replay', '--test-id', 'shop', ...good])).exitCode).toBe(0);
});

test('any text is a test id like any other, and stays in the store', async () => {
  const { cwd, origin, run } = await bench();
  const ids = ['../../etc/passwd', 'ü'.repeat(150), 'a/b c:d*?', '.', '日本語 ✓'];
  const request = client([origin.httpUrl('/json')]);
  for (const id of ids) {
    expect((await run(['record', '--test-id', id, ...request])).exitCode, id).toBe(0);
    expect((await run(['replay', '--test-id', id, ...request])).exitCode, id).toBe(0);
  }
  expect(await readdir(cwd)).toEqual(['.proxyctl']);
  const { stdout } = await run(['recordings', 'ls', '--json']);
  const { published } = JSON.parse(stdout) as { published: { testId: string }[] };
  expect(published.map(({ testId }) => testId).sort()).toEqual(ids.sort());
});

test('a recording whose store fails is kept whole, said with exit code 11, and pushed later', async () => {
  const { cwd, origin, run } = await bench();
  const store = join(cwd, 'store');
  await writeFile(store, 'a file where a folder should be');
  const request = client([origin.httpUrl('/json')]);
  const recorded = await run(['record', '--test-id', 'shop', '--store', store, ...request]);
  expect(recorded.exitCode).toBe(11);
  expect(recorded.stderr).toContain('PROXYCTL_NOT_PUBLISHED');
  expect(recorded.stderr).toContain('proxyctl recordings push');
  const other = join(cwd, 'other');
  await mkdir(other);
  const pushed = await run(['recordings', 'push', '--store', other]);
  expect(pushed.stdout).toContain(`Recorded "shop": 1 exchange`);
  expect((await run(['replay', '--test-id', 'shop', '--store', other, ...request])).exitCode).toBe(0);
  expect((await run(['recordings', 'push'])).stderr).toBe('Nothing waits to be published.');
});

test('run replays; when that misses it runs live and records anew; when live fails too it says so', async () => {
  const { origin, run } = await bench();
  const first = client([origin.httpUrl('/json')]);
  const outcome = async (args: string[]) =>
    (await run(['run', '--test-id', 'shop', ...args])).stderr.split('\n').at(-1);
  expect(await outcome(first)).toMatch(/^healed/);
  expect(await outcome(first)).toMatch(/^replayed/);
  const changed = client([origin.httpUrl('/json?new')]);
  expect(await outcome(changed)).toMatch(/^healed/);
  expect(await outcome(changed)).toMatch(/^replayed/);
  const broken = await run(['run', '--test-id', 'shop', ...client([origin.httpUrl('/json?new')], 9)]);
  expect(broken.exitCode).toBe(9);
  expect(broken.stderr.split('\n').at(-1)).toMatch(/^failed live too/);
});

test('recordings show prints the exchanges, and one of them whole; rm removes', async () => {
  const { origin, run } = await bench();
  await run(['record', '--test-id', 'shop', ...client([origin.httpUrl('/json?a=1')])]);
  expect((await run(['recordings', 'show', 'shop'])).stdout).toMatch(/^0 +GET +200 .*\/json\?a=1$/m);
  const entry = await run(['recordings', 'show', 'shop', '--entry', '0']);
  expect(entry.stdout).toContain('"answer": 42');
  expect(entry.stdout).toMatch(/^content-type: application\/json/im);
  const none = await run(['recordings', 'show', 'shop', '--entry', '5']);
  expect(none.exitCode).toBe(5);
  expect((await run(['recordings', 'rm', 'shop', '--dry-run'])).stdout).toMatch(/^Would remove /);
  expect((await run(['recordings', 'rm', 'shop'])).stdout).toMatch(/^Removed /);
  expect((await run(['recordings', 'show', 'shop'])).exitCode).toBe(5);
  expect((await run(['recordings', 'rm', 'shop'])).exitCode).toBe(5);
});
