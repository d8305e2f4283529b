import { expect, test } from 'vitest';
import {
  reduce,
  ratePerSecond,
  rowsKept,
  selectedSession,
  visibleRows,
  waitingRows,
} from '../../src/tui/live-model.js';
import { pressKey } from '../../src/tui/live-keys.js';
import { event, requestEvent, responseEvent, sampleSession, sampleStatus, start, stateWith } from './samples.js';

test('the first session is chosen until the user chooses another one', () => {
  const sessions = [sampleSession({ id: 'a' }), sampleSession({ id: 'b' })];
  expect(selectedSession(stateWith(sessions))?.id).toBe('a');
  expect(selectedSession(stateWith([]))).toBeUndefined();
});

test('a chosen session stays chosen while others come and go; when it is gone, the one in its place is', () => {
  const [a, b, c] = [sampleSession({ id: 'a' }), sampleSession({ id: 'b' }), sampleSession({ id: 'c' })];
  const state = pressKey(stateWith([a, b, c]), { name: 'down' }).state;
  const then = (sessions: (typeof a)[]) =>
    reduce(state, { type: 'status', status: sampleStatus(sessions), now: start }).selected;
  expect(then([b, c])).toBe('b');
  expect(then([a, c])).toBe('c');
  expect(then([a])).toBe('a');
  expect(then([])).toBeUndefined();
});

test('however many exchanges pass, a bounded number is kept', () => {
  const events = Array.from({ length: 3 * rowsKept }, (_, index) => requestEvent(`e${index}`));
  const state = stateWith(undefined, [{ type: 'events', events, now: start }]);
  expect(state.rows).toHaveLength(rowsKept);
});

test('the rate counts exchanges that ended within the last second', () => {
  const ended = {
    type: 'events' as const,
    events: [responseEvent('e1'), responseEvent('e2'), requestEvent('e3')],
    now: start,
  };
  const state = stateWith(undefined, [ended]);
  expect(ratePerSecond(state)).toBe(2);
  expect(ratePerSecond(reduce(state, { type: 'status', status: sampleStatus(), now: start + 1001 }))).toBe(0);
});

test('a list that stands still shows what it held, and tells how much came since', () => {
  const running = stateWith(undefined, [{ type: 'events', events: [requestEvent('e1')], now: start }]);
  const paused = reduce(pressKey(running, { name: 'text', text: ' ' }).state, {
    type: 'events',
    events: [requestEvent('e2'), requestEvent('e3')],
    now: start,
  });
  expect(visibleRows(paused)).toHaveLength(1);
  expect(waitingRows(paused)).toBe(2);
  expect(visibleRows(pressKey(paused, { name: 'text', text: ' ' }).state)).toHaveLength(3);
});

test.each([
  ['items', 2],
  ['404', 1],
  ['API.EXAMPLE', 3],
  ['get api', 3],
  ['missed', 1],
  ['nothing like it', 0],
])('the filter "%s" lets %i rows through', (text, count) => {
  const url = 'https://api.example.com/other';
  const events = [
    responseEvent('e1'),
    responseEvent('e2', 404),
    event({ type: 'miss', exchange: 'e3', index: 2, method: 'GET', url, miss: {} }),
  ];
  const state = stateWith(undefined, [{ type: 'events', events, now: start }]);
  expect(visibleRows({ ...state, filter: text.toLowerCase() })).toHaveLength(count);
});

test('the chosen session alone can be shown', () => {
  const events = [responseEvent('e1'), { ...responseEvent('e2'), session: 'other' }];
  const state = stateWith([sampleSession(), sampleSession({ id: 'other' })], [{ type: 'events', events, now: start }]);
  const only = pressKey(state, { name: 'enter' }).state;
  expect(visibleRows(only).map(({ session }) => session)).toEqual(['default']);
  expect(visibleRows(pressKey(only, { name: 'down' }).state).map(({ session }) => session)).toEqual(['other']);
});

test('exchanges of a session that is gone, of lost events and of a stack that began anew do not stay under way for ever', () => {
  const open = stateWith(undefined, [{ type: 'events', events: [requestEvent('e1')], now: start }]);
  const outcomes = (state: typeof open) =>
    state.rows.filter(({ kind }) => kind === 'exchange').map(({ outcome }) => outcome);
  const removed = event({ type: 'session', action: 'removed' });
  expect(outcomes(reduce(open, { type: 'events', events: [removed], now: start }))).toEqual(['unknown']);
  expect(outcomes(reduce(open, { type: 'events', events: [{ type: 'missed', count: 3 }], now: start }))).toEqual([
    'unknown',
  ]);
  const again = sampleStatus([sampleSession()], { startedAt: '2026-11-21T11:00:00.000Z' });
  expect(outcomes(reduce(open, { type: 'status', status: again, now: start }))).toEqual(['unknown']);
});

test('a session that was looked at anew takes its place in the list', () => {
  const changed = sampleSession({ enabled: false });
  const state = reduce(stateWith(), { type: 'session', session: changed });
  expect(selectedSession(state)).toEqual(changed);
});
