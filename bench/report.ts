import { release, totalmem, type as osType } from 'node:os';
import { chains, chainIds, type ChainId } from './chains/index.js';
import type { Options } from './options.js';
import { versionOf } from './paths.js';
import { cpuModel, hasProc } from './proc.js';
import { isCell, type Cell, type Results } from './results.js';
import { rows, rowIds, type Row, type RowId } from './rows.js';
import type { Verdict } from './targets.js';

export interface Report {
  /** ISO 8601. */
  finishedAt: string;
  command: string;
  machine: string;
  versions: Record<string, string>;
  rounds: number;
  seconds: number;
  /** Share of samples that others disturbed. */
  disturbedShare: number;
  results: Results;
  verdicts: Verdict[];
}

/** What a reader needs to judge the figures by, without names of machines or people. */
export function machine(): string {
  return `${cpuModel()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${osType()} ${release().split('-')[0]}, Node ${process.versions.node}`;
}

export function versions(toxiproxy: string): Record<string, string> {
  return { Toxiproxy: toxiproxy, 'http-mitm-proxy': versionOf('http-mitm-proxy'), undici: versionOf('undici') };
}

export function commandLine(options: Options): string {
  const rowFlag = options.rows.length === rowIds.length ? '' : ` --rows ${options.rows.join(',')}`;
  const only = options.only.length === chainIds.length ? '' : ` --only ${options.only.join(',')}`;
  return `npm run bench -- --rounds ${options.rounds} --seconds ${options.seconds}${rowFlag}${only}`;
}

/** Both tables and the verdicts, in Markdown that reads well as plain text too. */
export function render(report: Report): string {
  const { results } = report;
  const shown = chainIds.filter((id) => Object.values(results).some((row) => row[id] !== undefined));
  const measured = rowIds.filter((id) => results[id] !== undefined);
  const head = ['', ...shown.map((id) => chains[id].title)];
  const parts = [
    table(
      head,
      measured.map((row) => [rows[row].title, ...shown.map((id) => figure(row, id, results[row]?.[id]))]),
    ),
    'Rates: direct in requests per second, all others as their share of direct in the same round. p50 at c=1: what is added to direct. ' +
      'Cold hosts: all of them / the longest wait of a client on a warm host meanwhile. Memory: growth (worst round) and speed of the download.',
  ];
  if (hasProc) {
    const rated = measured.filter((row) => rows[row].unit === '/s');
    const costs = rated.map((row) => [
      rows[row].title,
      ...shown.filter(notDirect).map((id) => cost(results[row]?.[id])),
    ]);
    if (costs.length > 0) {
      const title = 'CPU seconds for 10,000 requests (all processes of the chain)';
      parts.push(table([title, ...head.slice(1).filter((_, index) => notDirect(shown[index]))], costs));
    }
  }
  if (report.verdicts.length > 0) {
    const lines = report.verdicts.map(({ what, wanted, got, met }) => [what, wanted, got, met ? 'met' : 'MISSED']);
    parts.push(table(['target', 'wanted', 'measured', ''], lines));
  }
  const failures = notes(results);
  if (failures.length > 0) parts.push(failures.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** The page that `--save` writes. */
export function page(report: Report): string {
  const known = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmarks

Made by \`${report.command} --save docs/benchmarks.md\` on ${report.finishedAt.slice(0, 10)}. How it measures: [bench/README.md](../bench/README.md).

Machine: ${report.machine}; load generator, origin and proxies share its cores. ${known.join(', ')}.
Medians of ${report.rounds} interleaved rounds, ${report.seconds} s for each steady measurement; others disturbed ${Math.round(report.disturbedShare * 100)} % of the samples.

${render(report)}`;
}

const notDirect = (id: ChainId | undefined): boolean => id !== 'direct';

function figure(row: RowId, chain: ChainId, cell: Cell | { failure: string } | undefined): string {
  if (cell === undefined) return '–';
  if (!isCell(cell)) return 'failed';
  const { unit } = rows[row] as Row;
  const mark = cell.errors > 0 ? ' (!)' : '';
  if (unit === '/s')
    return (chain === 'direct' || cell.compared === undefined ? `${count(cell.value)}/s` : share(cell.compared)) + mark;
  if (unit === 's') return `${cell.value.toFixed(2)} s / ${cell.stallMs?.toFixed(0) ?? '–'} ms${mark}`;
  if (unit === 'MiB') return `${cell.worst.toFixed(0)} MiB, ${cell.mibPerSecond?.toFixed(0) ?? '–'} MiB/s${mark}`;
  return (
    (chain === 'direct' || cell.compared === undefined
      ? `${cell.value.toFixed(3)} ms`
      : `+${cell.compared.toFixed(3)} ms`) + mark
  );
}

function cost(cell: Cell | { failure: string } | undefined): string {
  return isCell(cell) && cell.cpuPer10k !== undefined ? cell.cpuPer10k.toFixed(2) : '–';
}

const share = (value: number): string => value.toFixed(3).replace(/^0/, '');
const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** What went wrong where, one line each. */
function notes(results: Results): string[] {
  return rowIds.flatMap((row) =>
    chainIds.flatMap((chain) => {
      const cell = results[row]?.[chain];
      const where = `${rows[row].title}, ${chains[chain].title}`;
      if (cell === undefined) return [];
      if (!isCell(cell)) return [`- ${where}: failed: ${cell.failure.split('\n').join(' ')}`];
      return cell.errors > 0 ? [`- ${where} (!): ${cell.errors} failed requests: ${cell.firstError ?? '?'}`] : [];
    }),
  );
}

function table(head: string[], body: string[][]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((line) => line[column]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}
