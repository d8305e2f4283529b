import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { connectStack } from '../../src/api/client.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;

beforeAll(async () => {
  const running = await startStackWithOrigin('open-session');
  ({ stack, origin } = running);
  return running.close;
});

async function get(port: number, path: string): Promise<unknown> {
  const request = httpRequest({ host: '127.0.0.1', port, path: origin.httpUrl(path), agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return JSON.parse((await buffer(response)).toString());
}

test('a session ends with its block, however that ends', async () => {
  const ids: string[] = [];
  const block = async (): Promise<void> => {
    await using session = await stack.api.open({ name: 'one' });
    ids.push(session.id);
    expect(session.view).toMatchObject({ name: 'one', lease: { seconds: 300 } });
    throw new Error('the test failed');
  };
  await expect(block()).rejects.toThrow('the test failed');
  expect(ids).toHaveLength(1);
  expect(await stack.api.sessions.list()).toEqual([]);
});

test('it is closed once, also when its test did so', async () => {
  await using session = await stack.api.open();
  await get(session.port, '/json');
  expect((await session.close()).session.counters.exchanges).toBe(1);
  expect((await session.close()).session.counters.exchanges).toBe(1);
});

test('mocks, expectations, events and the HAR are its own', async () => {
  await using session = await stack.api.open();
  await using other = await stack.api.open();
  await session.mock({ predicate: { command: '/json' }, response: { modify: { '$.answer': 7 } } });
  const statuses: number[] = [];
  const following = (async () => {
    for await (const event of session.events({ since: 0, types: ['response'], signal: AbortSignal.timeout(10_000) })) {
      if (event.type === 'response') statuses.push(event.status);
      if (statuses.length === 2) return;
    }
  })();
  expect(await get(session.port, '/json')).toMatchObject({ answer: 7 });
  expect(await get(other.port, '/json')).toMatchObject({ answer: 42 });
  expect((await session.expect({ predicate: { command: '/json' } })).matched).toHaveLength(1);
  expect((await session.har()).log.entries).toHaveLength(1);
  await session.reset();
  expect(await get(session.port, '/json')).toMatchObject({ answer: 42 });
  await following;
  expect(statuses).toEqual([200, 200]);
});

test('events are told from the moment on that their stream is ready, also before anybody reads them', async () => {
  await using session = await stack.api.open();
  await using events = session.events({ types: ['request'], signal: AbortSignal.timeout(10_000) });
  await events.ready();
  await get(session.port, '/json?first');
  for await (const event of events) {
    expect(event).toMatchObject({ type: 'request', url: origin.httpUrl('/json?first') });
    return;
  }
  expect.unreachable('The stream ended without an event');
});

test('a stream of events that the stack refuses is not ready, and its iteration throws', async () => {
  const strangers = connectStack({ url: stack.api.address.url, token: 'wrong' });
  const events = strangers.events();
  await expect(events.ready()).rejects.toMatchObject({ code: 'PROXYCTL_STACK_NOT_RUNNING' });
  await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'PROXYCTL_STACK_NOT_RUNNING' });
});

test('an expectation that is not met throws with what came nearest and what differs', async () => {
  await using session = await stack.api.open();
  await get(session.port, '/json?page=1');
  const expecting = session.expect({ predicate: { command: '/json', params: { page: 2 } }, within: 20 });
  await expect(expecting).rejects.toMatchObject({
    code: 'PROXYCTL_EXPECTATION',
    message: expect.stringMatching(/0 requests fit[^]*Nearest:[^]*parameter page is "1", not 2/) as string,
  });
});

test('the end of a session answers with its HAR and the logs since it was opened, where they are asked for', async () => {
  const { id, port } = await stack.api.sessions.create({ history: true });
  await get(port, '/json');
  const ended = await stack.api.sessions.delete(id, { har: true, logs: true });
  expect(ended.session.counters.exchanges).toBe(1);
  expect(ended.har?.log).toMatchObject({ version: '1.2', entries: [{ response: { status: 200 } }] });
  expect(ended.logs).toBeInstanceOf(Array);
  const without = await stack.api.sessions.create({});
  await expect(stack.api.sessions.delete(without.id, { har: true })).rejects.toThrow(/keeps no history/);
  const plain = await stack.api.sessions.delete(without.id); // it is still there
  expect(plain).not.toHaveProperty('har');
  expect(plain).not.toHaveProperty('logs');
});
