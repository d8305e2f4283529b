import { expect, test } from 'vitest';
import { screenLines } from '../../../src/tui/components/live-view.js';
import { pressKey } from '../../../src/tui/live-keys.js';
import { reduce, type LiveAction, type LiveState } from '../../../src/tui/live-model.js';
import type { SessionEvent } from '../../../src/protocol/session-event.js';
import {
  event,
  requestEvent,
  responseEvent,
  sampleChild,
  sampleSession,
  sampleStatus,
  sampleToxic,
  start,
  stateWith,
  textOf,
  typed,
  widest,
} from '../samples.js';

const textsOf = (state: LiveState): string[] => screenLines(state).map((line) => textOf(line).trimEnd());
const eventsAction = (...events: SessionEvent[]): LiveAction => ({ type: 'events', events, now: start });
const failure = {
  kind: 'refused' as const,
  phase: 'connect' as const,
  message: 'api.example.com:443 refused the connection',
};

test('one screen of 80×24 tells the stack, its children, sessions with their toxics, and exchanges', () => {
  const counters = { ...sampleSession().counters, exchanges: 12, failures: 1, misses: 2, responseBytes: 1_234_567 };
  const sessions = [
    sampleSession(),
    sampleSession({ id: 'checkout', mode: 'replay', port: 41_001, counters, toxics: [sampleToxic()] }),
  ];
  const events = [
    requestEvent('e1'),
    responseEvent('e1'),
    event({ type: 'toxic', action: 'added', toxic: sampleToxic() }, 'checkout'),
    event({
      type: 'miss',
      exchange: 'e2',
      index: 1,
      method: 'POST',
      url: 'http://h/pay',
      miss: { reason: 'body differs' },
    }),
    event({
      type: 'failure',
      exchange: 'e3',
      index: 2,
      method: 'GET',
      url: 'http://h/x',
      durationMs: 3,
      error: failure,
    }),
    requestEvent('e4'),
  ];
  const lines = textsOf(stateWith(sessions, [eventsAction(...events)]));
  expect(lines).toHaveLength(24);
  expect(lines.slice(0, 11)).toEqual([
    ' proxyctl 0.1.0  ● ready  http://127.0.0.1:4600                     2/s  up 0 s',
    ' ● toxiproxy 2.12.0 ready pid 4711   ● mitm ready pid 4712',
    '  SESSION         MODE    PORT  EXCH FAIL MISS TOXICS',
    '❯ default         live   41000     0    0    0',
    '  checkout        replay 41001    12    1    2 latency 300ms ↓',
    'METHOD  STAT HOST              PATH                         TIME   SIZE BY',
    'GET     200  api.example.com   /items?page=1                56ms  1.2kB backend',
    '· checkout: toxic added latency 300ms ↓',
    'POST    MISS h                 /pay                                     miss',
    'GET     FAIL h                 /x                            3ms        refused',
    'GET     …    api.example.com   /items?page=1',
  ]);
  expect(lines.at(-2)).toBe(' ✗ GET h/x  refused: api.example.com:443 refused the connection');
  expect(lines.at(-1)).toContain('q quit');
});

test('no line is wider than the screen and no line is missing, at any size, whatever passes', () => {
  const long = `https://${'sub.'.repeat(60)}例え.jp/検索/${'漢字'.repeat(300)}?q=${'x'.repeat(5000)}\u001b[2J`;
  const toxics = Array.from({ length: 20 }, (_, index) =>
    sampleToxic({ name: `t${index}`, attributes: { latency: index } }),
  );
  const sessions = Array.from({ length: 300 }, (_, index) =>
    sampleSession({
      id: `session-with-quite-a-long-name-${index}`,
      mode: 'record',
      testId: '試験 '.repeat(40),
      toxics,
      ...(index % 3 === 0 ? { state: 'failed' as const, error: `no port ${'漢'.repeat(200)}` } : {}),
    }),
  );
  const children = Array.from({ length: 9 }, (_, index) =>
    sampleChild({ name: `mitm-${index}`, state: 'restarting', restarts: 1e6, lastError: '漢字'.repeat(100) }),
  );
  const events = Array.from({ length: 200 }, (_, index) => [
    requestEvent(`a${index}`, long, 'PROPPATCH'),
    event({ type: 'warning', message: long, hint: long }),
    event({
      type: 'failure',
      exchange: `b${index}`,
      index,
      method: 'GET',
      url: long,
      durationMs: 1e9,
      error: { ...failure, message: long },
    }),
  ]).flat();
  const actions: LiveAction[] = [
    { type: 'status', status: sampleStatus(sessions, { children, url: long, version: long }), now: start + 1e10 },
    eventsAction(...events),
  ];
  const plain = stateWith(sessions, actions);
  const states = [
    plain,
    ...[' ', '?', 'l', 'a', 'x', '/漢字漢字', `a${'x'.repeat(100)}`].map((text) =>
      typed(text).reduce((state, key) => pressKey(state, key).state, plain),
    ),
    reduce(plain, { type: 'connection', connection: { state: 'lost', message: long } }),
    pressKey(pressKey(plain, { name: 'text', text: 'a' }).state, { name: 'enter' }).state,
  ];
  for (const state of states) {
    for (const [columns, rows] of [
      [80, 24],
      [40, 10],
      [57, 17],
      [200, 50],
    ] as const) {
      const lines = screenLines({ ...state, size: { columns, rows } });
      expect(lines).toHaveLength(rows);
      expect(widest(lines)).toBeLessThanOrEqual(columns);
      expect(lines.map(textOf).join('')).not.toMatch(/\p{Cc}/u);
    }
  }
});

test('a screen too small for anything says what it needs', () => {
  const lines = textsOf({ ...stateWith(), size: { columns: 60, rows: 5 } });
  expect(lines.join(' ')).toContain('40×10 is needed');
});

test('among hundreds of sessions, the chosen one is on the screen, with its place', () => {
  const sessions = Array.from({ length: 300 }, (_, index) => sampleSession({ id: `s${index}` }));
  const moves = Array.from({ length: 250 }, () => ({ name: 'down' as const }));
  const state = moves.reduce((current, key) => pressKey(current, key).state, stateWith(sessions));
  expect(textsOf(state).find((line) => line.startsWith('❯'))).toContain('s250');
  expect(textsOf(state)[2]).toContain('SESSION 251/300');
});

test('a child that is not well says why, and how often it was restarted', () => {
  const children = [sampleChild({ state: 'restarting', restarts: 3, pid: undefined, lastError: 'ended by SIGKILL' })];
  const status: LiveAction = { type: 'status', status: sampleStatus([], { children }), now: start };
  expect(textsOf(stateWith([], [status]))[1]).toBe(' ○ toxiproxy 2.12.0 restarting… 3 restarts ended by SIGKILL');
});

test('a session that is down says so before all else', () => {
  const session = sampleSession({ enabled: false, toxics: [sampleToxic()] });
  expect(textsOf(stateWith([session]))[3]).toContain('DOWN, latency 300ms ↓');
});

test('without sessions the view says how to get one', () => {
  expect(textsOf(stateWith([]))[3]).toContain('proxyctl exec -- COMMAND');
});

test('a lost connection is told, with why', () => {
  const lines = textsOf(
    stateWith(undefined, [{ type: 'connection', connection: { state: 'lost', message: 'No stack answers' } }]),
  );
  expect(lines[0]).toContain('✗ connection lost');
  expect(lines.at(-2)).toBe(' ✗ No stack answers. Trying again…');
});

test('what the user did stays readable for a while, though exchanges fail meanwhile', () => {
  const done: LiveAction = {
    type: 'done',
    effect: { type: 'reset-toxics', session: 'default' },
    text: 'Removed 2 from default',
  };
  const failed = event({
    type: 'failure',
    exchange: 'e',
    index: 0,
    method: 'GET',
    url: 'http://h/',
    durationMs: 1,
    error: failure,
  });
  const state = stateWith(undefined, [done, eventsAction(failed)]);
  expect(textsOf(state).at(-2)).toBe(' ✓ Removed 2 from default');
  expect(textsOf({ ...state, now: start + 10_000 }).at(-2)).toContain('refused');
});

test('what limits the list stands over it', () => {
  const keys = [{ name: 'enter' as const }, ...typed('/items'), { name: 'enter' as const }, ...typed(' ')];
  const state = keys.reduce(
    (current, key) => pressKey(current, key).state,
    stateWith(undefined, [eventsAction(requestEvent('e'))]),
  );
  expect(textsOf({ ...state, size: { columns: 120, rows: 24 } })[4]).toContain('PATH  PAUSED +0  only default  /items');
});
