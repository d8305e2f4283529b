import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { SessionEvent } from '../../src/protocol/session-event.js';
import type { Stack, StackOptions } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually, expectGone } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;
const stopped = new Set<number>();

function withStack(options: Omit<StackOptions, 'home'>): void {
  beforeAll(async () => {
    const running = await startStackWithOrigin('silent', options);
    ({ stack, origin } = running);
    return running.close;
  });
}

afterEach(() => {
  for (const pid of stopped) resume(pid);
});

function stop(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  stopped.add(pid);
}

function resume(pid: number): void {
  stopped.delete(pid);
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It was ended.
  }
}

async function ask({ port }: SessionView): Promise<number> {
  const request = httpRequest({ host: '127.0.0.1', port, path: origin.httpUrl('/json'), agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

const childOf = async (worker: string) => {
  const child = (await stack.api.status()).children.find(({ name }) => name === worker);
  if (child?.pid === undefined) throw new Error(`No process ${worker}`);
  return { ...child, pid: child.pid };
};

const stateOf = (worker: string): Promise<string> => childOf(worker).then(({ state }) => state);

/** Two sessions in two processes. */
async function two(): Promise<[SessionView, SessionView]> {
  const [one, other] = [await stack.api.sessions.create({}), await stack.api.sessions.create({})];
  expect(one.worker).not.toBe(other.worker);
  return [one, other];
}

async function removeAll(): Promise<void> {
  for (const { id } of await stack.api.sessions.list()) await stack.api.sessions.delete(id);
}

describe('a MITM process that does not answer', () => {
  withStack({ workers: 2, liveness: { silentMs: 1500, giveUpMs: 600_000 } });
  afterEach(async () => {
    for (const pid of stopped) resume(pid);
    await eventually(
      async () => (await stack.api.status()).state,
      (state) => state === 'ready',
      10_000,
    );
    await removeAll();
  });

  test('is seen in the status, which is not ready then, and in an event of its sessions, and that it answers again', async () => {
    const [one] = await two();
    const { pid } = await childOf(one.worker);
    const seen: SessionEvent[] = [];
    const enough = new AbortController();
    const reading = (async () => {
      for await (const event of stack.api.events({ session: one.id, types: ['process'], signal: enough.signal }))
        if (event.type === 'process' && seen.push(event) === 2) enough.abort();
    })().catch(() => undefined);
    // Whoever follows events is known before the process stops.
    await stack.events.ready();
    const before = Date.now();
    stop(pid);
    expect(
      await eventually(
        () => stateOf(one.worker),
        (state) => state === 'silent',
        10_000,
      ),
    ).toBe('silent');
    const status = await stack.api.status();
    expect(status.state).toBe('degraded');
    const since = Date.parse(status.children.find(({ name }) => name === one.worker)?.since ?? '');
    expect(since).toBeGreaterThan(before - 2000);
    expect(since).toBeLessThanOrEqual(Date.now());
    resume(pid);
    await reading;
    expect(seen).toMatchObject([
      { session: one.id, process: one.worker, pid, state: 'silent' },
      { session: one.id, process: one.worker, pid, state: 'answering' },
    ]);
    expect((await childOf(one.worker)).restarts).toBe(0);
    expect(await ask(one)).toBe(200);
  });

  test('gets no new sessions, and those in others go on: also before it is seen', async () => {
    const [one, other] = await two();
    stop((await childOf(one.worker)).pid);
    const created = await Promise.all([1, 2, 3].map(() => stack.api.sessions.create({})));
    expect(created.map(({ worker }) => worker)).toEqual([other.worker, other.worker, other.worker]);
    expect(await Promise.all([other, ...created].map(ask))).toEqual([200, 200, 200, 200]);
    expect(await stateOf(one.worker)).toBe('silent');
    const later = await stack.api.sessions.create({});
    expect(later.worker).toBe(other.worker);
  });

  test('holds up no change of a session in another one, nor its end', async () => {
    const [one, other] = await two();
    stop((await childOf(one.worker)).pid);
    const held = stack.api.toxics.add(one.id, { type: 'refuse-first', attributes: { connections: 1 } });
    await stack.api.toxics.add(other.id, { type: 'latency', attributes: { latency: 1 } });
    await stack.api.mocks.add(other.id, { response: { status: 418, response: { text: '' } } });
    expect(await ask(other)).toBe(418);
    await stack.api.sessions.delete(other.id);
    resume((await childOf(one.worker)).pid);
    expect((await held).map(({ type }) => type)).toEqual(['refuse-first']);
  });

  test('leaves nothing of a session behind that was opened in another one in its place', async () => {
    const [one, other] = await two();
    const { pid } = await childOf(one.worker);
    await stack.api.sessions.delete(one.id);
    stop(pid);
    const asked = await stack.api.sessions.create({ id: 'moved', port: 0 });
    expect(asked.worker).toBe(other.worker);
    resume(pid);
    await eventually(
      () => stateOf(one.worker),
      (state) => state === 'ready',
      10_000,
    );
    expect(await ask(asked)).toBe(200);
    expect((await stack.api.sessions.list()).map(({ id }) => id).sort()).toEqual([other.id, 'moved'].sort());
  });

  test('does not keep others from following events', async () => {
    const [one, other] = await two();
    stop((await childOf(one.worker)).pid);
    const first = (async () => {
      for await (const event of stack.api.events({ session: other.id, types: ['response'] })) return event;
      return undefined;
    })();
    await stack.events.ready();
    await ask(other);
    expect(await first).toMatchObject({ session: other.id });
  });
});

describe('a MITM process that has not answered for as long as the limit', () => {
  withStack({ workers: 2, liveness: { silentMs: 1000, giveUpMs: 3000 } });

  test('is started again with its sessions, on their ports', async () => {
    const [one, other] = await two();
    const { pid } = await childOf(one.worker);
    stop(pid);
    await expectGone([pid]);
    stopped.delete(pid);
    const child = await eventually(
      () => childOf(one.worker).catch(() => undefined),
      (now) => now?.state === 'ready',
      20_000,
    );
    expect(child).toMatchObject({ restarts: 1, lastError: 'ended by no answer for 3 s' });
    expect(
      await eventually(
        () => ask(one).catch(() => 0),
        (status) => status === 200,
        10_000,
      ),
    ).toBe(200);
    expect(await ask(other)).toBe(200);
    expect((await childOf(other.worker)).restarts).toBe(0);
  });
});
