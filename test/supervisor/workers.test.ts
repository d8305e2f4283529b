import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import type { SessionView } from '../../src/api/schemas.js';
import { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually, expectGone, expectNothingRunning } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let origin: Origin;

beforeAll(async () => {
  const running = await startStackWithOrigin('workers', { workers: 3, defaultSession: {} });
  ({ stack, origin } = running);
  return running.close;
});

async function ask(session: SessionView): Promise<number> {
  const request = httpRequest({ host: '127.0.0.1', port: session.port, path: origin.httpUrl('/json'), agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

/** More than all buffers on the way hold. */
const size = 50_000_000;

const workers = async (): Promise<Map<string, number>> =>
  new Map(
    (await stack.api.status()).children.flatMap(({ name, pid }) =>
      name.startsWith('mitm') && pid !== undefined ? [[name, pid] as const] : [],
    ),
  );

test('sessions are spread over processes, which are started as sessions come and no more than were asked for', async () => {
  const default_ = await stack.api.sessions.get('default');
  expect(default_.worker).toBe('mitm');
  const sessions = [];
  for (let i = 0; i < 5; i += 1) sessions.push(await stack.api.sessions.create({}));
  expect(sessions.map(({ worker }) => worker)).toEqual(['mitm-2', 'mitm-3', 'mitm', 'mitm-2', 'mitm-3']);
  expect([...(await workers()).keys()]).toEqual(['mitm', 'mitm-2', 'mitm-3']);
  expect(await Promise.all(sessions.map(ask))).toEqual([200, 200, 200, 200, 200]);
  for (const { id } of sessions) await stack.api.sessions.delete(id);
});

test('sessions that are asked for at once are spread, too', async () => {
  const sessions = await Promise.all(Array.from({ length: 6 }, () => stack.api.sessions.create({})));
  const counts = new Map<string, number>();
  for (const { worker } of sessions) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(3);
  expect(counts.size).toBe(3);
  for (const { id } of sessions) await stack.api.sessions.delete(id);
});

test('a process that dies takes only its own sessions along, and these come back on their ports', async () => {
  const [one, two] = [await stack.api.sessions.create({}), await stack.api.sessions.create({})];
  expect(one.worker).not.toBe(two.worker);
  const before = await workers();
  const pid = before.get(one.worker) ?? -1;
  // An answer that is under way through the other process.
  const untouched = httpRequest({
    host: '127.0.0.1',
    port: two.port,
    path: origin.httpUrl(`/bytes/${size}`),
    agent: false,
  });
  untouched.end();
  const [response] = (await once(untouched, 'response')) as [IncomingMessage];
  process.kill(pid, 'SIGKILL');
  await expectGone([pid]);
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(size);
  await eventually(
    () => ask(one).catch(() => 0),
    (status) => status === 200,
    10_000,
  );
  const after = await workers();
  expect(after.get(two.worker)).toBe(before.get(two.worker));
  expect(after.get(one.worker)).not.toBe(pid);
  expect((await stack.api.sessions.get(one.id)).worker).toBe(one.worker);
  await stack.api.sessions.delete(one.id);
  await stack.api.sessions.delete(two.id);
});

test('the events of all processes come in one row', async () => {
  const sessions = [await stack.api.sessions.create({}), await stack.api.sessions.create({})];
  const seen = new Set<string>();
  const stop = new AbortController();
  const reading = (async () => {
    for await (const event of stack.api.events({ signal: stop.signal }))
      if (event.type === 'response') seen.add(event.session);
  })();
  await eventually(
    () => Promise.all(sessions.map(ask)),
    () => sessions.every(({ id }) => seen.has(id)),
    10_000,
  );
  stop.abort();
  await reading.catch(() => undefined);
  expect(sessions.map(({ id }) => seen.has(id))).toEqual([true, true]);
  for (const { id } of sessions) await stack.api.sessions.delete(id);
});

test('nothing is left of any process when the stack has closed', async () => {
  const other = await makeTempFolder('workers-close');
  const closing = await Stack.start({ home: proxyctlHome(other.path), workers: 2, defaultSession: {} });
  await closing.api.sessions.create({});
  const pids = (await closing.api.status()).children.flatMap(({ pid }) => pid ?? []);
  expect(pids).toHaveLength(3);
  await closing.close();
  await expectGone(pids);
  await other.remove();
});

test('a stack that closes while a further process starts leaves none behind', async () => {
  const other = await makeTempFolder('workers-abort');
  const closing = await Stack.start({ home: proxyctlHome(other.path), workers: 2, defaultSession: {} });
  await closing.close();
  await expectNothingRunning(other.path); // its children have the folder among their arguments
  await other.remove();
});
