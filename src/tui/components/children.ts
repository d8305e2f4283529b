import type { ChildStatus } from '../../api/schemas.js';
import { clean } from '../text-cells.js';
import { lineCells, type Cell, type Line, type Tone } from '../style.js';

const tones: Record<ChildStatus['state'], Tone> = {
  starting: 'warn',
  ready: 'good',
  silent: 'bad',
  restarting: 'warn',
  failed: 'bad',
  stopped: 'dim',
};

const gap = '   ';
const mostPids = 3;

/** The child processes with their health, side by side in as few lines as they fit into. */
export function childrenLines(children: readonly ChildStatus[], width: number): Line[] {
  const lines: Cell[][] = [];
  for (const cells of [...byKind(children)].map((alike) => childCells(alike[0], alike.slice(1)))) {
    const last = lines.at(-1);
    const joined: Cell[] = last === undefined ? [] : [...last, { text: gap }, ...cells];
    if (last !== undefined && lineCells(joined) < width) lines[lines.length - 1] = joined;
    else lines.push([{ text: ' ' }, ...cells]);
  }
  return lines;
}

/** MITM processes of which there is nothing to tell go together; one that is not well stands alone. */
function byKind(children: readonly ChildStatus[]): [ChildStatus, ...ChildStatus[]][] {
  const groups: [ChildStatus, ...ChildStatus[]][] = [];
  const wellByKind = new Map<string, ChildStatus[]>();
  for (const child of children) {
    const kind = child.name.replace(/-\d+$/, '');
    const well = child.state === 'ready' && child.restarts === 0;
    const alike = well ? wellByKind.get(kind) : undefined;
    if (alike !== undefined) {
      alike.push(child);
      continue;
    }
    const group: [ChildStatus, ...ChildStatus[]] = [child];
    groups.push(group);
    if (well) wellByKind.set(kind, group);
  }
  return groups;
}

/**
 * `● toxiproxy 2.12.0 ready pid 4711`, `● mitm ×2 ready pid 4712 4713`; restarts and the last error when there are any.
 */
function childCells({ name, state, version, pid, restarts, lastError }: ChildStatus, others: ChildStatus[]): Cell[] {
  const tone = tones[state];
  const count = others.length + 1;
  const cells: Cell[] = [
    { text: state === 'ready' ? '● ' : '○ ', tone },
    { text: clean(name), tone: 'strong' },
    { text: `${version === undefined ? '' : ` ${clean(version)}`}${count === 1 ? '' : ` ×${count}`} ` },
    { text: state === 'restarting' ? 'restarting…' : state, tone },
  ];
  const pids = [pid, ...others.map((other) => other.pid)].filter((each) => each !== undefined);
  if (pids.length > 0 && count <= mostPids) cells.push({ text: ` pid ${pids.join(' ')}`, tone: 'dim' });
  if (restarts > 0) cells.push({ text: ` ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`, tone: 'warn' });
  if (lastError !== undefined && state !== 'ready') cells.push({ text: ` ${clean(lastError)}`, tone: 'bad' });
  return cells;
}
