import type { ExchangeRow } from '../exchange-rows.js';
import { exchangeColumns } from '../live-layout.js';
import { visibleRows, waitingRows, type LiveState } from '../live-model.js';
import { shortBytes, shortDuration } from '../quantity-text.js';
import { captionLine, tableLine, type Cell, type Column, type Line, type Tone } from '../style.js';
import { fit } from '../text-cells.js';

/** Captions and then the newest exchanges, the last one at the bottom. */
export function exchangeLines(state: LiveState, visible: number): Line[] {
  const { size, onlySelected } = state;
  const columns = exchangeColumns(size.columns, !onlySelected);
  const rows = visibleRows(state);
  const end = rows.length - Math.min(state.paused?.scroll ?? 0, Math.max(0, rows.length - visible));
  const shown = rows.slice(Math.max(0, end - visible), end);
  const lines = shown.map((row) =>
    row.kind === 'note' ? noteLine(row, columns, size.columns) : rowLine(row, columns),
  );
  return [captions(state, columns), ...(shown.length === 0 ? [emptyLine(state)] : lines)];
}

/** The columns' captions; what limits the list stands over the path, where there is room. */
function captions(state: LiveState, columns: readonly Column[]): Line {
  const { filter, onlySelected, selected, paused } = state;
  const limits = [
    paused === undefined ? '' : `PAUSED +${waitingRows(state)}`,
    onlySelected ? `only ${selected ?? ''}` : '',
    filter === '' ? '' : `/${filter}`,
  ].filter((limit) => limit !== '');
  const told = limits.length === 0 ? 'PATH' : `PATH  ${limits.join('  ')}`;
  const named = columns.map((column) => (column.key === 'path' ? { ...column, caption: told } : column));
  return captionLine(named, state.size.columns, paused === undefined ? 'caption' : 'badge');
}

function emptyLine({ rows, filter, onlySelected }: LiveState): Line {
  const text =
    rows.length > 0 && (filter !== '' || onlySelected)
      ? '  Nothing of what passed fits. Esc shows all again'
      : '  Nothing has passed yet';
  return [{ text, tone: 'dim' }];
}

function rowLine(row: ExchangeRow, columns: readonly Column[]): Line {
  const { time, session, method, host, path, durationMs, bytes, outcome, kind } = row;
  const quiet: Tone = outcome === 'open' || outcome === 'unknown' || kind === 'tunnel' ? 'dim' : 'plain';
  const loud: Tone | undefined = outcome === 'failed' || outcome === 'missed' ? 'bad' : undefined;
  const cells: Record<string, Cell> = {
    time: { text: clockTime(time, columns), tone: 'dim' },
    session: { text: session, tone: 'dim' },
    method: { text: method, tone: loud ?? quiet },
    status: statusCell(row),
    host: { text: host, tone: loud ?? 'dim' },
    path: { text: path, tone: loud ?? quiet },
    duration: { text: durationMs === undefined ? '' : shortDuration(durationMs), tone: quiet },
    bytes: { text: bytes === undefined ? '' : shortBytes(bytes), tone: quiet },
    by: byCell(row, columns),
  };
  return tableLine(columns, cells);
}

/** A note runs across the columns after the clock's and the session's. */
function noteLine(row: ExchangeRow, columns: readonly Column[], width: number): Line {
  const { time, session, path, outcome } = row;
  const lead = columns.filter(({ key }) => key === 'time' || key === 'session');
  const used = lead.reduce((sum, { cells }) => sum + cells + 1, 0);
  const start = tableLine(lead, {
    time: { text: clockTime(time, columns), tone: 'dim' },
    session: { text: session, tone: 'dim' },
  });
  const owner = lead.some(({ key }) => key === 'session') || session === '' ? '' : `${session}: `;
  const tone: Tone = outcome === 'failed' ? 'warn' : 'info';
  return [...start, { text: used > 0 ? ' ' : '' }, { text: fit(`· ${owner}${path}`, Math.max(0, width - used)), tone }];
}

function statusCell({ outcome, status, kind }: ExchangeRow): Cell {
  if (outcome === 'missed') return { text: 'MISS', tone: 'badge' };
  if (outcome === 'failed') return { text: 'FAIL', tone: 'alarm' };
  if (kind === 'tunnel') return { text: '──', tone: 'dim' };
  if (status === undefined) return { text: outcome === 'unknown' ? '?' : '…', tone: 'dim' };
  return {
    text: String(status),
    tone: status >= 500 ? 'bad' : status >= 400 ? 'warn' : status >= 300 ? 'accent' : 'good',
  };
}

/** One word where there is room for one; the explanation too where there is more. */
function byCell({ by, explanation, outcome }: ExchangeRow, columns: readonly Column[]): Cell {
  const room = columns.find(({ key }) => key === 'by')?.cells ?? 0;
  const loud = outcome === 'failed' || outcome === 'missed';
  const text =
    explanation !== undefined && room >= 24 ? `${by}: ${explanation}` : (shortNames[room < 11 ? by : ''] ?? by);
  return { text, tone: loud ? 'bad' : by === 'recording' ? 'good' : by === 'mock' ? 'accent' : 'dim' };
}

/** Eight cells are what a terminal of 80 columns can spare. */
const shortNames: Record<string, string> = { upstream: 'backend', recording: 'recorded', unreachable: 'unreach' };

/** Local time; with milliseconds where the column has room. */
function clockTime(iso: string, columns: readonly Column[]): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const wide = (columns.find(({ key }) => key === 'time')?.cells ?? 0) >= 12;
  return wide ? `${time}.${pad(date.getMilliseconds(), 3)}` : time;
}
