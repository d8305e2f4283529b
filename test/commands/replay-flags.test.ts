import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning, type Finished } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { makeTempFolder, tempFolder } from '../helpers/temp-folder.js';

vi.setConfig({ testTimeout: 90_000 }); // several runs of the command line each

let shared: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  shared = await makeTempFolder('home');
  const { exitCode, all } = await proxyctl(['up', '--detach'], { home: shared.path });
  expect(exitCode, all).toBe(0);
});

afterAll(async () => {
  await proxyctl(['down'], { home: shared.path });
  await expectNothingRunning(shared.path);
  await shared.remove();
});

async function bench(): Promise<{ cwd: string; origin: Origin; run: (args: string[]) => Promise<Finished> }> {
  const [cwd, origin] = [await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  return { cwd, origin, run: (args) => proxyctl(args, { home: shared.path, cwd }) };
}

/** Prints status and body of each URL; exits with 3 when one is 400 or above, or with `code`. */
function client(urls: string[], code = 0): string[] {
  const script = `let worst = Number(process.argv[1]);
    for (const url of process.argv.slice(2)) { const r = await fetch(url); console.log(r.status, await r.text()); if (r.status >= 400) worst ||= 3; }
    process.exitCode = worst`;
  return ['--', process.execPath, '--input-type=module', '-e', script, '--', String(code), ...urls];
}

const report = async (cwd: string): Promise<unknown> => JSON.parse(await readFile(join(cwd, 'report.json'), 'utf8'));

test('a miss passes through, is answered by a status, or is an error, by host; the report tells which', async () => {
  const { cwd, origin, run } = await bench();
  await run(['record', '--test-id', 'shop', ...client([origin.httpUrl('/json?a=1')])]);
  const before = origin.requests.length;
  const policy = ['--on-miss', '127.0.0.1=passthrough', 'localhost=204', '*.invalid=passthrough'];
  const asked = client([
    origin.httpUrl('/json?a=1'),
    origin.httpUrl('/json?new'),
    origin.httpUrl('/gone', 'localhost'),
  ]);
  const replayed = await run(['replay', '--test-id', 'shop', '--report', 'report.json', ...policy, ...asked]);
  expect(replayed.exitCode, replayed.all).toBe(0);
  expect(replayed.stdout.split('\n').at(-1)).toBe('204 ');
  expect(origin.requests.slice(before).map(({ url }) => url)).toEqual(['/json?new']);
  expect(replayed.stderr).toContain(`passed through: GET ${origin.httpUrl('/json?new')}`);
  expect(await report(cwd)).toMatchObject({ summary: { misses: [], passedThrough: [{ index: 1, recorded: false }] } });
  const strict = await run(['replay', '--test-id', 'shop', ...asked]);
  expect(strict.exitCode).toBe(3);
  const wrong = await run(['replay', '--test-id', 'shop', '--on-miss', 'ignore', '--', 'true']);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('--on-miss: “ignore” is not understood');
});

test('misses that are recorded are added to the recording, which answers them with the backend gone', async () => {
  const { origin, run } = await bench();
  const [old, fresh] = [origin.httpUrl('/json?a=1'), origin.httpUrl('/json?b=2')];
  const recorded = await run(['record', '--test-id', 'shop', ...client([old])]);
  const grown = await run(['replay', '--test-id', 'shop', '--on-miss', 'record', ...client([old, fresh])]);
  expect(grown.exitCode, grown.all).toBe(0);
  expect(grown.stderr).toContain(`passed through and recorded: GET ${fresh}`);
  const none = await run(['replay', '--test-id', 'shop', '--on-miss', 'record', ...client([old, fresh])]);
  expect(none.stderr).toContain('All requests were in the recording');
  await origin.close();
  const replayed = await run(['replay', '--test-id', 'shop', ...client([old, fresh])]);
  expect(replayed.exitCode, replayed.all).toBe(0);
  expect(replayed.stdout).toBe(grown.stdout);
  expect(replayed.stdout.startsWith(recorded.stdout)).toBe(true);
  expect(replayed.stderr).toContain('Replayed 2 of 2 requests; 0 upstream connections.');
});

test('what a failed CMD has recorded of its misses is not added', async () => {
  const { origin, run } = await bench();
  const [old, fresh] = [origin.httpUrl('/json?a=1'), origin.httpUrl('/json?b=2')];
  await run(['record', '--test-id', 'shop', ...client([old])]);
  const failed = await run(['replay', '--test-id', 'shop', '--on-miss', 'record', ...client([old, fresh], 4)]);
  expect(failed.exitCode).toBe(4);
  expect((await run(['replay', '--test-id', 'shop', ...client([fresh])])).exitCode).toBe(3);
});

test('a request made more often than recorded repeats, misses or begins anew', async () => {
  const { origin, run } = await bench();
  const url = origin.httpUrl('/json?a=1');
  await run(['record', '--test-id', 'shop', ...client([url])]);
  const twice = async (exhausted: string): Promise<number | undefined> =>
    (await run(['replay', '--test-id', 'shop', '--exhausted', exhausted, ...client([url, url])])).exitCode;
  expect(await twice('repeat')).toBe(0);
  expect(await twice('cycle')).toBe(0);
  expect(await twice('error')).toBe(3);
});

test('what a newer version of the app sends besides may be there, and is named', async () => {
  const { cwd, origin, run } = await bench();
  const [old, newer] = [origin.httpUrl('/json?a=1'), origin.httpUrl('/json?a=1&sort=name')];
  await run(['record', '--test-id', 'shop', '--app-version', '5.1.0', ...client([old])]);
  const replay = (...flags: string[]): Promise<Finished> =>
    run(['replay', '--test-id', 'shop', '--report', 'report.json', ...flags, ...client([newer])]);
  const later = await replay('--app-version', '5.2.1');
  expect(later.exitCode, later.all).toBe(0);
  expect(later.stderr).toContain(`added by 5.2.1: GET ${origin.httpUrl('/json')}: query sort`);
  expect(await report(cwd)).toMatchObject({
    summary: { misses: [], addedFields: [{ where: ['query sort'], by: '5.2.1' }] },
  });
  expect((await replay('--app-version', '5.2.1', '--new-fields', 'miss')).exitCode).toBe(3);
  expect((await replay('--app-version', '5.1.0')).exitCode).toBe(3);
  expect((await replay('--app-version', '5.1.0', '--new-fields', 'allow')).exitCode).toBe(0);
});

type Verdicts = (args: string[]) => Promise<[number | undefined, string]>;

const verdicts =
  ({ cwd, run }: Awaited<ReturnType<typeof bench>>): Verdicts =>
  async (args) => {
    const { exitCode } = await run(['run', '--test-id', 'shop', '--report', 'report.json', ...args]);
    return [exitCode, ((await report(cwd)) as { verdict: string }).verdict];
  };

test('run heals only as it was told, and its exit codes and verdicts tell apart how it ended', async () => {
  const { origin, run, cwd } = await bench();
  const verdict = verdicts({ origin, run, cwd });
  const [old, fresh] = [client([origin.httpUrl('/json?a=1')]), client([origin.httpUrl('/json?b=2')])];
  expect((await run(['run', '--test-id', 'shop', '--heal', 'never', ...old])).exitCode).toBe(5);
  expect(await verdict(['--healed-code', '42', ...old])).toEqual([42, 'healed']);
  expect(await verdict(old)).toEqual([0, 'replayed']);
  expect(await verdict(['--heal', 'never', ...fresh])).toEqual([3, 'failed-replay']);
  expect(await verdict(['--heal', 'miss', ...client([origin.httpUrl('/json?a=1')], 7)])).toEqual([7, 'failed-replay']);
  expect(await verdict(['--heal', 'miss', ...fresh])).toEqual([0, 'healed']);
  expect(await verdict(client([origin.httpUrl('/json?b=2')], 7))).toEqual([7, 'failed-live']);
});

test('a healed test is verified on its new recording, and called unstable when that does not hold', async () => {
  const { origin, run, cwd } = await bench();
  const verdict = verdicts({ origin, run, cwd });
  expect(await verdict(['--verify-heal', ...client([origin.httpUrl('/json?a=1')])])).toEqual([0, 'healed']);
  const random = client([origin.httpUrl('/json')]);
  random[4] = `const u = process.argv[2] + '?n=' + (Date.now() * 7919 % 99991); const r = await fetch(u); process.exitCode = r.ok ? 0 : 3`;
  expect(await verdict(['--verify-heal', ...random])).toEqual([10, 'unstable']);
});
