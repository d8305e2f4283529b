import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../supervisor/free-port.js';
import { pythonEnv } from '../../helpers/real-input.js';
import { eventOf, startService, type Service } from '../../helpers/scenario.js';
import { startStackWithOrigin, type StackWithOrigin } from '../../helpers/stack-with-origin.js';

/*
 * A web page of a UI service in Flask, whose data comes from a user service with a database. The UI reaches it by a
 * name that only a redirect of the session makes known, through the session's proxy, which has the same port in each of
 * its lives.
 */
const program = join(import.meta.dirname, '../../fixtures/scenarios/flask_users.py');
let running: StackWithOrigin;
let port: number;
let users: Service;
let ui: Service;

beforeAll(async () => {
  running = await startStackWithOrigin('flask-ui');
  port = await freePort();
  const through = { HTTP_PROXY: `http://127.0.0.1:${port}` };
  [users, ui] = await Promise.all([
    startService(['python3', program, 'users', join(running.folder, 'users.db')], pythonEnv()),
    startService(['python3', program, 'ui', 'http://users.test'], { ...pythonEnv(), ...through }),
  ]);
});

afterAll(async () => {
  await Promise.all([users.stop(), ui.stop()]);
  await running.close();
});

async function profile(user = 1): Promise<string> {
  return (await fetch(`http://127.0.0.1:${ui.port}/profile/${user}`)).text();
}

async function signUp(name: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${ui.port}/sign-up`, {
    method: 'POST',
    body: new URLSearchParams({ name }),
  });
  return answer.text();
}

const toUsers = () => ({ from: 'users.test', to: `http://127.0.0.1:${users.port}` });
const today = () => new Date().toISOString().slice(0, 10);

test('a field that is mocked shows on the page, an event tells of it, and a slow link makes the page slow', async () => {
  await using session = await running.stack.api.open({ port });
  await session.redirect(toUsers());
  expect(await signUp('Ada')).toBe('<p>Welcome, number 1</p>');
  expect(await profile()).toBe(`<h1>Ada</h1><p>free since ${today()}</p>`);
  await session.expect({
    predicate: { host: 'users.test', method: 'POST', command: '/users', json_params: { '$.name': 'Ada' } },
    count: { min: 1, max: 1 },
    within: '100ms',
  });

  await session.mock({
    predicate: { host: 'users.test', command: '/users/1' },
    response: { modify: { '$.plan': 'gold' } },
  });
  const event = await eventOf(session, 'response', profile, ({ url }) => url.endsWith('/users/1'));
  expect(event).toMatchObject({ method: 'GET', url: 'http://users.test/users/1', status: 200 });
  expect(await profile()).toBe(`<h1>Ada</h1><p>gold since ${today()}</p>`);

  await session.link({ rtt: '300ms' });
  const begun = performance.now();
  expect(await profile(2)).toBe('<p>Sorry: 404</p>'); // nobody has that number
  expect(performance.now() - begun).toBeGreaterThan(300);
});

test('what the page asked its service is recorded, and replayed with the service gone', async () => {
  const recorded = { testId: 'flask', store: join(running.folder, 'store') };
  const live: string[] = [];
  {
    await using session = await running.stack.api.open({ ...recorded, mode: 'record', port });
    await session.redirect(toUsers());
    live.push(await signUp('Grace'), await profile(), await profile(2));
    expect(await session.publish()).toMatchObject({ published: true, entries: 3 });
  }
  await users.stop();

  await using session = await running.stack.api.open({ ...recorded, mode: 'replay', port });
  expect([await signUp('Grace'), await profile(), await profile(2)]).toEqual(live);
  expect(await profile(3)).toMatch(/Sorry: 502/); // nobody had asked for this one
  const { misses, upstreamConnections } = await session.close();
  expect(misses).toMatchObject([{ url: 'http://users.test/users/3' }]);
  expect(upstreamConnections).toBe(0);
});
