import type { ChildStatus } from '../../api/schemas.js';
import { clean } from '../text-cells.js';
import { lineCells, type Cell, type Line, type Tone } from '../style.js';

const tones: Record<ChildStatus['state'], Tone> = {
  starting: 'warn',
  ready: 'good',
  restarting: 'warn',
  failed: 'bad',
  stopped: 'dim',
};

const gap = '   ';

/** The child processes with their health, side by side in as few lines as they fit into. */
export function childrenLines(children: readonly ChildStatus[], width: number): Line[] {
  const lines: Cell[][] = [];
  for (const cells of children.map(childCells)) {
    const last = lines.at(-1);
    const joined: Cell[] = last === undefined ? [] : [...last, { text: gap }, ...cells];
    if (last !== undefined && lineCells(joined) < width) lines[lines.length - 1] = joined;
    else lines.push([{ text: ' ' }, ...cells]);
  }
  return lines;
}

/** `● toxiproxy 2.12.0 ready pid 4711`; restarts and the last error when there are any. */
function childCells({ name, state, version, pid, restarts, lastError }: ChildStatus): Cell[] {
  const tone = tones[state];
  const cells: Cell[] = [
    { text: state === 'ready' ? '● ' : '○ ', tone },
    { text: clean(name), tone: 'strong' },
    { text: version === undefined ? ' ' : ` ${clean(version)} ` },
    { text: state === 'restarting' ? 'restarting…' : state, tone },
  ];
  if (pid !== undefined) cells.push({ text: ` pid ${pid}`, tone: 'dim' });
  if (restarts > 0) cells.push({ text: ` ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`, tone: 'warn' });
  if (lastError !== undefined && state !== 'ready') cells.push({ text: ` ${clean(lastError)}`, tone: 'bad' });
  return cells;
}
