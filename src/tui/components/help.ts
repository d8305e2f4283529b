import { toxicDefinitions } from '../../toxics/index.js';
import { toxicKeys } from '../live-keys.js';
import type { Line } from '../style.js';

const keyCells = 14;

/** What each key does, and what the marks mean. */
export function helpLines(): Line[] {
  const toxics = Object.entries(toxicKeys).flatMap(([key, { type }]): [string, string][] => {
    const summary = toxicDefinitions.find((definition) => definition.type === type)?.summary;
    return summary === undefined ? [] : [[key, `${type}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`]];
  });
  const others = toxicDefinitions.map(({ type }) => type).join(', ');
  return [
    ...section('The chosen session', [
      ['↑ ↓ Tab', 'choose another one'],
      ...toxics,
      ['a', `any toxic, as after "proxyctl toxic": ${others}`],
      ['d', 'take the proxy down, and up again'],
      ['x', 'remove a toxic'],
      ['r', 'reset: remove all, and bring the proxy up'],
    ]),
    ...section('The list', [
      ['Space', 'let it stand still, and go on'],
      ['PgUp PgDn', 'scroll; Home the oldest, End the newest'],
      ['/', 'show what contains a text (miss, failed, 404, /path, …)'],
      ['Enter', 'show the chosen session only'],
      ['Esc', 'show all, and forget the message'],
    ]),
    ...section('', [
      ['Ctrl-L', 'draw the screen anew'],
      ['q Ctrl-C', 'quit: stop the stack'],
    ]),
    ...section('Toxics', [
      ['↓ ↑ ↕', 'to the client, to the server, both'],
      ['± N% *', 'spread; share of connections; added by another program'],
    ]),
  ];
}

function section(title: string, entries: readonly [string, string][]): Line[] {
  const heading: Line[] = title === '' ? [] : [[{ text: ` ${title}`, tone: 'strong' }]];
  return [
    ...heading,
    ...entries.map(([key, does]): Line => [{ text: `   ${key.padEnd(keyCells)}`, tone: 'accent' }, { text: does }]),
  ];
}
