import { messageOf } from '../../src/errors/index.js';
import { findToxiproxy } from '../toxiproxy-binary.js';
import { Awake } from './awake.js';
import type { Chain } from './chain.js';
import { judge } from './criterion.js';
import { measureChain, type Measured } from './measure.js';
import { measureLinks } from './links/run.js';
import { parseOptions, usage, type Options } from './options.js';
import { circumstances, savePage, type Figures } from './page/page.js';
import { readReference, type ReferenceCell } from './reference.js';
import { renderReport } from './report.js';
import { simulate } from './simulate.js';
import { SessionChain } from './session-chain.js';
import { StageChain } from './stage-chain.js';
import { median } from './statistics.js';
import { measuredWorkloads } from './workloads.js';

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 1;
});

async function main(): Promise<number> {
  let options: Options | 'help';
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const { reference, links, save, json } = options;
  using _awake = new Awake();
  const figures: Figures = {};
  if (reference !== undefined) figures.loss = await measureLoss(reference, options);
  if (links) {
    const rows = await measureLinks(options, say);
    figures.links = { circumstances: circumstances(''), rows };
  }
  process.stdout.write(`${json ? JSON.stringify(figures, null, 1) : renderReport(figures)}\n`);
  if (save !== undefined) await savePage(save, figures, `npm run bench:network -- ${argumentsTold(options)}`);
  return figures.loss?.verdict.met !== false && figures.links?.rows.every(({ within }) => within) !== false ? 0 : 1;
}

/** Without the folder of the reference, which is this machine's. */
function argumentsTold({ save }: Options): string {
  return `--reference tcp-loss.json --links --save ${save ?? ''}`;
}

async function measureLoss(reference: string, options: Options): Promise<NonNullable<Figures['loss']>> {
  const { only, cells: count } = options;
  const known = (await readReference(reference)).filter(({ id }) => only.test(id));
  const whole = !options.model && !options.stage;
  // A session's link is shared by its connections; those of the reference have one each.
  const lossy = known.filter(
    ({ ge, loss_pct, rate_mbit }) => (ge !== undefined || loss_pct > 0) && !(whole && rate_mbit !== undefined),
  );
  const cells = spread(lossy, count ?? lossy.length);
  if (cells.length === 0) throw new Error(`No cell with loss in ${reference} is named like ${String(only)}`);
  if (options.model)
    return { circumstances: circumstances('the model alone'), verdict: judge(measureModel(cells, options)) };
  const { results, note } = await measure(cells, known, options);
  return { circumstances: circumstances(note), verdict: judge(results) };
}

function measureModel(cells: ReferenceCell[], { seed, scale }: Options): Measured[] {
  return cells.map((cell, index) => ({
    cell,
    samples: Object.fromEntries(
      measuredWorkloads
        .filter((workload) => cell.measures[workload] !== undefined)
        .map((workload, kind) => [
          workload,
          simulate(cell, workload, { seed: seed * 1_000_003 + index * 17 + kind, scale }).samples,
        ]),
    ),
  }));
}

async function measure(
  cells: ReferenceCell[],
  known: ReferenceCell[],
  options: Options,
): Promise<{ results: Measured[]; note: string }> {
  const interrupted = new AbortController();
  const toxiproxy = await findToxiproxy(say, interrupted.signal);
  const quiet = quietCell(known, cells);
  const Chosen = options.stage ? StageChain : SessionChain;
  await using chain: Chain = await Chosen.start([...cells, quiet], { toxiproxy: toxiproxy.path, seed: options.seed });
  const note = await checkLatency(chain, quiet, options.busy);
  return { results: await measureChain(chain, cells, { ...options, onProgress: say }), note };
}

/**
 * Without loss an exchange must take the RTT; else the bench is what is measured. Returns how long it took, in words.
 */
async function checkLatency(chain: Chain, cell: ReferenceCell, busy: boolean): Promise<string> {
  // The first run is for the code to be compiled, as it is through most of what follows.
  const alone = { parallel: 1, cores: 1, scale: 0.5, onProgress: () => undefined };
  await measureChain(chain, [cell], alone);
  const results = await measureChain(chain, [cell], alone);
  const times = results[0]?.samples.rr_1k?.map(({ timeMs }) => timeMs) ?? [];
  const excess = median(times) - cell.rtt_ms;
  const note = `1 KB exchange without loss: ${median(times).toFixed(2)} ms at an RTT of ${cell.rtt_ms} ms`;
  say(note);
  if (excess < 2) return note;
  const late = `An exchange without loss takes ${excess.toFixed(1)} ms more than the RTT (limit 2 ms)`;
  if (!busy) throw new Error(`${late}: the machine is too busy. --busy goes on nevertheless.`);
  say(`${late}: what follows is disturbed.`);
  return note;
}

function quietCell(known: ReferenceCell[], cells: ReferenceCell[]): ReferenceCell {
  const like = known.find(({ rate_mbit }) => rate_mbit === undefined) ?? known[0] ?? cells[0];
  if (like === undefined) throw new Error('The reference has no cells');
  const { rr_1k } = like.measures;
  const { ge: _ge, rate_mbit: _rate, queue_pkts: _queue, ...rest } = like;
  return { ...rest, id: 'no-loss', loss_pct: 0, loss_dir: 'none', measures: rr_1k === undefined ? {} : { rr_1k } };
}

/** `count` of them, at even distances. */
function spread<T>(all: T[], count: number): T[] {
  if (count >= all.length) return all;
  return Array.from({ length: count }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / count)] as T);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
