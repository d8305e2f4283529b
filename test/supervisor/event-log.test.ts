import { expect, test } from 'vitest';
import type { EventLine } from '../../src/protocol/event-line.js';
import { EventLog } from '../../supervisor/event-log.js';
import { eventually } from '../helpers/processes.js';

const created = { type: 'session', action: 'created' } as const;

test('events are numbered without a gap and reach each listener in order', () => {
  const log = new EventLog();
  const seen: EventLine[] = [];
  log.listen((line) => seen.push(line));
  log.add('a', created);
  log.add('b', created);
  expect(seen.map(({ seq, session }) => [seq, session])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('who listens to one session hears of no other', () => {
  const log = new EventLog();
  const seen: string[] = [];
  const stop = log.listen(({ session }) => seen.push(session), 'b');
  for (const session of ['a', 'b', 'c', 'b']) log.add(session, created);
  stop();
  log.add('b', created);
  expect(seen).toEqual(['b', 'b']);
});

test('who comes back with the last number seen gets what came after it', () => {
  const log = new EventLog();
  for (const session of ['a', 'b', 'c']) log.add(session, created);
  expect(log.after(1)).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  expect(log.after(3)).toEqual([]);
});

test('who comes back too late is told how many are gone', () => {
  const log = new EventLog();
  for (let n = 0; n < 15_000; n += 1) log.add('a', created);
  const [missed, first, ...rest] = log.after(100);
  expect(missed).toMatchObject({ type: 'missed' });
  const gone = (JSON.parse(missed?.text ?? '') as { count: number }).count;
  expect(first).toMatchObject({ seq: 100 + gone + 1 });
  expect(rest.at(-1)).toMatchObject({ seq: 15_000 });
});

test('exchanges are told of while somebody listens and a while after, and a gap is no secret', async () => {
  const told: boolean[] = [];
  const log = new EventLog({ onInterest: (wanted) => void told.push(wanted), lingerMs: 20 });
  const first = log.listen(() => undefined);
  const second = log.listen(() => undefined);
  log.add('a', created);
  first();
  second();
  second();
  expect(told).toEqual([true]);
  log.listen(() => undefined)(); // comes back, and goes
  await eventually(
    () => log.wanted,
    (wanted) => !wanted,
    5000,
  );
  expect(told).toEqual([true, false]);
  log.add('a', created);
  expect(log.after(1)).toMatchObject([{ type: 'missed' }, { seq: 2 }]);
});

test('ready resolves once those who tell of exchanges have been told', async () => {
  let tell = (): void => undefined;
  const log = new EventLog({ onInterest: (wanted) => (wanted ? new Promise((done) => (tell = done)) : undefined) });
  let isReady = false;
  const ready = log.ready().then(() => (isReady = true));
  await Promise.resolve();
  expect(isReady).toBe(false);
  tell();
  await ready;
  expect(log.wanted).toBe(true);
  log.close();
});
