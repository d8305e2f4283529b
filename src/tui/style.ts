import { cellsOf, cutEnd, fit, type Align } from './text-cells.js';

/** What a piece of text means; how that looks is decided in one table. */
export type Tone =
  'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'accent' | 'info' | 'badge' | 'alarm' | 'caption' | 'cursor';

export interface Cell {
  text: string;
  tone?: Tone;
}

/** One line of the screen, from left to right. */
export type Line = readonly Cell[];

/** SGR parameters (ECMA-48 §8.3.117): the 16 colours that each terminal theme makes readable on its own background. */
const coloured: Record<Tone, string> = {
  plain: '',
  strong: '1',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
  accent: '36',
  info: '34',
  badge: '1;7;33',
  alarm: '1;7;31',
  caption: '7',
  cursor: '7',
};

/** NO_COLOR asks for no colour, not for no weight: what must stand out still does. */
const colourless: Record<Tone, string> = {
  plain: '',
  strong: '1',
  dim: '',
  good: '',
  warn: '1',
  bad: '1',
  accent: '',
  info: '',
  badge: '1;7',
  alarm: '1;7',
  caption: '7',
  cursor: '7',
};

/** A line as the terminal takes it. */
export function paint(line: Line, colour: boolean): string {
  const styles = colour ? coloured : colourless;
  return line
    .map(({ text, tone = 'plain' }) => {
      if (styles[tone] === '' || text === '') return text;
      // One sequence for each: ink takes a sequence with several parameters for one unknown style.
      const on = styles[tone].split(';').map((parameter) => `\u001b[${parameter}m`);
      return `${on.join('')}${text}\u001b[0m`;
    })
    .join('');
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/** No wider than `cells`: the cell that would go over is cut, those after it are left out. */
export function cutLine(line: Line, cells: number): Line {
  const result: Cell[] = [];
  let left = cells;
  for (const cell of line) {
    if (left <= 0) break;
    const text = cutEnd(cell.text, left);
    result.push({ ...cell, text });
    left -= cellsOf(text);
    if (text !== cell.text) break;
  }
  return result;
}

/** One to the left, one to the right, and what is between them; the left one gives way. */
export function spread(left: Line, right: Line, cells: number): Line {
  const room = Math.max(0, cells - lineCells(right) - 1);
  const start = cutLine(left, room);
  return cutLine(
    [...start, { text: ' '.repeat(Math.max(1, cells - lineCells(start) - lineCells(right))) }, ...right],
    cells,
  );
}

export interface Column {
  key: string;
  caption: string;
  cells: number;
  align?: Align;
  /** How a value that is too long is cut; the end, unless told otherwise. */
  cut?: (text: string, cells: number) => string;
}

/** A row of a table: every column exactly as wide as it says, one space between. */
export function tableLine(columns: readonly Column[], cells: Readonly<Record<string, Cell>>): Line {
  return columns.flatMap(({ key, cells: width, align, cut }, index) => {
    const { text, tone } = cells[key] ?? { text: '' };
    return [
      { text: index === 0 ? '' : ' ' },
      { text: fit(text, width, align, cut), ...(tone === undefined ? {} : { tone }) },
    ];
  });
}

/** The captions of a table, `first` instead of the first column's. */
export function captionLine(columns: readonly Column[], width: number, tone: Tone = 'caption'): Line {
  const text = columns.map(({ caption, cells, align }) => fit(caption, cells, align)).join(' ');
  return [{ text: fit(text, width), tone }];
}
