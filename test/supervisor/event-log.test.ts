import { expect, test } from 'vitest';
import type { SessionEvent } from '../../src/session/session-event.js';
import { EventLog } from '../../supervisor/event-log.js';

test('events are numbered without a gap and reach each listener in order', () => {
  const log = new EventLog();
  const seen: SessionEvent[] = [];
  log.listen((event) => seen.push(event));
  log.add('a', { type: 'session', action: 'created' });
  log.add('b', { type: 'session', action: 'created' });
  expect(seen.map(({ seq, session }) => [seq, session])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('a listener that comes back with the last number that it saw gets what it missed first', () => {
  const log = new EventLog();
  for (const session of ['a', 'b', 'c']) log.add(session, { type: 'session', action: 'created' });
  const seen: number[] = [];
  log.listen((event) => seen.push(event.seq), 1);
  log.add('d', { type: 'session', action: 'created' });
  expect(seen).toEqual([2, 3, 4]);
});

test('interest is told when the first listener comes and the last one goes', () => {
  const told: boolean[] = [];
  const log = new EventLog((wanted) => told.push(wanted));
  const first = log.listen(() => undefined);
  const second = log.listen(() => undefined);
  first();
  second();
  second();
  expect(told).toEqual([true, false]);
});
