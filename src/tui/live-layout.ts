import { cutMiddle } from './text-cells.js';
import type { Column } from './style.js';

/*
 * Where things go on a screen of a given size. Pure, and without a memory: the same size and content always give the
 * same layout, and nothing moves because of what passes through.
 */

export const smallestScreen = { columns: 40, rows: 10 };

interface Sections {
  children: number;
  /** Rows of sessions, captions not counted. */
  sessions: number;
  /** Rows of exchanges, captions not counted. */
  exchanges: number;
}

/** One line each: header, two captions, message, footer. */
const fixedRows = 5;

/**
 * How the rows are shared out: sessions take what they need up to a third of the screen, exchanges the rest.
 * `wanted.children`: lines that the children need at this width.
 */
export function shareRows(rows: number, wanted: { children: number; sessions: number }): Sections {
  const free = Math.max(2, rows - fixedRows);
  const children = Math.min(wanted.children, Math.max(1, Math.floor(free / 6)));
  const sessions = Math.min(Math.max(1, wanted.sessions), Math.max(1, Math.floor((free - children) / 3)));
  return { children, sessions, exchanges: Math.max(0, free - children - sessions) };
}

/** The window of a list that shows the item `index`, which stays near the middle. Returns the first visible index. */
export function windowStart(count: number, visible: number, index: number): number {
  return Math.max(0, Math.min(index - Math.floor(visible / 2), count - visible));
}

type Candidate = Column & {
  /** Shown from this width on. */
  from?: number;
  /** Width from a screen width on, the widest that applies. */
  grows?: readonly (readonly [from: number, cells: number])[];
};

const sessionCandidates: readonly Candidate[] = [
  { key: 'mark', caption: '', cells: 1 },
  {
    key: 'id',
    caption: 'SESSION',
    cells: 15,
    cut: cutMiddle,
    grows: [
      [100, 18],
      [140, 24],
    ],
  },
  { key: 'mode', caption: 'MODE', cells: 6 },
  { key: 'port', caption: 'PORT', cells: 5, align: 'right' },
  { key: 'proxy', caption: 'PROXY', cells: 24, from: 160 },
  { key: 'test', caption: 'TEST', cells: 20, from: 120, cut: cutMiddle, grows: [[180, 32]] },
  { key: 'exchanges', caption: 'EXCH', cells: 5, align: 'right', from: 46, grows: [[100, 7]] },
  { key: 'failures', caption: 'FAIL', cells: 4, align: 'right', from: 54 },
  { key: 'misses', caption: 'MISS', cells: 4, align: 'right', from: 54 },
  { key: 'bytes', caption: 'BYTES', cells: 6, align: 'right', from: 90 },
];

const exchangeCandidates: readonly Candidate[] = [
  { key: 'time', caption: 'TIME', cells: 8, from: 100, grows: [[140, 12]] },
  { key: 'session', caption: 'SESSION', cells: 12, from: 110, cut: cutMiddle, grows: [[160, 18]] },
  { key: 'method', caption: 'METHOD', cells: 7 },
  { key: 'status', caption: 'STAT', cells: 4 },
  {
    key: 'host',
    caption: 'HOST',
    cells: 14,
    cut: cutMiddle,
    grows: [
      [72, 17],
      [100, 22],
      [140, 30],
      [180, 36],
    ],
  },
];

const exchangeEnd: readonly Candidate[] = [
  { key: 'duration', caption: 'TIME', cells: 6, align: 'right', from: 52 },
  { key: 'bytes', caption: 'SIZE', cells: 6, align: 'right', from: 62 },
  {
    key: 'by',
    caption: 'BY',
    cells: 8,
    from: 70,
    grows: [
      [110, 11],
      [160, 32],
      [200, 48],
    ],
  },
];

/** Columns of the list of sessions; the last, `toxics`, takes what is left. */
export function sessionColumns(width: number): Column[] {
  const columns = choose(sessionCandidates, width);
  return [...columns, { key: 'toxics', caption: 'TOXICS', cells: rest(columns, width) }];
}

/** Columns of the list of exchanges; `path` takes what the others leave. `withSession`: say whose each one is. */
export function exchangeColumns(width: number, withSession: boolean): Column[] {
  const start = choose(exchangeCandidates, width).filter(({ key }) => withSession || key !== 'session');
  const end = choose(exchangeEnd, width);
  // Both captions would be TIME: the clock's is the one that needs no explanation.
  const named = start.map((column) => (column.key === 'time' ? { ...column, caption: 'AT' } : column));
  const path = { key: 'path', caption: 'PATH', cells: rest([...named, ...end], width), cut: cutMiddle };
  return [...named, path, ...end];
}

function choose(candidates: readonly Candidate[], width: number): Column[] {
  return candidates
    .filter(({ from = 0 }) => width >= from)
    .map(({ from: _from, grows = [], ...column }) => {
      const [, cells] = grows.filter(([from]) => width >= from).at(-1) ?? [0, column.cells];
      return { ...column, cells };
    });
}

/** What the columns leave, with one space before it and between all. */
function rest(columns: readonly Column[], width: number): number {
  return Math.max(1, width - columns.reduce((sum, { cells }) => sum + cells + 1, 0));
}
