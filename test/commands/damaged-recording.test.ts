import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

const size = 300_000;

/** A recording of two answers, one of them with a body too large to stand in its HAR. */
async function recorded() {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  const script = `for (const url of process.argv.slice(1)) { const r = await fetch(url); await r.arrayBuffer().catch(() => 0); }`;
  const urls = [origin.httpUrl('/json?a=1'), origin.httpUrl(`/bytes/${size}`)];
  const cmd = ['--', process.execPath, '--input-type=module', '-e', script, '--', ...urls];
  const run = (...words: string[]) => proxyctl([...words, ...cmd], { home, cwd });
  const done = await run('record', '--test-id', 'shop');
  expect(done.exitCode, done.stderr).toBe(0);
  const bodies = join(cwd, '.proxyctl/recordings/bodies');
  const paths = (await readdir(bodies, { recursive: true })).map((name) => join(bodies, name));
  const large: string[] = [];
  for (const path of paths) {
    const info = await stat(path);
    if (info.isFile() && info.size > 100) large.push(path);
  }
  return { cwd, run, body: large[0] ?? '' };
}

test('a damaged body makes a replay fail although its CMD took no notice, in the summary and the exit code', async () => {
  const { cwd, run, body } = await recorded();
  const bytes = await readFile(body);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(body, bytes);

  const report = join(cwd, 'report.json');
  const { exitCode, stderr } = await run('replay', '--test-id', 'shop', '--report', report, '--report-dir', 'reports');
  expect(exitCode, stderr).toBe(15);
  expect(stderr).toMatch(/1 answer could not be given: The body .* was altered/);
  expect(stderr).toContain('Replayed 1 of 2 requests');
  expect(stderr).toContain('PROXYCTL_REPLAY_FAILED');
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ summary: { failures: [{ own: true }] } });
  const [folder = ''] = await readdir(join(cwd, 'reports'));
  const junit = await readFile(join(cwd, 'reports', folder, 'junit.xml'), 'utf8');
  expect(junit).toContain('failures="1"');
  expect(junit).toContain('1 answer could not be given');

  const allowed = await run('replay', '--test-id', 'shop', '--allow-misses');
  expect(allowed.exitCode, allowed.stderr).toBe(15);
  const never = await run('run', '--test-id', 'shop', '--heal', 'never');
  expect(never.exitCode, never.stderr).toBe(15);
  const healed = await run('run', '--test-id', 'shop', '--verify-heal');
  expect(healed.exitCode, healed.stderr).toBe(0);
  expect(healed.stderr).toContain('healed: the test passes live');
}, 120_000);

test('a failure that was recorded, and a client that goes away, fail no replay', async () => {
  const [home, cwd] = [await tempFolder('home'), await tempFolder('cwd')];
  const origin = await Origin.start((request, response) => {
    if (request.url === '/reset') return void response.socket?.destroy();
    if (request.url === '/error') response.statusCode = 500;
    response.end(Buffer.alloc(request.url === '/large' ? 3_000_000 : 10));
  });
  onTestFinished(() => origin.close());
  const script = `const [reset, error, large] = process.argv.slice(1);
    await fetch(reset).then((r) => r.text()).catch(() => 0);
    await fetch(error).then((r) => r.text());
    const stop = new AbortController();
    await fetch(large, { signal: stop.signal }).then(async (r) => { await r.body.getReader().read(); stop.abort(); });`;
  const urls = ['/reset', '/error', '/large'].map((path) => origin.httpUrl(path));
  const cmd = ['--', process.execPath, '--input-type=module', '-e', script, '--', ...urls];
  for (const mode of ['record', 'replay']) {
    const { exitCode, stderr } = await proxyctl([mode, '--test-id', 'shop', ...cmd], { home, cwd });
    expect(exitCode, stderr).toBe(0);
  }
}, 60_000);
