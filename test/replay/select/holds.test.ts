import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Holds, type PushedMessage } from '../../../src/replay/select/holds.js';
import { ServedExchanges } from '../../../src/replay/select/served.js';
import type { RecordedWrite } from '../../../src/replay/select/write-history.js';
import type { WriteValues } from '../../../src/replay/select/write-values.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const openedAt = 1_000_000;

/** What holds `messages`, recorded with the writes; each write is said with its own position's values. */
function holding(
  messages: readonly PushedMessage[],
  writes: readonly { atMs: number; values: string[] }[],
): { holds: Holds; served: ServedExchanges; changes: () => number } {
  const served = new ServedExchanges(writes.length);
  let changes = 0;
  const words = (text: string): Set<string> => new Set(text.match(/\w{3,}/g));
  const values: Pick<WriteValues, 'of' | 'ofText'> = {
    ofText: words,
    of: (position) => Promise.resolve(new Set(writes[position]?.values)),
  };
  const holds = new Holds({
    ...{ openedAt, messages, served, request: '/feed' },
    writes: writes.map(({ atMs }, position): RecordedWrite => ({
      ...{ position, path: '/items', operation: 'POST /items', identity: 0 },
      ...{ startedAt: atMs, answeredAt: atMs + 20 },
    })),
    values: values as WriteValues,
    changed: () => (changes += 1),
  });
  return { holds, served, changes: () => changes };
}

const at = (afterMs: number, text: string): PushedMessage => ({ atMs: openedAt + afterMs, text });
const minute = 60_000;

test('a message with a value of a write waits for it as long as the connection stands, however late it was', async () => {
  const message = at(9000, '{"order": "item4711"}');
  const { holds, served, changes } = holding([message], [{ atMs: openedAt + 1000, values: ['item4711'] }]);
  expect(holds.mayFollow(message)).toBe(false);
  await vi.advanceTimersByTimeAsync(10 * minute);
  expect(holds.mayFollow(message)).toBe(false);
  expect(holds.missed).toBe(0);
  const before = changes();
  served.mark(0);
  served.answered(0);
  expect(changes()).toBe(before + 1);
  expect(holds.mayFollow(message)).toBe(true);
  expect(holds.missed).toBeUndefined();
});

test('so does one that came at once after it', async () => {
  const message = at(1100, 'something changed');
  const { holds } = holding([message], [{ atMs: openedAt + 1000, values: [] }]);
  expect(holds.mayFollow(message)).toBe(false);
  await vi.advanceTimersByTimeAsync(minute);
  expect(holds.mayFollow(message)).toBe(false);
  expect(holds.missed).toBe(0);
});

test('what comes by itself too is let go after a while, and nothing is missed', async () => {
  const ticks = [100, 1100, 2100].map((ms, i) => at(ms, `{"type": "tick", "price": ${i}}`));
  const { holds, changes } = holding(ticks, [{ atMs: openedAt + 1000, values: ['item4711'] }]);
  expect(holds.mayFollow(ticks[0] as PushedMessage)).toBe(true);
  expect(holds.mayFollow(ticks[1] as PushedMessage)).toBe(false);
  await vi.advanceTimersByTimeAsync(4000);
  expect(holds.mayFollow(ticks[1] as PushedMessage)).toBe(false);
  const before = changes();
  await vi.advanceTimersByTimeAsync(1100);
  expect(changes()).toBeGreaterThan(before);
  expect(holds.mayFollow(ticks[1] as PushedMessage)).toBe(true);
  expect(holds.missed).toBeUndefined();
});

test('a value that was told before the write is none of the write', async () => {
  const messages = [at(100, 'hello item4711'), at(9000, 'bye item4711')];
  const { holds } = holding(messages, [{ atMs: openedAt + 1000, values: ['item4711'] }]);
  expect(holds.mayFollow(messages[1] as PushedMessage)).toBe(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(holds.mayFollow(messages[1] as PushedMessage)).toBe(true);
  expect(holds.missed).toBeUndefined();
});

test('who leaves before a message was long due has missed nothing', async () => {
  const message = at(9000, 'about item4711');
  const { holds } = holding([message], [{ atMs: openedAt + 1000, values: ['item4711'] }]);
  holds.mayFollow(message);
  await vi.advanceTimersByTimeAsync(1000);
  expect(holds.missed).toBeUndefined();
});
