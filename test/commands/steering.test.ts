import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import type { Finished } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

/* What the control API does to a running session, the command does. */

let stack: Stack;
let origin: Origin;
let folder: string;
let session: SessionView;

beforeAll(async () => {
  const running = await startStackWithOrigin('steering');
  ({ stack, origin, folder } = running);
  return running.close;
});
beforeEach(async () => {
  session = await stack.api.sessions.create({ history: true });
  return () => stack.api.sessions.delete(session.id);
});

/** `proxyctl ARGS` on the session, as a test in a shell runs it. */
function command(...args: string[]): Promise<Finished> {
  const { url, token } = stack.api.address;
  const env = { PROXYCTL_URL: url, PROXYCTL_TOKEN: token, PROXYCTL_SESSION: session.id };
  return proxyctl(args, { home: folder, env });
}

async function printed<T>(...args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await command(...args, '--json');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as T;
}

async function get(url: string): Promise<Record<string, unknown>> {
  const request = httpRequest({ host: '127.0.0.1', port: session.port, path: url, agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return JSON.parse((await buffer(response)).toString()) as Record<string, unknown>;
}

test('mocks: added, changed in place, listed with their hits, removed', async () => {
  const { id } = await printed<{ id: string }>('mock', 'add', '--path', '/json', '--modify', '$.answer=7');
  expect(await get(origin.httpUrl('/json'))).toMatchObject({ answer: 7 });
  await printed('mock', 'change', id, '--path', '/json', '--modify', '$.answer=8');
  expect(await get(origin.httpUrl('/json'))).toMatchObject({ answer: 8 });
  expect((await command('mock', 'ls')).stdout).toMatch(new RegExp(`${id}.*\\$\\.answer`));
  expect(await printed('mock', 'ls')).toMatchObject([{ id, hits: 2 }]);
  expect(await printed('mock', 'rm', '--all')).toMatchObject({ removed: 1 });
  expect(await get(origin.httpUrl('/json'))).toMatchObject({ answer: 42 });
  expect(await command('mock', 'change', 'mock-0', '--status', '500')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('has no mock "mock-0"') as string,
  });
});

test('redirects: added, listed, removed', async () => {
  const { id } = await printed<{ id: string }>('redirect', 'add', 'shop.example', origin.httpUrl(''));
  expect(await get('http://shop.example/json')).toMatchObject({ answer: 42 });
  expect((await command('redirect', 'ls')).stdout).toContain('shop.example');
  expect(await printed('redirect', 'rm', id)).toMatchObject({ removed: id });
  expect(await stack.api.redirects.list(session.id)).toEqual([]);
});

test('the hosts to intercept: some, all but some, all', async () => {
  expect((await command('intercept', 'except', '*.bank.example')).stdout).toBe(
    `${session.id} intercepts all hosts but *.bank.example.`,
  );
  expect(await printed('intercept', 'ls')).toEqual({ intercept: [], noIntercept: ['*.bank.example'] });
  await printed('intercept', 'only', 'api.example', 'cdn.example:8443');
  expect((await command('intercept', 'ls')).stdout).toBe('only api.example, cdn.example:8443');
  await printed('intercept', 'all');
  expect(await stack.api.interception.get(session.id)).toEqual({ intercept: [], noIntercept: [] });
});

test('expect, har and events tell what was sent', async () => {
  await get(origin.httpUrl('/json?page=1'));
  expect(await printed('expect', '--path', '/json', '--param', 'page=1')).toMatchObject({ met: true });
  const missed = await command('expect', '--path', '/json', '--param', 'page=2', '--within', '20ms');
  expect(missed).toMatchObject({ exitCode: 1, stdout: '' });
  expect(missed.stderr).toMatch(/0 requests fit[^]*parameter page is "1", not "2"/);
  expect((await command('expect', '--path', '/ads', '--none', '--within', '20ms')).exitCode).toBe(0);

  const har = await command('har', '--on', '127.0.0.1', '--path', '/json');
  expect(JSON.parse(har.stdout)).toMatchObject({ log: { entries: [{ response: { status: 200 } }] } });
  expect(JSON.parse((await command('har', '--on', 'other.example')).stdout)).toMatchObject({ log: { entries: [] } });

  const following = command(
    'events',
    '--session',
    session.id,
    '--type',
    'response',
    '--count',
    '1',
    '--bodies',
    '64kB',
    '--json',
  );
  const done = following.then(() => true);
  // Whether it has begun to read is not told: a request more does no harm.
  while (!(await Promise.race([done, get(origin.httpUrl('/json')).then(() => false)])));
  expect(JSON.parse((await following).stdout)).toMatchObject({
    type: 'response',
    status: 200,
    entry: { response: { content: { text: expect.stringContaining('42') as string } } },
  });
});
