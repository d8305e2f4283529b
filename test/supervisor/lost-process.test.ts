import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { PublishResult, SessionView } from '../../src/api/schemas.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { Stack } from '../../supervisor/stack.js';
import { eventually } from '../helpers/processes.js';
import { askThrough } from '../helpers/ask-through.js';
import { startStackWithOrigin, type StackWithOrigin } from '../helpers/stack-with-origin.js';

let running: StackWithOrigin;
let stack: Stack;
let store: string;

/** Each has a stack of its own: one whose processes were killed a moment ago waits longer before the next start. */
beforeEach(async () => {
  running = await startStackWithOrigin('lost-process');
  ({ stack } = running);
  store = join(running.folder, 'store');
  return running.close;
});

const ask = (session: SessionView, path: string): Promise<number> =>
  askThrough(session.port, running.origin.httpUrl(path));

async function recording(testId: string): Promise<SessionView> {
  return stack.api.sessions.create({ mode: 'record', testId, store });
}

/** The MITM process of all sessions. */
function mitm(): { pid: number; ready: boolean } {
  const child = stack.status().children.find(({ name }) => name === 'mitm');
  return { pid: child?.pid ?? 0, ready: child?.state === 'ready' };
}

/** Resolves once another process than this one has the sessions. */
async function replaced(before: number): Promise<void> {
  const found = (): Promise<ReturnType<typeof mitm>> => Promise.resolve(mitm());
  await eventually(found, ({ pid, ready }) => pid !== before && ready, 20_000);
}

async function killMitm(): Promise<void> {
  const { pid } = mitm();
  process.kill(pid, 'SIGKILL');
  await replaced(pid);
}

const publish = (session: SessionView): Promise<PublishResult> =>
  stack.api.sessions.endRecording(session.id, { verdict: 'publish' });

const current = async (
  testId: string,
): Promise<{ recordingId: string; incomplete?: boolean | undefined } | undefined> =>
  (await folderStore(store).published(testId))[0];

test('a recording whose MITM process was killed and started again is published as incomplete, with all that ended', async () => {
  const session = await recording('killed once');
  await ask(session, '/json?n=1');
  await killMitm();
  await ask(session, '/json?n=2');
  const published = await publish(session);
  expect(published).toMatchObject({ published: true, entries: 2, incomplete: { interruptions: 1 } });
  expect(published.incomplete?.reason).toContain('ended once meanwhile');
  const pointer = await current('killed once');
  expect(pointer).toMatchObject({ incomplete: true });
  const { info } = await openRecording(folderStore(store), { ...published });
  expect(info.incomplete).toMatchObject({ interruptions: 1 });

  const replay = await stack.api.sessions.create({ mode: 'replay', testId: 'killed once', store });
  expect(replay.recordingIncomplete).toContain('ended once meanwhile');
  await stack.api.sessions.delete(replay.id);
}, 60_000);

test('an incomplete recording is kept beside a complete one, and how it is published all the same is said', async () => {
  const whole = await recording('beside');
  await ask(whole, '/json');
  const first = await publish(whole);
  expect(first).not.toHaveProperty('incomplete');

  const broken = await recording('beside');
  await ask(broken, '/json');
  await killMitm();
  const second = await publish(broken);
  expect(second.incomplete).toBeDefined();
  expect(second.reason).toContain(`kept beside the complete recording ${first.recordingId}`);
  expect(second.reason).toContain(`proxyctl recordings promote beside --recording ${second.recordingId}`);
  expect((await current('beside'))?.recordingId).toBe(first.recordingId);
  const key = { testId: 'beside', appVersion: 'default' };
  expect((await folderStore(store).history(key)).map(({ recordingId }) => recordingId)).toContain(second.recordingId);
}, 60_000);

test('a complete recording takes the place of an incomplete one, and no incomplete one takes its own', async () => {
  const [earlier, later] = [await recording('late'), await recording('late')];
  await killMitm();
  await publish(later);
  expect(await current('late')).toMatchObject({ incomplete: true });
  const whole = await stack.api.sessions.create({ mode: 'record', testId: 'late', store });
  expect(await publish(whole)).not.toHaveProperty('incomplete');
  expect((await current('late'))?.recordingId).toBe(whole.recordingId);
  expect((await publish(earlier)).incomplete).toBeDefined();
  expect((await current('late'))?.recordingId).toBe(whole.recordingId);
}, 60_000);

test.each([0, 1, 3, 10, 30, 100])(
  'a MITM process that is killed %i ms after its recording is to end: it is published from its journal at once',
  async (ms) => {
    const testId = `dies at the end ${ms}`;
    const session = await recording(testId);
    for (let n = 0; n < 5; n += 1) await ask(session, `/json?n=${n}`);
    const { pid } = mitm();
    const ending = publish(session);
    setTimeout(() => process.kill(pid, 'SIGKILL'), ms);
    const published = await ending;
    expect(published).toMatchObject({ published: true, entries: 5 });
    expect(await current(testId)).toMatchObject({ recordingId: published.recordingId });
    await replaced(pid);
    // The process that came in its place has not begun the recording again.
    expect(await readdir(running.home.journalDir)).toEqual([]);
    expect(await ask(session, '/json')).toBe(200);
    expect(await readdir(running.home.journalDir)).toEqual([]);
  },
  60_000,
);

test('a recording that is ended while no MITM process is there, and one that comes up, is published with all that ended', async () => {
  const session = await recording('gone before');
  await ask(session, '/json');
  process.kill(mitm().pid, 'SIGKILL');
  const published = await publish(session);
  expect(published).toMatchObject({ published: true, entries: 1 });
  expect(published.incomplete).toBeDefined();
}, 60_000);

test('a recording that its session lets go of in order is complete', async () => {
  const session = await recording('whole');
  await ask(session, '/json');
  expect(await publish(session)).not.toHaveProperty('incomplete');
});
