import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import { proxyctlHome } from '../../src/config/paths.js';
import { parseInlineTimeline } from '../../src/network/timeline/inline.js';
import { Stack } from '../../supervisor/stack.js';
import { ToxiproxyApi } from '../../supervisor/toxiproxy/toxiproxy-api.js';
import { eventually } from '../helpers/processes.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;

beforeAll(async () => {
  folder = await makeTempFolder('timetable');
  stack = await Stack.start({ home: proxyctlHome(folder.path) });
});
afterAll(async () => {
  await stack.close();
  await folder.remove();
});

const toxiproxyUrl = async (): Promise<string> =>
  (await stack.api.status()).children.find(({ name }) => name === 'toxiproxy')?.url ?? '';

async function inToxiproxy({ id }: SessionView): Promise<string[]> {
  await using api = new ToxiproxyApi(await toxiproxyUrl());
  return (await api.proxy(id))?.toxics.map(({ name }) => name) ?? [];
}

/** The session once it fits. */
const until = ({ id }: SessionView, fits: (view: SessionView) => boolean) =>
  eventually(() => stack.api.sessions.get(id), fits, 10_000);

/**
 * Once the event tells it, it is done in Toxiproxy too; the view shows what is desired, which comes a moment before.
 */
async function removalOf(type: string, { id }: SessionView): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for await (const event of stack.api.events({ session: id, since: 0, types: ['toxic'], signal }))
    if (event.type === 'toxic' && event.action === 'removed' && (event.toxic as { type: string }).type === type) return;
  throw new Error(`No ${type} was removed from session ${id} within 10 s`);
}

test('a toxic waits for its time, acts, and goes by itself', async () => {
  const session = await stack.api.sessions.create({});
  const [added] = await stack.api.toxics.add(session.id, {
    type: 'latency',
    attributes: { latency: 10 },
    after: '300ms',
    for: '400ms',
  });
  expect(Date.parse(added?.endsAt ?? '') - Date.parse(added?.startsAt ?? '')).toBe(400);
  expect(await inToxiproxy(session)).toEqual([]);
  const begun = await until(session, ({ toxics }) => toxics[0]?.startsAt === undefined);
  expect(begun.toxics).toMatchObject([{ name: 'latency_downstream', endsAt: added?.endsAt }]);
  await removalOf('latency', session);
  expect((await stack.api.sessions.get(session.id)).toxics).toEqual([]);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(added?.endsAt ?? '') - 1);
  expect(await inToxiproxy(session)).toEqual([]);
});

test('one with a time survives a restart of Toxiproxy, and goes in time all the same', async () => {
  const session = await stack.api.sessions.create({});
  await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 10 }, for: '2s' });
  await stack.api.toxics.add(session.id, { type: 'bandwidth', attributes: { rate: 10 }, after: '1h' });
  const pid = (await stack.api.status()).children.find(({ name }) => name === 'toxiproxy')?.pid ?? -1;
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => stack.api.status(),
    ({ children, sessions }) =>
      children.some((child) => child.name === 'toxiproxy' && child.state === 'ready' && child.pid !== pid) &&
      sessions.every(({ state }) => state === 'ready'),
    15_000,
  );
  const { toxics } = await until(session, (view) => !view.toxics.some(({ type }) => type === 'latency'));
  expect(toxics).toMatchObject([{ type: 'bandwidth', startsAt: expect.any(String) as string }]);
  await removalOf('latency', session);
  expect(await inToxiproxy(session)).toEqual([]);
});

test('a change in place can give a toxic its end; its removal before that is final', async () => {
  const session = await stack.api.sessions.create({});
  const add = { type: 'latency', attributes: { latency: 10 } };
  await stack.api.toxics.add(session.id, add);
  const changed = await stack.api.toxics.update(session.id, 'latency_downstream', { for: '200ms' });
  expect(changed.endsAt).toBeDefined();
  await until(session, ({ toxics }) => toxics.length === 0);
  await stack.api.toxics.add(session.id, { ...add, after: '100ms' });
  await stack.api.toxics.remove(session.id, 'latency_downstream');
  await stack.api.toxics.add(session.id, { ...add, name: 'later', after: '200ms' });
  expect((await until(session, ({ toxics }) => toxics[0]?.startsAt === undefined)).toxics).toMatchObject([
    { name: 'later' },
  ]);
});

test('a session is down for a while, and up again', async () => {
  const session = await stack.api.sessions.create({});
  await stack.api.toxics.add(session.id, { type: 'down', after: '100ms', for: '300ms' });
  expect((await stack.api.sessions.get(session.id)).enabled).toBe(true);
  const { down } = await until(session, ({ enabled }) => !enabled);
  expect(down).toEqual({ endsAt: expect.any(String) as string });
  await removalOf('down', session);
  const view = await stack.api.sessions.get(session.id);
  expect(view.enabled).toBe(true);
  expect(view.down).toBeUndefined();
  const socket = connect(session.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
});

test('a link for a while gives way to the one from before', async () => {
  const session = await stack.api.sessions.create({});
  await stack.api.link.set(session.id, { profile: '4g' });
  await stack.api.link.set(session.id, { profile: 'edge', after: '100ms', for: '200ms' });
  const waiting = await stack.api.sessions.get(session.id);
  expect(waiting.link).toMatchObject({ profile: '4g' });
  expect(waiting.timeline).toMatchObject({ name: 'edge', step: 0, steps: 1 });
  await until(session, ({ link }) => link?.profile === 'edge');
  expect((await until(session, ({ link }) => link?.profile === '4g')).timeline).toBeUndefined();
});

test('a timeline sets link after link, tells each as an event, and ends when another link is set', async () => {
  const session = await stack.api.sessions.create({});
  const seen: SessionView['link'][] = [];
  await using events = stack.api.events({ session: session.id, types: ['link'], signal: AbortSignal.timeout(10_000) });
  await events.ready();
  const following = (async () => {
    for await (const event of events) {
      if (event.type === 'link') seen.push(event.link as SessionView['link']);
      if (seen.length === 4) return;
    }
  })();
  const steps = parseInlineTimeline('4g 100ms, down 100ms, edge 100ms ramp 50ms');
  expect(await stack.api.link.play(session.id, { name: 'lift', seed: 9, loop: true, steps })).toMatchObject({
    name: 'lift',
    seed: 9,
    round: 1,
    step: 1,
  });
  await following;
  expect(seen.map((link) => `${link?.profile}${link?.outage === true ? ' outage' : ''}`)).toEqual([
    '4g',
    '4g outage',
    'edge',
    '4g',
  ]);
  await stack.api.link.set(session.id, { profile: 'dsl' });
  const { timeline, link } = await stack.api.sessions.get(session.id);
  expect(timeline).toBeUndefined();
  expect(link).toMatchObject({ profile: 'dsl' });
});
