import type { ChildStatus, SessionView, StackStatus } from '../../src/api/schemas.js';
import type { SessionEvent, SessionEventBody } from '../../src/protocol/session-event.js';
import type { Toxic } from '../../src/toxics/toxic.js';
import type { Key } from '../../src/tui/keys.js';
import { initialState, reduce, type LiveAction, type LiveState } from '../../src/tui/live-model.js';
import { lineCells, type Line } from '../../src/tui/style.js';

/* Values that the live view is given by a stack, each with what a test does not care about filled in. */

export const startedAt = '2026-11-21T10:00:00.000Z';
export const start = Date.parse(startedAt);

export function sampleSession(change: Partial<SessionView> = {}): SessionView {
  const port = change.port ?? 41_000;
  return {
    id: 'default',
    mode: 'live',
    state: 'ready',
    proxyUrl: `http://127.0.0.1:${port}`,
    access: 'local',
    host: '127.0.0.1',
    port,
    mitmPort: 42_000,
    worker: 'mitm',
    createdAt: startedAt,
    counters: { exchanges: 0, inFlight: 0, failures: 0, misses: 0, tunnels: 0, requestBytes: 0, responseBytes: 0 },
    toxics: [],
    enabled: true,
    ...change,
  };
}

export function sampleToxic(change: Partial<Toxic> = {}): Toxic {
  return {
    name: 'latency_downstream',
    type: 'latency',
    stream: 'downstream',
    toxicity: 1,
    attributes: { latency: 300, jitter: 0 },
    foreign: false,
    ...change,
  };
}

export function sampleChild(change: Partial<ChildStatus> = {}): ChildStatus {
  return { name: 'toxiproxy', state: 'ready', pid: 4711, restarts: 0, since: startedAt, version: '2.12.0', ...change };
}

export function sampleStatus(
  sessions: SessionView[] = [sampleSession()],
  change: Partial<StackStatus> = {},
): StackStatus {
  return {
    pid: 100,
    version: '0.1.0',
    home: '/home/someone/.local/state/proxyctl',
    startedAt,
    url: 'http://127.0.0.1:4600',
    state: 'ready',
    caPath: '/home/someone/.local/state/proxyctl/ca/ca.pem',
    children: [sampleChild(), sampleChild({ name: 'mitm', pid: 4712, version: undefined })],
    sessions,
    ...change,
  };
}

let seq = 0;

export function event(body: SessionEventBody, session = 'default'): SessionEvent {
  seq += 1;
  return { seq, time: '2026-11-21T10:00:01.234Z', session, ...body };
}

export function requestEvent(exchange: string, url = 'https://api.example.com/items?page=1', method = 'GET') {
  return event({ type: 'request', exchange, index: 0, method, url, httpVersion: '1.1' });
}

export function responseEvent(exchange: string, status = 200, url = 'https://api.example.com/items?page=1') {
  const sizes = { requestBytes: 0, responseBytes: 1234, durationMs: 56 };
  return event({ type: 'response', exchange, index: 0, method: 'GET', url, status, servedBy: 'upstream', ...sizes });
}

/** A view of a stack with these sessions, after `actions`. */
export function stateWith(
  sessions: SessionView[] = [sampleSession()],
  actions: LiveAction[] = [],
  size = { columns: 80, rows: 24 },
): LiveState {
  const first: LiveAction[] = [
    { type: 'connection', connection: { state: 'connected' } },
    { type: 'status', status: sampleStatus(sessions), now: start },
  ];
  return [...first, ...actions].reduce(reduce, initialState(size, start));
}

export function typed(text: string): Key[] {
  return [...text].map((character) => ({ name: 'text', text: character }));
}

export function textOf(line: Line | undefined): string {
  return (line ?? []).map(({ text }) => text).join('');
}

/** The widest of the lines, in cells. */
export function widest(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map(lineCells));
}
