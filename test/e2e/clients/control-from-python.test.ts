import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Har } from '../../../src/har/har.js';
import { mustRun, run, type Finished } from '../../helpers/processes.js';
import { pythonEnv } from '../../helpers/real-input.js';
import { startStackWithOrigin, type StackWithOrigin } from '../../helpers/stack-with-origin.js';

/** The example as a user has it: a copy, with a client that is generated from the document of a running stack. */
let running: StackWithOrigin;
let project: string;
let generated: Finished;

beforeAll(async () => {
  running = await startStackWithOrigin('from-python');
  project = join(running.folder, 'project');
  await cp(join(import.meta.dirname, '../../../examples/pytest'), project, { recursive: true });
  const { url, token } = running.stack.api.address;
  const document = await fetch(`${url}/v1/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
  await writeFile(join(project, 'openapi.json'), await document.text());
  const flags = ['--path', 'openapi.json', '--meta', 'none', '--output-path', 'proxyctl_client'];
  generated = await mustRun('openapi-python-client', ['generate', ...flags], { cwd: project, env: pythonEnv() });
});

afterAll(() => running.close());

function pytest(...args: string[]): Promise<Finished> {
  const { url, token } = running.stack.api.address;
  // As in `proxyctl exec`: a proxy in the environment, which neither the client's own calls nor the session's may take.
  const env = { ...pythonEnv(), PROXYCTL_URL: url, PROXYCTL_TOKEN: token, HTTP_PROXY: 'http://127.0.0.1:9' };
  return run('python3', ['-m', 'pytest', '-q', ...args], { cwd: project, env });
}

test('a client in Python can be generated from the document, whole but for the stream of logs', () => {
  const left = generated.all.match(/WARNING parsing .*/g) ?? [];
  expect(left).toEqual(['WARNING parsing GET /v1/logs within stack.']);
  expect(generated.all).not.toContain('Unable to process');
});

test('the pytest example passes: a session for each test, a mocked field, a slow link, expectations, the HAR', async () => {
  const finished = await pytest();
  expect(finished.exitCode, finished.all).toBe(0);
  expect(finished.stdout).toContain('3 passed');
  await expect(readdir(join(project, 'reports'))).rejects.toThrow('ENOENT'); // kept of failures only
  expect(await running.stack.api.sessions.list()).toEqual([]);
});

test('a failing test says what came closest and leaves its traffic behind', async () => {
  const failing = join(project, 'failing');
  await mkdir(failing);
  await writeFile(
    join(failing, 'test_fails.py'),
    `from test_cart import backend, total

def test_fails(proxy, backend):
    total(proxy.http(), backend)
    proxy.expect({"command": "/statistics", "json_params": {"$.total": "1 EUR"}}, within="100ms")

def test_is_refused(proxy):
    proxy.mock({"command": "/cart"}, response={"modify": {"no path": 1}})
`,
  );
  const finished = await pytest('failing');
  expect(finished.exitCode, finished.all).toBe(1);
  expect(finished.stdout).toMatch(
    /AssertionError: 0 requests fit, at least 1 expected[^]*POST http.*\/statistics: .*16\.5 EUR/,
  );
  expect(finished.stdout).toMatch(/RuntimeError: .*This is not a JSONPath.*PROXYCTL_USAGE/);
  const har = JSON.parse(await readFile(join(project, 'reports/test_fails.har'), 'utf8')) as Har;
  expect(har.log.entries.map(({ request }) => request.method)).toEqual(['GET', 'POST']);
  expect(await running.stack.api.sessions.list()).toEqual([]);
});
