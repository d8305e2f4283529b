import type { MissedEvents, SessionEvent } from '../protocol/session-event.js';
import { formatToxic } from './toxic-label.js';
import { clean, shorten } from './text-cells.js';

/** One line of the list of exchanges: an exchange, a tunnel, or something that happened between them. */
export interface ExchangeRow {
  /** Counts up; never used twice. */
  key: number;
  /** ISO 8601. */
  time: string;
  session: string;
  kind: 'exchange' | 'tunnel' | 'note';
  outcome: 'open' | 'done' | 'failed' | 'missed' | 'unknown';
  /** The exchange's id, for what is told of it later. */
  exchange?: string;
  method: string;
  host: string;
  path: string;
  status?: number;
  durationMs?: number;
  bytes?: number;
  /** Who answered, or why nobody did: one word. */
  by: string;
  /** The failure's or miss's explanation, in full. */
  explanation?: string;
}

interface RowsChange {
  rows: readonly ExchangeRow[];
  nextKey: number;
  /** The last failure, miss or warning among the events. */
  trouble?: ExchangeRow;
}

/** UTF-16 units kept of a path or an explanation: more than the widest terminal shows. */
const textKept = 512;

/**
 * The rows after `events`, at most `limit` of them, the oldest going first. An exchange has one row, which its request
 * opens and its response, miss or failure fills in. Pure; `rows` is not changed.
 */
export function applyEvents(
  { rows, nextKey }: { rows: readonly ExchangeRow[]; nextKey: number },
  events: readonly (SessionEvent | MissedEvents)[],
  limit: number,
): RowsChange {
  const next = [...rows];
  const open = new Map<string, number>();
  rows.forEach((row, index) => {
    if (row.exchange !== undefined && row.outcome !== 'done' && row.outcome !== 'failed') open.set(row.exchange, index);
  });
  let key = nextKey;
  let trouble: ExchangeRow | undefined;
  for (const event of events) {
    const change = rowOf(event);
    if (change === undefined) continue;
    const index = change.exchange === undefined ? undefined : open.get(change.exchange);
    const known = index === undefined ? undefined : next[index];
    // A miss is followed by the response that told the client of it: the row stays a miss.
    const missed =
      known?.outcome === 'missed' ? { outcome: 'missed' as const, by: known.by, explanation: known.explanation } : {};
    const row: ExchangeRow =
      known === undefined ? { ...change, key: key++ } : { ...change, ...missed, key: known.key, time: known.time };
    if (index === undefined) {
      if (row.exchange !== undefined) open.set(row.exchange, next.length);
      next.push(row);
    } else next[index] = row;
    if (row.outcome === 'failed' || row.outcome === 'missed') trouble = row;
  }
  return { rows: next.slice(-limit), nextKey: key, ...(trouble === undefined ? {} : { trouble }) };
}

/** Rows whose end nobody will tell any more, since events were lost or their session is gone. */
export function closeOpen(rows: readonly ExchangeRow[], session?: string): readonly ExchangeRow[] {
  const stale = (row: ExchangeRow): boolean =>
    row.outcome === 'open' && (session === undefined || row.session === session);
  return rows.some(stale) ? rows.map((row) => (stale(row) ? { ...row, outcome: 'unknown' as const } : row)) : rows;
}

type NewRow = Omit<ExchangeRow, 'key'>;

function rowOf(event: SessionEvent | MissedEvents): NewRow | undefined {
  if (event.type === 'missed') {
    const text = `${event.count ?? 'Some'} events came faster than they could be shown`;
    return { ...note('', new Date().toISOString(), text), outcome: 'unknown' };
  }
  const base = { time: event.time, session: event.session };
  switch (event.type) {
    case 'request':
      return { ...base, ...target(event), outcome: 'open', by: '' };
    case 'response': {
      const { status, durationMs, responseBytes, servedBy } = event;
      return {
        ...base,
        ...target(event),
        outcome: 'done',
        status,
        durationMs,
        bytes: responseBytes,
        by: clean(servedBy),
      };
    }
    case 'failure': {
      const { durationMs, error, status } = event;
      const explanation = text(error.message);
      return {
        ...base,
        ...target(event),
        outcome: 'failed',
        durationMs,
        by: clean(error.kind),
        explanation,
        ...(status === undefined ? {} : { status }),
      };
    }
    case 'miss':
      return { ...base, ...target(event), outcome: 'missed', by: 'miss', explanation: text(missReason(event.miss)) };
    case 'tunnel': {
      const { host, port, reason, durationMs, bytesSent, bytesReceived } = event;
      return {
        ...base,
        kind: 'tunnel',
        outcome: 'done',
        method: 'TUNNEL',
        host: text(host),
        path: `:${port}`,
        durationMs,
        bytes: bytesSent + bytesReceived,
        by: 'tunnel',
        explanation: text(reason),
      };
    }
    case 'toxic':
      return note(event.session, event.time, `toxic ${event.action}${toxicText(event.toxic)}`);
    case 'session':
      return note(event.session, event.time, `session ${event.action}`);
    case 'warning':
      return {
        ...note(event.session, event.time, [event.message.replace(/\.$/, ''), event.hint].filter(Boolean).join('. ')),
        outcome: 'failed',
        by: 'warning',
      };
    default:
      // An event that a newer stack knows.
      return undefined;
  }
}

function note(session: string, time: string, message: string): NewRow {
  const path = text(message);
  return { time, session, kind: 'note', outcome: 'done', method: '', host: '', path, by: '', explanation: path };
}

function target({ method, url, exchange }: { method: string; url: string; exchange: string }) {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url);
  return {
    kind: 'exchange' as const,
    exchange,
    method: clean(method),
    host: text(match?.[1] ?? ''),
    path: text(match === null ? url : (match[2] ?? '') || '/'),
  };
}

function text(value: string): string {
  return clean(shorten(value, textKept));
}

function missReason(miss: unknown): string {
  const reason = typeof miss === 'object' && miss !== null && 'reason' in miss ? miss.reason : undefined;
  return typeof reason === 'string' ? reason : 'no recorded exchange answers it';
}

/** `down`, which has no attributes. */
function toxicType(toxic: object): string {
  return 'type' in toxic ? ` ${String(toxic.type)}` : '';
}

function toxicText(toxic: unknown): string {
  if (typeof toxic === 'string') return ` ${toxic}`;
  if (typeof toxic !== 'object' || toxic === null) return '';
  if (!('type' in toxic && 'attributes' in toxic)) return 'name' in toxic ? ` ${String(toxic.name)}` : toxicType(toxic);
  return ` ${formatToxic(toxic as Parameters<typeof formatToxic>[0])}`;
}
