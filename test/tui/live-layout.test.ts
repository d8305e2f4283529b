import { expect, test } from 'vitest';
import { exchangeColumns, sessionColumns, shareRows, windowStart } from '../../src/tui/live-layout.js';
import type { Column } from '../../src/tui/style.js';

const widthOf = (columns: readonly Column[]): number =>
  columns.reduce((sum, { cells }) => sum + cells, columns.length - 1);

test('from 40 columns on, the columns fill each width exactly', () => {
  for (let width = 40; width <= 400; width += 1) {
    expect(widthOf(sessionColumns(width))).toBe(width);
    expect(widthOf(exchangeColumns(width, true))).toBe(width);
    expect(widthOf(exchangeColumns(width, false))).toBe(width);
  }
});

test('80 columns hold all that an exchange is known by', () => {
  const columns = exchangeColumns(80, true);
  const told = ['method', 'status', 'host', 'path', 'duration', 'bytes', 'by'];
  expect(columns.map(({ key }) => key)).toEqual(told);
  expect(columns.find(({ key }) => key === 'path')?.cells).toBeGreaterThanOrEqual(24);
});

test('200 columns hold the time of day, the session and room for an explanation too', () => {
  const columns = exchangeColumns(200, true);
  expect(columns.map(({ key }) => key)).toEqual(expect.arrayContaining(['time', 'session']));
  expect(columns.find(({ key }) => key === 'by')?.cells).toBeGreaterThanOrEqual(40);
});

test('the rows of a screen are shared out to the last', () => {
  for (let rows = 10; rows <= 100; rows += 1) {
    for (const sessions of [0, 1, 7, 500]) {
      const shared = shareRows(rows, { children: 2, sessions });
      expect(shared.children + shared.sessions + shared.exchanges).toBe(rows - 5);
      expect(shared.exchanges).toBeGreaterThanOrEqual(2);
      expect(shared.sessions).toBeLessThanOrEqual(Math.max(1, sessions));
    }
  }
});

test('a window on a list shows the item asked for and no place behind its end', () => {
  for (let index = 0; index < 300; index += 1) {
    const first = windowStart(300, 7, index);
    expect(first).toBeLessThanOrEqual(index);
    expect(first + 7).toBeGreaterThan(index);
    expect(first + 7).toBeLessThanOrEqual(300);
  }
  expect(windowStart(3, 7, 2)).toBe(0);
});
