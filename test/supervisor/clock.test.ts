import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import { folderStore } from '../../src/store/folder-store.js';
import type { Stack } from '../../supervisor/stack.js';
import { askThrough } from '../helpers/ask-through.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin, type StackWithOrigin } from '../helpers/stack-with-origin.js';

let running: StackWithOrigin;
let stack: Stack;

/** The supervisor is in this process: its time of day is set here, and its timers and monotonic clock go on. */
beforeAll(async () => {
  running = await startStackWithOrigin('clock');
  ({ stack } = running);
  return running.close;
});
afterEach(() => void vi.useRealTimers());

function setClock(aheadMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: performance.timeOrigin + performance.now() + aheadMs });
}

const day = 86_400_000;
const open = (): string[] => stack.sessions.list().map(({ id }) => id);
const gone = (session: SessionView): Promise<unknown> =>
  eventually(
    () => Promise.resolve(open()),
    (ids) => !ids.includes(session.id),
    20_000,
  );

test.each([
  ['back', -day],
  ['ahead', day],
])(
  'a lease lasts as long as it says when the clock is set %s',
  async (_, offset) => {
    const session = await stack.api.sessions.create({ leaseSeconds: 2 });
    const begun = performance.now();
    setClock(offset);
    expect(stack.sessions.get(session.id).lease?.seconds).toBe(2);
    const left = Date.parse(stack.sessions.get(session.id).lease?.endsAt ?? '') - Date.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(2000);
    stack.sessions.renew(session.id, {});
    await delay(1000);
    expect(open()).toContain(session.id);
    await gone(session);
    expect(performance.now() - begun).toBeGreaterThan(1990);
  },
  30_000,
);

test.each([
  ['back', -day],
  ['ahead', day],
])(
  'a toxic with --after and --for begins and goes in its time when the clock is set %s',
  async (_, offset) => {
    const session = await stack.api.sessions.create({});
    const begun = performance.now();
    await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 5 }, after: 1000, for: 1000 });
    setClock(offset);
    await stack.api.toxics.add(session.id, { type: 'bandwidth', attributes: { rate: '10mb' }, for: 100 });
    const toxics = () =>
      Promise.resolve(
        stack.sessions.get(session.id).toxics.map(({ type, startsAt }) => `${type} ${startsAt === undefined}`),
      );
    await eventually(toxics, (found) => found.length === 1, 20_000);
    expect(await toxics()).toEqual(['latency false']);
    await eventually(toxics, ([found]) => found === 'latency true', 20_000);
    expect(performance.now() - begun).toBeGreaterThan(990);
    await eventually(toxics, (found) => found.length === 0, 20_000);
    expect(performance.now() - begun).toBeGreaterThan(1990);
    await stack.api.sessions.delete(session.id);
  },
  60_000,
);

test('a recording that is made after the clock was a day ahead is the published one, and so is one made while it is behind', async () => {
  const store = join(running.folder, 'store');
  const recorded = async (): Promise<string> => {
    const session = await stack.api.sessions.create({ mode: 'record', testId: 'clocks', store });
    await askThrough(session.port, running.origin.httpUrl('/json'));
    const { recordingId, reason } = await stack.api.sessions.endRecording(session.id, { verdict: 'publish' });
    expect(reason).toBeUndefined();
    await stack.api.sessions.delete(session.id);
    return recordingId;
  };
  for (const offset of [day, 0, -day, 2 * day, -2 * day]) {
    setClock(offset);
    const id = await recorded();
    expect((await folderStore(store).published('clocks'))[0]?.recordingId).toBe(id);
  }
}, 60_000);
