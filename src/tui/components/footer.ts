import { toxicDefinitions } from '../../toxics/index.js';
import { toxicKeys } from '../live-keys.js';
import type { LiveState } from '../live-model.js';
import { cutLine, lineCells, type Cell, type Line } from '../style.js';
import { promptKeys } from './prompt.js';

/** Keys with what they do, those first that matter most: the end is left out where there is no room. */
export function footerLine({ prompt, paused, size }: LiveState): Line {
  if (prompt?.kind === 'toxic' && prompt.error !== undefined) return [{ text: ` ✗ ${prompt.error}`, tone: 'bad' }];
  if (prompt !== undefined) return [{ text: ` ${promptKeys(prompt)}`, tone: 'dim' }];
  const last = hint('?', 'help');
  const room = size.columns - lineCells(last) - 2;
  const line: Cell[] = [{ text: ' ' }];
  for (const [key, does] of hints(paused !== undefined)) {
    const next = [...hint(key, does), { text: '  ' }];
    if (lineCells(line) + lineCells(next) > room) break;
    line.push(...next);
  }
  return cutLine([...line, ...last], size.columns);
}

function hints(paused: boolean): [string, string][] {
  const toxics = Object.entries(toxicKeys)
    .filter(([, { type }]) => toxicDefinitions.some((definition) => definition.type === type))
    .map(([key, { type }]): [string, string] => [key, type]);
  return [
    ['q', 'quit'],
    ['↑↓', 'session'],
    ...toxics,
    ['d', 'down'],
    ['x', 'remove'],
    ['r', 'reset'],
    ['space', paused ? 'go on' : 'pause'],
    ['/', 'filter'],
    ['a', 'any toxic'],
    ['Enter', 'this session only'],
  ];
}

function hint(key: string, does: string): Cell[] {
  return [
    { text: key, tone: 'strong' },
    { text: ` ${does}`, tone: 'dim' },
  ];
}
