import { findToxiproxy } from '../../toxiproxy-binary.js';
import type { Options } from '../options.js';
import { BenchStack } from './bench-session.js';
import { capacityRows } from './capacity.js';
import { costRows } from './cost.js';
import { latencyRows } from './latency.js';
import { pageRows } from './pages.js';
import type { Row } from './row.js';

type Say = (line: string) => void;

const groups: Record<Row['group'], (stack: BenchStack, options: Options, say: Say) => Promise<Row[]>> = {
  latency: (stack, _, say) => latencyRows(stack, say),
  page: (stack, _, say) => pageRows(stack, say),
  capacity: (stack, { seconds }, say) => capacityRows(stack, seconds, say),
  cost: (stack, _, say) => costRows(stack, say),
};

/** Measures links and latency through whole sessions. */
export async function measureLinks(options: Options, say: Say): Promise<Row[]> {
  const toxiproxy = await findToxiproxy(say, new AbortController().signal);
  await using stack = await BenchStack.start(toxiproxy.path);
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(groups)) {
    if (options.groups.test(name)) rows.push(...(await measure(stack, options, say)));
  }
  if (rows.length === 0)
    throw new Error(`No group is named like ${String(options.groups)}: ${Object.keys(groups).join(', ')}`);
  return rows;
}
