import { writeFileSync } from 'node:fs';
import { chains } from './chains/index.js';
import { parseOptions, usage, type Options } from './options.js';
import { commandLine, machine, page, render, versions, type Report } from './report.js';
import { summarize } from './results.js';
import { rows } from './rows.js';
import { disturbed, runRounds, type Observation } from './schedule.js';
import { judge } from './targets.js';
import { World } from './world.js';

const interrupted = new AbortController();
const started = Date.now();

process.exitCode = await main();

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
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!interrupted.signal.aborted) say(`${signal}: ending what was started`);
      interrupted.abort(new Error(signal));
    });
  }
  const seen: Observation[] = [];
  let toxiproxy = 'unknown';
  try {
    await using world = await World.start(say, interrupted.signal);
    toxiproxy = world.toxiproxy.version;
    await runRounds(world, options, (observation) => {
      seen.push(observation);
      say(progress(observation));
    });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  }
  if (seen.length > 0) finish(options, seen, toxiproxy);
  if (interrupted.signal.aborted) return 130;
  const verdicts = judge(summarize(seen));
  return options.check && !verdicts.every(({ met }) => met) ? 1 : 0;
}

function finish(options: Options, seen: Observation[], toxiproxy: string): void {
  const results = summarize(seen);
  const sampled = seen.filter(({ sample }) => sample !== undefined);
  const report: Report = {
    finishedAt: new Date().toISOString(),
    command: commandLine(options),
    machine: machine(),
    versions: versions(toxiproxy),
    rounds: Math.max(...seen.map(({ round }) => round)),
    seconds: options.seconds,
    disturbedShare:
      sampled.filter(({ sample }) => (sample?.othersBusy ?? 0) >= disturbed).length / Math.max(1, sampled.length),
    results,
    verdicts: judge(results),
  };
  process.stdout.write(
    options.json ? `${JSON.stringify({ ...report, observations: seen }, null, 2)}\n` : render(report),
  );
  if (options.save !== undefined) writeFileSync(options.save, page(report));
}

function progress({ round, row, chain, sample, failure }: Observation): string {
  const where = `round ${round}  ${row.padEnd(8)} ${chains[chain].title.padEnd(28)}`;
  if (sample === undefined) return `${where} failed: ${failure}`;
  const { unit } = rows[row];
  const extra = [
    sample.cpuPer10k === undefined || sample.cpuPer10k === 0 ? undefined : `${sample.cpuPer10k.toFixed(2)} CPU s/10k`,
    sample.stallMs === undefined ? undefined : `stall ${sample.stallMs.toFixed(0)} ms`,
    sample.mibPerSecond === undefined ? undefined : `${sample.mibPerSecond.toFixed(0)} MiB/s`,
    (sample.othersBusy ?? 0) >= disturbed ? `others ${sample.othersBusy?.toFixed(2)} cores` : undefined,
    sample.errors > 0 ? `${sample.errors} ERRORS: ${sample.firstError}` : undefined,
  ].filter((part) => part !== undefined);
  return `${where} ${sample.value.toFixed(unit === '/s' ? 0 : 3)} ${unit}  ${extra.join(', ')}`;
}

function say(line: string): void {
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`[${String(seconds).padStart(4)} s] ${line}\n`);
}
