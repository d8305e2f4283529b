import type { SessionView, StackStatus } from '../api/schemas.js';
import type { AddToxicRequest } from '../api/schemas.js';
import type { MissedEvents, SessionEvent } from '../protocol/session-event.js';
import { applyEvents, closeOpen, type ExchangeRow } from './exchange-rows.js';
import type { TextInput } from './text-input.js';

/*
 * All that the live view knows, as one value, and what changes it. Pure: no clock, no terminal, no stack.
 */

export interface LiveState {
  size: { columns: number; rows: number };
  /** Milliseconds since 1970, as last told. */
  now: number;
  connection: Connection;
  status?: StackStatus;
  /** Id of the chosen session. */
  selected?: string;
  /** Show the chosen session's exchanges only. */
  onlySelected: boolean;
  rows: readonly ExchangeRow[];
  nextKey: number;
  /** Exchanges that ended, by the time they were told; those of the last second make the rate. */
  recent: readonly { at: number; ended: number }[];
  /** The list stands still: what it holds, and how many rows up from its end it is scrolled. */
  paused?: { rows: readonly ExchangeRow[]; fromKey: number; scroll: number };
  /** Lower-case text that a row must contain. */
  filter: string;
  prompt?: Prompt;
  help: boolean;
  message?: Message;
  /** The last failure, miss or warning, told until something else is said. */
  trouble?: ExchangeRow;
}

export interface Connection {
  state: 'connecting' | 'connected' | 'lost';
  message?: string;
}

export interface Message {
  tone: 'good' | 'bad' | 'dim';
  text: string;
  /** Until then (as `now`) no failure of an exchange takes its place. */
  until: number;
}

/** What the user is asked for at the bottom of the screen. */
export type Prompt =
  | {
      kind: 'toxic';
      session: string;
      /** Its type; missing where the line names it. */
      type?: string;
      /** The toxic that is changed rather than a new one added. */
      existing?: { name: string; stream: string };
      input: TextInput;
      error?: string;
      /** Sent, and not answered yet. */
      busy?: boolean;
    }
  | { kind: 'filter'; input: TextInput; before: string }
  | { kind: 'remove'; session: string; options: readonly { name: string; label: string }[]; index: number }
  | { kind: 'quit'; question: string };

/** What is to be done with the stack, or the view, because of a key. */
export type Effect =
  | { type: 'add-toxic'; session: string; request: AddToxicRequest }
  | {
      type: 'change-toxic';
      session: string;
      name: string;
      change: { toxicity?: number; attributes: Record<string, unknown> };
    }
  | { type: 'remove-toxic'; session: string; name: string }
  | { type: 'reset-toxics'; session: string }
  /** Draw everything anew: something else has written to the terminal. */
  | { type: 'repaint' }
  | { type: 'quit' };

export type LiveAction =
  | { type: 'resized'; columns: number; rows: number }
  | { type: 'connection'; connection: Connection }
  | { type: 'status'; status: StackStatus; now: number }
  | { type: 'session'; session: SessionView }
  | { type: 'events'; events: readonly (SessionEvent | MissedEvents)[]; now: number }
  | { type: 'done'; effect: Effect; text: string }
  | { type: 'failed'; effect: Effect; text: string };

/** Rows kept of the list: more than anybody scrolls back, and bounded however long the view runs. */
export const rowsKept = 1000;
const rateWindowMs = 1000;
/** How long what the user did stays readable, whatever fails meanwhile. */
const messageMs = 4000;

export function initialState(size: { columns: number; rows: number }, now: number): LiveState {
  return {
    size,
    now,
    connection: { state: 'connecting' },
    onlySelected: false,
    rows: [],
    nextKey: 0,
    recent: [],
    filter: '',
    help: false,
  };
}

export function reduce(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case 'resized':
      return { ...state, size: { columns: action.columns, rows: action.rows } };
    case 'connection':
      return { ...state, connection: action.connection };
    case 'status': {
      const { status, now } = action;
      // Another stack, or the same started anew: its events begin again.
      const restarted = state.status !== undefined && state.status.startedAt !== status.startedAt;
      return keepSelection(
        {
          ...state,
          status,
          now,
          recent: withinWindow(state.recent, now),
          rows: restarted ? closeOpen(state.rows) : state.rows,
        },
        state.status?.sessions ?? [],
      );
    }
    case 'session':
      return withSessions(state, (sessions) =>
        sessions.map((session) => (session.id === action.session.id ? action.session : session)),
      );
    case 'events':
      return afterEvents(state, action.events, action.now);
    case 'done': {
      const { prompt: _prompt, trouble: _trouble, ...rest } = state;
      return { ...(isWaiting(state.prompt) ? rest : state), message: messageAt(state, 'good', action.text) };
    }
    case 'failed':
      return isWaiting(state.prompt)
        ? { ...state, prompt: { ...state.prompt, busy: false, error: action.text } }
        : { ...state, message: messageAt(state, 'bad', action.text) };
  }
}

/** The chosen session, if there is any. */
export function selectedSession({ status, selected }: LiveState): SessionView | undefined {
  return status?.sessions.find(({ id }) => id === selected);
}

/** The rows that the list shows from: those that pass the filter, standing still while paused. */
export function visibleRows(state: LiveState): readonly ExchangeRow[] {
  const { filter, selected, onlySelected } = state;
  const rows = state.paused?.rows ?? state.rows;
  if (filter === '' && !onlySelected) return rows;
  return rows.filter((row) => (!onlySelected || row.session === selected) && contains(row, filter));
}

/** A message for this moment. */
export function messageAt({ now }: LiveState, tone: Message['tone'], text: string): Message {
  return { tone, text, until: now + messageMs };
}

/** Exchanges that ended within the last second. */
export function ratePerSecond({ recent }: LiveState): number {
  return recent.reduce((sum, { ended }) => sum + ended, 0);
}

/** Rows that came since the list was paused. */
export function waitingRows({ paused, nextKey }: LiveState): number {
  return paused === undefined ? 0 : nextKey - paused.fromKey;
}

function afterEvents(state: LiveState, events: readonly (SessionEvent | MissedEvents)[], now: number): LiveState {
  let rows = state.rows;
  for (const event of events) if (event.type === 'missed') rows = closeOpen(rows);
  const change = applyEvents({ rows, nextKey: state.nextKey }, events, rowsKept);
  const removed = events.flatMap((event) =>
    event.type === 'session' && event.action === 'removed' ? [event.session] : [],
  );
  const ended = events.filter(({ type }) => type === 'response' || type === 'failure' || type === 'tunnel').length;
  return {
    ...state,
    now,
    rows: removed.reduce((all, session) => closeOpen(all, session), change.rows),
    nextKey: change.nextKey,
    recent: [...withinWindow(state.recent, now), ...(ended === 0 ? [] : [{ at: now, ended }])],
    ...(change.trouble === undefined ? {} : { trouble: change.trouble }),
  };
}

function withinWindow(recent: LiveState['recent'], now: number): LiveState['recent'] {
  return recent.filter(({ at }) => at > now - rateWindowMs);
}

function withSessions(state: LiveState, change: (sessions: SessionView[]) => SessionView[]): LiveState {
  return state.status === undefined
    ? state
    : { ...state, status: { ...state.status, sessions: change(state.status.sessions) } };
}

/** The chosen session stays chosen; when it is gone, the one in its place is. */
function keepSelection(state: LiveState, before: readonly SessionView[]): LiveState {
  const sessions = state.status?.sessions ?? [];
  if (sessions.some(({ id }) => id === state.selected)) return state;
  const place = before.findIndex(({ id }) => id === state.selected);
  const selected = sessions[Math.min(Math.max(place, 0), sessions.length - 1)]?.id;
  return { ...state, selected, ...(selected === undefined ? { onlySelected: false } : {}) };
}

function isWaiting(prompt: Prompt | undefined): prompt is Extract<Prompt, { kind: 'toxic' }> {
  return prompt?.kind === 'toxic' && prompt.busy === true;
}

function contains(
  { session, method, host, path, status, by, explanation = '', outcome }: ExchangeRow,
  filter: string,
): boolean {
  return `${method} ${host}${path} ${status ?? ''} ${by} ${outcome} ${session} ${explanation}`
    .toLowerCase()
    .includes(filter);
}
