import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finished } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { makeTempFolder, tempFolder } from '../helpers/temp-folder.js';

/** One stack for all tests, and a backend that answers what it was asked. */
let home: { path: string; remove: () => Promise<void> };
let backend: Server;
let url: string;

beforeAll(async () => {
  home = await makeTempFolder('home');
  backend = createServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://x');
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ path: pathname, q: searchParams.get('q'), run: searchParams.get('run') }));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const { exitCode, all } = await proxyctl(['up', '--detach'], { home: home.path });
  expect(exitCode, all).toBe(0);
});

afterAll(async () => {
  await proxyctl(['down'], { home: home.path });
  backend.close();
  await home.remove();
});

/** Asks for `q`, under a number that is another one in each run of it. */
const script = `
  const run = String(process.pid % 9000 + 1000).slice(0, 4) + process.hrtime.bigint() % 10n;
  const { status, json } = await fetch(process.argv[1] + '/search?q=' + process.argv[2] + '&run=' + run).then(async (r) => ({ status: r.status, json: await r.json() }));
  console.log(status, json.q ?? json.error?.code, json.run === run);
  process.exitCode = status === 200 ? 0 : 1;`;
const client = (q: string): string[] => ['--', process.execPath, '--input-type=module', '-e', script, '--', url, q];

async function bench(): Promise<{ cwd: string; run: (...args: string[]) => Promise<Finished> }> {
  const cwd = await tempFolder('cwd');
  return { cwd, run: (...args) => proxyctl(args, { home: home.path, cwd }) };
}

test('record --runs 2 learns what differs, and a replay lets it differ and nothing else', async () => {
  const { run } = await bench();
  const recorded = await run('record', '--test-id', 'shop', '--runs', '2', '--json', ...client('tea'));
  expect(recorded.exitCode, recorded.all).toBe(0);
  const learned = {
    where: 'query run',
    is: 'volatile',
    method: 'GET',
    host: url.slice('http://'.length),
    path: '/search',
  };
  expect(JSON.parse(recorded.stdout)).toMatchObject({ recording: { rules: { rules: 1, learned: [learned] } } });
  expect(recorded.stderr).toContain(`volatile query run of GET ${learned.host}/search`);

  const shown = await run('recordings', 'rules', 'show', 'shop', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ testId: 'shop', rules: [learned] });
  const replayed = await run('replay', '--test-id', 'shop', ...client('tea'));
  expect([replayed.stdout, replayed.exitCode]).toEqual(['200 tea true', 0]);
  const missed = await run('replay', '--test-id', 'shop', ...client('coffee'));
  expect([missed.stdout, missed.exitCode]).toEqual(['502 PROXYCTL_REPLAY_MISS false', 1]);
  expect(missed.stderr).toMatch(/query q\n +- tea\n +\+ coffee/);
});

test('rules are set and unset by hand; a new recording keeps them, and learns from the one before it', async () => {
  const { run } = await bench();
  await run('record', '--test-id', 'shop', ...client('tea'));
  const replay = (): Promise<Finished> => run('replay', '--test-id', 'shop', ...client('tea'));
  const set = await run('recordings', 'rules', 'set', 'shop', 'query run', '--is', 'volatile', '--path', '/search');
  expect(set.exitCode, set.all).toBe(0);
  expect(set.stdout).toMatch(/#1 +volatile +query run +\* \*\/search +set/);
  await run('record', '--test-id', 'shop', ...client('tea'));
  expect((await replay()).stdout).toBe('200 tea true');
  const unset = await run('recordings', 'rules', 'unset', 'shop', '#1');
  expect(unset.stdout).toContain('No rules.');
  expect((await replay()).exitCode).toBe(1);
  const again = await run('record', '--test-id', 'shop', ...client('tea'));
  expect(again.stderr).toContain('Learned from ');
}, 120_000);

test('rules of the project hold for all its tests', async () => {
  const { cwd, run } = await bench();
  await run('record', '--test-id', 'shop', ...client('tea'));
  const replay = (): Promise<Finished> => run('replay', '--test-id', 'shop', ...client('tea'));
  await writeFile(join(cwd, 'proxyctl.config.yaml'), 'replay:\n  rules:\n    - { where: query run, is: volatile }\n');
  expect((await replay()).stdout).toBe('200 tea true');
  await writeFile(join(cwd, 'proxyctl.config.yaml'), 'replay:\n  rules:\n    - { where: query run, is: maybe }\n');
  const refused = await replay();
  expect(refused.stderr).toMatch(/PROXYCTL_CONFIG: .*replay\.rules: .*is/);
});

test('what is asked wrongly is refused with what would do', async () => {
  const { run } = await bench();
  const without = await run('record', '--test-id', 'shop', '--runs', '2');
  expect([without.exitCode, without.stderr]).toEqual([2, expect.stringContaining('--runs needs a command to run')]);
  await run('record', '--test-id', 'shop', ...client('tea'));
  const rules = (...args: string[]): Promise<Finished> => run('recordings', 'rules', ...args);
  expect((await rules('set', 'shop')).stderr).toContain('recordings rules set needs a place');
  expect((await rules('set', 'shop', '*')).stderr).toContain('This rule needs `where`');
  const unknown = await rules('set', 'shop', '*', '--is', 'exact', '--normalizer', 'guids');
  expect(unknown.stderr).toMatch(/There is no normalizer “guids”[^]*uuids/);
  expect((await rules('unset', 'shop', 'query run')).stderr).toContain('The recording of "shop" has no rule query run');
  expect((await rules('show', 'shop')).stdout).toContain('No rules. Learn them by recording twice');
});

test('a run that fails ends them, and the exit code is its own', async () => {
  const { run } = await bench();
  const failing = ['--', process.execPath, '-e', 'process.exit(7)'];
  const { exitCode, stderr } = await run('record', '--test-id', 'none', '--runs', '3', ...failing);
  expect([exitCode, stderr.match(/Nothing was published/g)]).toEqual([7, ['Nothing was published']]);
});
