import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { release, totalmem } from 'node:os';
import { cpuModel } from '../../proc.js';
import { findToxiproxy } from '../../toxiproxy-binary.js';
import type { Options } from '../options.js';
import { BenchStack } from './bench-session.js';
import { capacityRows } from './capacity.js';
import { costRows } from './cost.js';
import { latencyRows } from './latency.js';
import { pageRows } from './pages.js';
import { renderPage, renderPlot, renderText } from './report.js';
import type { Row } from './row.js';

type Say = (line: string) => void;

const groups: Record<Row['group'], (stack: BenchStack, options: Options, say: Say) => Promise<Row[]>> = {
  latency: (stack, _, say) => latencyRows(stack, say),
  page: (stack, _, say) => pageRows(stack, say),
  capacity: (stack, { seconds }, say) => capacityRows(stack, seconds, say),
  cost: (stack, _, say) => costRows(stack, say),
};

/** Measures links and latency through whole sessions. Returns the exit code: 1 when anything is outside its bounds. */
export async function runLinks(options: Options, say: Say): Promise<number> {
  const toxiproxy = await findToxiproxy(say, new AbortController().signal);
  await using stack = await BenchStack.start(toxiproxy.path);
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(groups)) {
    if (options.only.test(name)) rows.push(...(await measure(stack, options, say)));
  }
  if (rows.length === 0)
    throw new Error(`No group is named like ${String(options.only)}: ${Object.keys(groups).join(', ')}`);
  process.stdout.write(options.json ? `${JSON.stringify(rows, null, 1)}\n` : `${renderText(rows)}\n`);
  if (options.save !== undefined) await save(options.save, rows);
  return rows.every(({ within }) => within) ? 0 : 1;
}

/** The page, and its plot beside it. */
async function save(file: string, rows: readonly Row[]): Promise<void> {
  const plot = file.replace(/(\.md)?$/, '.svg');
  await writeFile(plot, renderPlot(rows));
  const circumstances = {
    command: `npm run bench:network -- ${process.argv.slice(2).join(' ')}`,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpuModel()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`,
  };
  await writeFile(file, renderPage(rows, circumstances, basename(plot)));
}
