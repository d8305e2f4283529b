import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectStack, type StackApi } from '../../src/api/client.js';
import type { CreateSessionRequest, SessionView } from '../../src/api/schemas.js';
import { Origin } from '../helpers/origin.js';
import type { Finished } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { makeTempFolder } from '../helpers/temp-folder.js';
import { textOfFiles } from '../helpers/text-of-files.js';

/** Secrets by the project's rules alone, and what none of them is about. */
const device = 'device-4711-abcdef';
const ticket = 'qwertzuiop';
const visible = 'visible-4711-abcdef';
const rules = [
  'redact: { headers: [X-Device], patterns: ["ticket-(\\\\w+)"] }',
  'replay: { rules: [{ where: query seed, is: volatile }] }',
].join('\n');
const headers = { 'x-device': device, 'x-devices': visible };

let root: string;
let origin: Origin;
let remove: () => Promise<void>;
/** Of the stack that was started in the project's folder, and of one that was started where no project is. */
let ofProject: StackApi;
let ofNone: StackApi;
const folder = (...names: string[]): string => join(root, ...names);
const [projectHome, otherHome] = ['home of project', 'home of none'];

beforeAll(async () => {
  ({ path: root, remove } = await makeTempFolder('project'));
  origin = await Origin.start();
  for (const name of ['project/below', 'none', 'cart']) await mkdir(folder(name), { recursive: true });
  await writeFile(folder('project', 'proxyctl.config.yaml'), rules);
  await writeFile(folder('cart', 'proxyctl.config.yaml'), 'redact: { headers: [X-Devices] }');
  ofProject = await up(projectHome, 'project');
  ofNone = await up(otherHome, 'none');
});
/** Of a test. */
let store: string;
beforeEach(() => {
  store = folder('store');
  return rm(store, { recursive: true, force: true });
});
afterAll(async () => {
  for (const home of [projectHome, otherHome]) await run(home, 'none', 'down');
  await origin.close();
  await remove();
});

function run(home: string, cwd: string, ...args: string[]): Promise<Finished> {
  return proxyctl(args, { home: folder(home), cwd: folder(cwd) });
}

async function mustRun(home: string, cwd: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, all } = await run(home, cwd, ...args);
  expect(exitCode, all).toBe(0);
  return stdout;
}

async function up(home: string, cwd: string): Promise<StackApi> {
  const address = JSON.parse(await mustRun(home, cwd, 'up', '--detach', '--json')) as { url: string; token: string };
  return connectStack(address);
}

/** Asks the backend through a session, with the secrets. */
async function ask({ port }: Pick<SessionView, 'port'>, path = `/json?page=ticket-${ticket}`): Promise<number> {
  const request = httpRequest({ ...{ host: '127.0.0.1', port, agent: false }, path: origin.httpUrl(path), headers });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return response.statusCode ?? 0;
}

/** The same from a command. */
function client(): string[] {
  const script = 'await (await fetch(process.argv[1], { headers: JSON.parse(process.argv[2]) })).text()';
  const url = origin.httpUrl(`/json?page=ticket-${ticket}`);
  return ['--', process.execPath, '--input-type=module', '-e', script, '--', url, JSON.stringify(headers)];
}

/** The secrets that are in the store or with the journals of a stack. */
async function leaked(home: string): Promise<string[]> {
  const stored = await textOfFiles(store);
  expect(stored).toContain('"recordingId"');
  const all = stored + (await textOfFiles(folder(home, 'journal')));
  return [device, ticket, visible].filter((secret) => all.includes(secret));
}

async function recordBy(stack: StackApi, request: Partial<CreateSessionRequest> = {}): Promise<SessionView> {
  const session = await stack.sessions.create({ mode: 'record', testId: 'shop', store, ...request });
  await ask(session);
  await stack.sessions.endRecording(session.id, { verdict: 'publish' });
  await stack.sessions.delete(session.id);
  return session;
}

async function recordByCreate(home: string, cwd: string, ...more: string[]): Promise<void> {
  const create = ['session', 'create', '--mode', 'record', '--test-id', 'shop', '--store', store, '--json', ...more];
  const session = JSON.parse(await mustRun(home, cwd, ...create)) as SessionView;
  await ask(session);
  await mustRun(home, cwd, 'session', 'publish', session.id);
}

describe('what the config file says is a secret is none in a recording', () => {
  test.each([
    ['on the project’s stack', projectHome, 'project'],
    ['on a stack that was started elsewhere', otherHome, 'project/below'],
    ['on a stack of its own', 'home of its own', 'project'],
  ])('by record %s', async (_, home, cwd) => {
    await mustRun(home, cwd, 'record', '--test-id', 'shop', '--store', store, ...client());
    expect(await leaked(home)).toEqual([visible]);
  });

  test.each([
    ['record', ['record', '--runs', '2']],
    ['run', ['run']],
  ])('by %s, whichever run it is of', async (_, words) => {
    await mustRun(otherHome, 'project', ...words, '--test-id', 'shop', '--store', store, ...client());
    expect(await leaked(otherHome)).toEqual([visible]);
  });

  test.each([
    ['on the project’s stack', projectHome, 'project'],
    ['on a stack that was started elsewhere', otherHome, 'project/below'],
    ['on the project’s stack, from a folder of none', projectHome, 'none'],
  ])('by session create %s', async (_, home, cwd) => {
    await recordByCreate(home, cwd);
    expect(await leaked(home)).toEqual([visible]);
  });

  test('by the control API', async () => {
    const { url, token } = ofProject.address;
    const body = JSON.stringify({ mode: 'record', testId: 'shop', store, id: 'bare', command: ['/bin/x', device] });
    const auth = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const created = await fetch(`${url}/v1/sessions`, { method: 'POST', headers: auth, body });
    expect(created.status).toBe(201);
    const session = (await created.json()) as SessionView;
    expect(session.redact).toMatchObject({ headers: ['X-Device'] });
    await ask(session);
    await fetch(`${url}/v1/sessions/bare/recording`, { method: 'POST', headers: auth, body: '{"verdict":"publish"}' });
    expect(await leaked(projectHome)).toEqual([visible]);
  });

  test('by the typed client', async () => {
    {
      await using session = await ofProject.open({ mode: 'record', testId: 'shop', store });
      await ask(session);
      await session.publish();
    }
    expect(await leaked(projectHome)).toEqual([visible]);
  });

  test('by a session whose MITM process was killed and that came back', async () => {
    const session = await ofProject.sessions.create({ mode: 'record', testId: 'shop', store });
    await ask(session);
    const pid = (await ofProject.status()).children.find(({ name }) => name === session.worker)?.pid ?? -1;
    const restored = (async () => {
      const signal = AbortSignal.timeout(20_000);
      for await (const event of ofProject.events({ session: session.id, types: ['session'], since: 0, signal }))
        if (event.type === 'session' && event.action === 'restored') return;
      throw new Error('The session was not restored');
    })();
    process.kill(pid, 'SIGKILL');
    await restored;
    await ask(session);
    const { entries } = await ofProject.sessions.endRecording(session.id, { verdict: 'publish' });
    await ofProject.sessions.delete(session.id);
    expect(entries).toBe(2);
    expect(await leaked(projectHome)).toEqual([visible]);
  });

  test('by a replay that records what it misses', async () => {
    await recordBy(ofProject);
    const onMiss = [{ host: '*', action: 'record' as const }];
    const session = await ofProject.sessions.create({ mode: 'replay', testId: 'shop', store, onMiss });
    await ask(session, `/bytes/7?page=ticket-${ticket}`);
    expect(await ofProject.sessions.endRecording(session.id, { verdict: 'publish' })).toMatchObject({ entries: 2 });
    await ofProject.sessions.delete(session.id);
    expect(await leaked(projectHome)).toEqual([visible]);
    const again = await ofProject.sessions.create({ mode: 'replay', testId: 'shop', store });
    expect([await ask(again), await ask(again, `/bytes/7?page=ticket-${ticket}`)]).toEqual([200, 200]);
    await ofProject.sessions.delete(again.id);
  });

  test('by a replay of none that adds to a recording of the project', async () => {
    await recordBy(ofProject);
    const onMiss = [{ host: '*', action: 'record' as const }];
    const session = await ofNone.sessions.create({ mode: 'replay', testId: 'shop', store, onMiss });
    await ask(session, `/bytes/7?page=ticket-${ticket}`);
    await ofNone.sessions.endRecording(session.id, { verdict: 'publish' });
    await ofNone.sessions.delete(session.id);
    expect(await leaked(otherHome)).toEqual([visible]);
  });

  test.each([
    ['the rules of its session', projectHome, 'none'],
    ['those of the project in which it is pushed', otherHome, 'project'],
  ])('by recordings push, by %s', async (_, home, cwd) => {
    const stack = home === projectHome ? ofProject : ofNone;
    await writeFile(folder('blocked'), '');
    await expect(recordBy(stack, { store: folder('blocked', 'store') })).rejects.toThrow(/was not published/);
    await mustRun(home, cwd, 'recordings', 'push', '--store', store);
    expect(await readdir(folder(home, 'journal'))).toEqual([]);
    expect(await leaked(home)).toEqual([visible]);
    for (const { id, testId } of await stack.sessions.list()) if (testId === 'shop') await stack.sessions.delete(id);
  });
});

describe('what the request says', () => {
  test('is added to what the config file says', async () => {
    await recordBy(ofProject, { redact: { headers: ['x-devices'], fields: [], patterns: [], keep: [] } });
    expect(await leaked(projectHome)).toEqual([]);
  });

  test('holds where it says that nothing is replaced', async () => {
    await recordBy(ofProject, { redact: false });
    expect(await leaked(projectHome)).toEqual([device, ticket, visible]);
  });

  test('is of its own project where that has a config file, and what the stack’s would replace is replaced besides', async () => {
    await recordByCreate(projectHome, 'cart');
    expect(await leaked(projectHome)).toEqual([]);
  });

  test('is all there is on a stack of no project', async () => {
    await recordBy(ofNone);
    expect(await leaked(otherHome)).toEqual([device, ticket, visible]);
  });
});

describe('the rules for replays of the config file', () => {
  /** What `?seed=` and `?size=` with other values than were recorded are answered with. */
  async function replayed(session: SessionView, stack: StackApi): Promise<number[]> {
    const statuses = [await ask(session, '/json?seed=zwei'), await ask(session, '/json?size=zwei')];
    await stack.sessions.delete(session.id);
    return statuses;
  }

  beforeEach(async () => {
    const session = await ofNone.sessions.create({ mode: 'record', testId: 'shop', store });
    for (const path of ['/json?seed=eins', '/json?size=eins']) await ask(session, path);
    await ofNone.sessions.endRecording(session.id, { verdict: 'publish' });
    await ofNone.sessions.delete(session.id);
  });

  test('hold for sessions of the API on the project’s stack, and nowhere else', async () => {
    const request = { mode: 'replay' as const, testId: 'shop', store };
    expect(await replayed(await ofProject.sessions.create(request), ofProject)).toEqual([200, 502]);
    expect(await replayed(await ofNone.sessions.create(request), ofNone)).toEqual([502, 502]);
  });

  test.each([
    ['in the project', 'project', [200, 502]],
    ['in a folder of none', 'none', [502, 502]],
  ])('hold for session create %s, wherever the stack was started', async (_, cwd, statuses) => {
    const create = ['session', 'create', '--mode', 'replay', '--test-id', 'shop', '--store', store, '--json'];
    const session = JSON.parse(await mustRun(otherHome, cwd, ...create)) as SessionView;
    expect(await replayed(session, ofNone)).toEqual(statuses);
  });

  test('of the stack’s project do not hold for sessions of another one', async () => {
    const create = ['session', 'create', '--mode', 'replay', '--test-id', 'shop', '--store', store, '--json'];
    const session = JSON.parse(await mustRun(projectHome, 'cart', ...create)) as SessionView;
    expect(await replayed(session, ofProject)).toEqual([502, 502]);
  });
});

test('session create takes the branch and the version that it is given, as record does', async () => {
  await writeFile(folder('cart', 'package.json'), '{"version":"5.1.0"}');
  await recordByCreate(otherHome, 'cart', '--branch', 'feature', '--app-version', 'auto');
  expect(await textOfFiles(store)).toMatch(/"appVersion":"5\.1\.0","branch":"feature"/);
});

test('the session default of up has the settings of the folder it was started in', async () => {
  expect((await ofProject.sessions.get('default')).redact).toMatchObject({ headers: ['X-Device'] });
  expect((await ofNone.sessions.get('default')).redact).toBeUndefined();
});

test('the report on a session is without the secrets of its project, wherever session rm runs', async () => {
  const session = await ofProject.sessions.create({ history: true });
  await ask(session);
  await mustRun(projectHome, 'none', 'session', 'rm', session.id, '--report-dir', folder('reports'));
  const reports = await textOfFiles(folder('reports'));
  expect(reports).toContain(visible);
  expect(reports).not.toContain(device);
});
