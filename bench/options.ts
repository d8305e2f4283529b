import { parseArgs } from 'node:util';
import { chainIds, type ChainId } from './chains/index.js';
import { rowIds, type RowId } from './rows.js';

export interface Options {
  rounds: number;
  /** How long each steady measurement lasts. */
  seconds: number;
  rows: RowId[];
  only: ChainId[];
  /** No measurement begins later than this after the start. */
  minutes: number;
  /** How long a measurement waits for a quiet machine; 0: not at all, and none is made twice. */
  patienceSeconds: number;
  json: boolean;
  /** Exit code 1 when a target is missed. */
  check: boolean;
  /** A Markdown file for the report. */
  save?: string;
}

export const usage = `npm run bench -- [options]

  --rounds N       interleaved rounds (default 3)
  --seconds N      length of each steady measurement (default 2)
  --rows A,B       of: ${rowIds.join(', ')}
  --only A,B       of: ${chainIds.join(', ')} (direct always runs)
  --minutes N      begin nothing new after this time (default 20)
  --patience N     seconds to wait for a quiet machine before each measurement (default 5;
                   0: measure once, whatever others do)
  --json           print JSON instead of the tables
  --save FILE      also write the report as Markdown
  --check          exit 1 when a target is missed
`;

/** Throws an `Error` that names the bad argument. */
export function parseOptions(argv: string[]): Options | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '20' },
      patience: { type: 'string', default: '5' },
      rows: { type: 'string', default: rowIds.join(',') },
      only: { type: 'string', default: chainIds.join(',') },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      save: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    seconds: positive('--seconds', values.seconds),
    minutes: positive('--minutes', values.minutes),
    patienceSeconds: values.patience === '0' ? 0 : positive('--patience', values.patience),
    rows: pick('--rows', values.rows, rowIds),
    only: pick('--only', values.only, chainIds),
    json: values.json,
    check: values.check,
    save: values.save,
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e4)) throw new Error(`${flag} wants a number above 0, not "${text}"`);
  return value;
}

/** In the order of `known`, whatever order was asked for. */
function pick<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  const wanted = text.split(',').map((part) => part.trim());
  const unknown = wanted.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`${flag}: no "${unknown.join('", "')}"; there are ${known.join(', ')}`);
  return known.filter((name) => wanted.includes(name));
}
