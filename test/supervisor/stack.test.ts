import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import type { SessionView } from '../../src/api/schemas.js';
import type { MissedEvents, SessionEvent } from '../../src/protocol/session-event.js';
import { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually, expectGone } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let origin: Origin;

beforeAll(async () => {
  const running = await startStackWithOrigin('stack');
  ({ stack, origin } = running);
  return running.close;
});

/** One plain HTTP request through a session's proxy. */
async function ask(session: SessionView, path = '/json'): Promise<{ status: number; ms: number }> {
  const begun = performance.now();
  const request = httpRequest({
    host: '127.0.0.1',
    port: session.port,
    path: origin.httpUrl(path),
    headers: { host: `127.0.0.1:${origin.httpPort}`, connection: 'close' },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode ?? 0, ms: performance.now() - begun };
}

/** Whether the session answers; asked until it does. */
const answers = (session: SessionView): Promise<boolean> =>
  eventually(
    () =>
      ask(session).then(
        ({ status }) => status === 200,
        () => false,
      ),
    (answered) => answered,
    10_000,
  );

const childPid = async (name: string): Promise<number> =>
  (await stack.api.status()).children.find((child) => child.name === name)?.pid ?? -1;

test('a new session has a port of its own that leads to the backend', async () => {
  const [one, two] = await Promise.all([stack.api.sessions.create({}), stack.api.sessions.create({})]);
  expect(one.port).not.toBe(two.port);
  expect((await ask(one)).status).toBe(200);
  expect((await ask(two)).status).toBe(200);
  await stack.api.sessions.delete(one.id);
  await expect(ask(one)).rejects.toThrow(/ECONNREFUSED/);
  expect((await ask(two)).status).toBe(200);
  await stack.api.sessions.delete(two.id);
});

test('a latency toxic delays the answers of its session alone, and no more once it is removed', async () => {
  const [slow, fast] = await Promise.all([stack.api.sessions.create({}), stack.api.sessions.create({})]);
  await stack.api.toxics.add(slow.id, { type: 'latency', attributes: { latency: '1500ms' } });
  expect((await ask(slow)).ms).toBeGreaterThanOrEqual(1500);
  const { ms } = await ask(fast);
  expect(ms).toBeLessThan(1500);
  await stack.api.toxics.remove(slow.id, 'latency_downstream');
  expect((await ask(slow)).ms).toBeLessThan(1500);
  await stack.api.sessions.delete(slow.id);
  await stack.api.sessions.delete(fast.id);
});

test('when Toxiproxy is killed, sessions and toxics come back on the same ports', async () => {
  const session = await stack.api.sessions.create({});
  await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 150, jitter: 0 } });
  const before = await childPid('toxiproxy');
  process.kill(before, 'SIGKILL');
  expect(await answers(session)).toBe(true);
  expect((await ask(session)).ms).toBeGreaterThanOrEqual(150);
  expect(await childPid('toxiproxy')).not.toBe(before);
  expect((await stack.api.sessions.get(session.id)).port).toBe(session.port);
  await stack.api.sessions.delete(session.id);
});

test('when the MITM process is killed, sessions come back on the same ports and go on counting', async () => {
  const session = await stack.api.sessions.create({});
  await ask(session);
  await eventually(
    () => stack.api.sessions.get(session.id),
    ({ counters }) => counters.exchanges === 1,
    5000,
  );
  process.kill(await childPid('mitm'), 'SIGKILL');
  expect(await answers(session)).toBe(true);
  const { counters } = await eventually(
    () => stack.api.sessions.get(session.id),
    (view) => view.counters.exchanges >= 2,
    5000,
  );
  expect(counters.exchanges).toBeGreaterThanOrEqual(2);
  await stack.api.sessions.delete(session.id);
});

test.each(['toxiproxy', 'mitm'])(
  'under load, a %s that is killed costs requests only while it is away, and none hangs',
  async (name) => {
    const session = await stack.api.sessions.create({});
    await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 5 } });
    let running = true;
    let answered = 0;
    let failed = 0;
    const worker = async (): Promise<void> => {
      while (running) {
        try {
          if ((await ask(session)).status === 200) answered += 1;
          else failed += 1;
        } catch {
          failed += 1;
          await new Promise((resolve) => setTimeout(resolve, 5)); // a refused connection comes at once
        }
      }
    };
    const load = Array.from({ length: 16 }, worker);
    await eventually(
      () => answered,
      (count) => count > 50,
      10_000,
    );
    process.kill(await childPid(name), 'SIGKILL');
    expect(
      await eventually(
        () => failed,
        (count) => count > 0,
        5000,
      ),
    ).toBeGreaterThan(0);
    expect(await answers(session)).toBe(true);
    const { before, lost } = { before: answered, lost: failed };
    await eventually(
      () => answered,
      (count) => count > before + 100,
      10_000,
    );
    expect(answered).toBeGreaterThan(before + 100);
    expect(failed - lost).toBeLessThanOrEqual(16); // those that were under way when it came back
    running = false;
    await Promise.all(load);
    expect(await stack.api.toxics.list(session.id)).toHaveLength(1);
    await stack.api.sessions.delete(session.id);
  },
);

test('a toxic added through Toxiproxy’s own API is shown, works, and survives a restart of Toxiproxy', async () => {
  const session = await stack.api.sessions.create({});
  const toxiproxy = (await stack.api.status()).children.find(({ name }) => name === 'toxiproxy')?.url ?? '';
  const answer = await fetch(`${toxiproxy}/proxies/${session.id}/toxics`, {
    method: 'POST',
    body: JSON.stringify({ name: 'theirs', type: 'latency', attributes: { latency: 120 } }),
  });
  expect(answer.status).toBe(200);
  expect(await stack.api.toxics.list(session.id)).toMatchObject([
    { name: 'theirs', foreign: true, attributes: { latency: 120 } },
  ]);
  process.kill(await childPid('toxiproxy'), 'SIGKILL');
  expect(await answers(session)).toBe(true);
  expect(await stack.api.toxics.list(session.id)).toMatchObject([{ name: 'theirs', foreign: true }]);
  expect((await ask(session)).ms).toBeGreaterThanOrEqual(120);
  await stack.api.sessions.delete(session.id);
});

test('`down` refuses connections until it is taken away', async () => {
  const session = await stack.api.sessions.create({});
  await stack.api.toxics.add(session.id, { type: 'down' });
  await expect(ask(session)).rejects.toThrow(/ECONNREFUSED/);
  await stack.api.toxics.remove(session.id, 'down');
  expect((await ask(session)).status).toBe(200);
  await stack.api.sessions.delete(session.id);
});

test('events tell of each request and answer as they happen', async () => {
  const session = await stack.api.sessions.create({});
  const stop = new AbortController();
  const seen: (SessionEvent | MissedEvents)[] = [];
  const reading = (async () => {
    for await (const event of stack.api.events({ session: session.id, signal: stop.signal })) seen.push(event);
  })();
  // The subscription has reached the MITM process once a request is told of.
  await eventually(
    () => ask(session).then(() => seen.length),
    (count) => count > 0,
    5000,
  );
  await eventually(
    () => seen.filter(({ type }) => type === 'response').length,
    (count) => count > 0,
    5000,
  );
  expect(seen.find(({ type }) => type === 'response')).toMatchObject({
    status: 200,
    servedBy: 'upstream',
    method: 'GET',
  });
  stop.abort();
  await reading;
  await stack.api.sessions.delete(session.id);
});

test('a port that is taken is said to be', async () => {
  const taken = origin.httpPort;
  await expect(stack.api.sessions.create({ port: taken })).rejects.toMatchObject({ code: 'PROXYCTL_PORT_IN_USE' });
  expect(await stack.api.sessions.list()).toEqual([]);
});

test('values out of range are refused by name', async () => {
  const session = await stack.api.sessions.create({});
  await expect(
    stack.api.toxics.add(session.id, { type: 'latency', toxicity: 2, attributes: { latency: 1 } }),
  ).rejects.toMatchObject({ code: 'PROXYCTL_USAGE', message: expect.stringContaining('toxicity') as string });
  await expect(
    stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: '200' } }),
  ).rejects.toMatchObject({ code: 'PROXYCTL_USAGE', message: expect.stringContaining('200ms') as string });
  await expect(stack.api.toxics.add(session.id, { type: 'lag' })).rejects.toMatchObject({ code: 'PROXYCTL_USAGE' });
  await expect(stack.api.toxics.add('nobody', { type: 'latency', attributes: { latency: 1 } })).rejects.toMatchObject({
    code: 'PROXYCTL_SESSION_NOT_FOUND',
  });
  await stack.api.sessions.delete(session.id);
});

test('close ends both children and frees the ports', async () => {
  await using home = await temporaryHome();
  const other = await Stack.start({ home: proxyctlHome(home.path) });
  const session = await other.api.sessions.create({});
  const pids = (await other.api.status()).children.map(({ pid }) => pid ?? -1);
  const open = connect(session.port, '127.0.0.1');
  await once(open, 'connect');
  open.on('error', () => undefined);
  await other.close();
  await expectGone(pids);
});

test('a start that is given up leaves nothing behind', async () => {
  await using home = await temporaryHome();
  const stop = new AbortController();
  const starting = Stack.start({ home: proxyctlHome(home.path), signal: stop.signal });
  setImmediate(() => stop.abort(new Error('given up')));
  await expect(starting).rejects.toThrow('given up');
});

async function temporaryHome(): Promise<{ path: string } & AsyncDisposable> {
  const { path, remove } = await makeTempFolder('home');
  return { path, [Symbol.asyncDispose]: remove };
}
