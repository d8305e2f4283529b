import { expect, test } from 'vitest';
import { applyEvents, closeOpen } from '../../src/tui/exchange-rows.js';
import type { MissedEvents, SessionEvent } from '../../src/protocol/session-event.js';
import { event, requestEvent, responseEvent } from './samples.js';

const rowsAfter = (...events: (SessionEvent | MissedEvents)[]) =>
  applyEvents({ rows: [], nextKey: 0 }, events, 100).rows;
const url = 'https://api.example.com/items?page=1';
const common = { exchange: 'e1', index: 0, method: 'GET', url };

test('a request opens a row and its answer fills it in', () => {
  const [open] = rowsAfter(requestEvent('e1'));
  expect(open).toMatchObject({ outcome: 'open', method: 'GET', host: 'api.example.com', path: '/items?page=1' });
  const [done, ...others] = rowsAfter(requestEvent('e1'), requestEvent('e2'), responseEvent('e1', 404));
  expect(done).toMatchObject({ outcome: 'done', status: 404, durationMs: 56, bytes: 1234, by: 'upstream', key: 0 });
  expect(others).toHaveLength(1);
});

test('an answer in a later batch finds its row, and one whose request was before the view gets its own', () => {
  const first = applyEvents({ rows: [], nextKey: 0 }, [requestEvent('e1')], 100);
  const second = applyEvents(first, [responseEvent('e1'), responseEvent('e9')], 100);
  expect(second.rows.map(({ key, outcome }) => ({ key, outcome }))).toEqual([
    { key: 0, outcome: 'done' },
    { key: 1, outcome: 'done' },
  ]);
  expect(first.rows[0]).toMatchObject({ outcome: 'open' });
});

test('a miss stays a miss after the answer that told the client of it', () => {
  const miss = event({ type: 'miss', ...common, miss: { reason: 'query differs: page' } });
  const { rows, trouble } = applyEvents(
    { rows: [], nextKey: 0 },
    [requestEvent('e1'), miss, responseEvent('e1', 502)],
    100,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ outcome: 'missed', status: 502, by: 'miss', explanation: 'query differs: page' });
  expect(trouble).toEqual(rows[0]);
});

test('a failure says why', () => {
  const error = {
    kind: 'refused' as const,
    phase: 'connect' as const,
    message: 'api.example.com:443 refused the connection',
  };
  const [row] = rowsAfter(requestEvent('e1'), event({ type: 'failure', ...common, durationMs: 3, error, status: 502 }));
  expect(row).toMatchObject({ outcome: 'failed', by: 'refused', explanation: error.message, status: 502 });
});

test('a tunnel has a row with what passed through it', () => {
  const bytes = { bytesSent: 100, bytesReceived: 2000, durationMs: 5 };
  const [row] = rowsAfter(event({ type: 'tunnel', host: 'push.example.com', port: 5228, reason: 'not TLS', ...bytes }));
  expect(row).toMatchObject({
    kind: 'tunnel',
    host: 'push.example.com',
    path: ':5228',
    bytes: 2100,
    explanation: 'not TLS',
  });
});

test('toxics, warnings and lost events stand between the exchanges that they came between', () => {
  const toxic = { name: 'l', type: 'latency', stream: 'downstream', toxicity: 1, attributes: { latency: 300 } };
  const rows = rowsAfter(
    event({ type: 'toxic', action: 'added', toxic }),
    event({ type: 'toxic', action: 'removed', toxic: { name: 'latency_downstream' } }),
    event({ type: 'warning', message: 'The disk is slow.', hint: 'Take another one.' }),
    { type: 'missed', count: 7 },
  );
  expect(rows.map(({ path }) => path)).toEqual([
    'toxic added latency 300ms ↓',
    'toxic removed latency_downstream',
    'The disk is slow. Take another one.',
    '7 events came faster than they could be shown',
  ]);
});

test('no more rows are kept than asked for, nor more of a URL than a screen shows', () => {
  const events = Array.from({ length: 50 }, (_, index) => requestEvent(`e${index}`, `http://h/${'x'.repeat(100_000)}`));
  const { rows, nextKey } = applyEvents({ rows: [], nextKey: 0 }, events, 10);
  expect(rows.map(({ key }) => key)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  expect(nextKey).toBe(50);
  expect(rows[0]?.path.length).toBeLessThan(1000);
});

test('what came over the network cannot drive the terminal', () => {
  const [row] = rowsAfter(requestEvent('e1', 'http://evil\u001b[2J.example/\u001b]0;title\u0007', 'GE\u001bT'));
  expect(JSON.stringify(row)).not.toMatch(/\\u001b|\\u0007/);
});

test('an event of a kind that a newer stack has is passed over', () => {
  expect(rowsAfter({ ...requestEvent('e1'), type: 'teleport' } as unknown as SessionEvent)).toEqual([]);
});

test('rows whose end nobody will tell are closed, those of one session or all', () => {
  const rows = rowsAfter(requestEvent('e1'), { ...requestEvent('e2'), session: 'other' }, responseEvent('e3'));
  expect(closeOpen(rows, 'other').map(({ outcome }) => outcome)).toEqual(['open', 'unknown', 'done']);
  expect(closeOpen(rows).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'done']);
});
