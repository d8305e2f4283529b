import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Target } from '../load.js';
import { loopbackNames } from '../paths.js';
import { StackProcess } from '../stack-process.js';
import { World } from '../world.js';

/*
 * What a stack with several MITM processes carries, compared with one and with no proxy at all: requests per second
 * over HTTPS keep-alive of all sessions together, interleaved. `npm run bench:workers -- [--rounds N] [--sessions N]
 * [--seconds N] [--workers N]`
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    sessions: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const [rounds, sessions, seconds, workers] = [values.rounds, values.sessions, values.seconds, values.workers].map(
  Number,
);
if (![rounds, sessions, seconds, workers].every((value) => value !== undefined && value > 0)) {
  process.stderr.write('Every option wants a number above 0.\n');
  process.exit(2);
}
await main(rounds ?? 3, sessions ?? 4, seconds ?? 3, workers ?? 2);

async function main(rounds: number, sessions: number, seconds: number, workers: number): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(signal)));
  await using world = await World.start((line) => process.stderr.write(`${line}\n`), interrupted.signal);
  await using one = await start(world, 1);
  await using many = await start(world, workers);
  const direct: Target[] = Array.from({ length: sessions }, () => ({
    dial: `127.0.0.1:${world.origin.https}`,
    proxy: false,
  }));
  const ways: [string, Target[]][] = [
    ['direct', direct],
    ['1 process', await openSessions(one, sessions)],
    [`${workers} processes`, await openSessions(many, sessions)],
  ];
  // Compiles what the processes run; does not count.
  for (const [, targets] of ways) await together(world, targets, 3);
  const seen = new Map<string, number[]>(ways.map(([name]) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, targets] of ways) {
      const rate = await together(world, targets, seconds);
      seen.get(name)?.push(rate);
      process.stderr.write(`round ${round}  ${name.padEnd(12)} ${Math.round(rate)} /s\n`);
    }
  }
  const shares = (name: string): number[] =>
    (seen.get(name) ?? []).map((rate, round) => rate / (seen.get('direct')?.[round] ?? NaN));
  process.stdout.write(`HTTPS keep-alive, 1 KiB, ${sessions} sessions with 8 connections each, ${rounds} rounds\n`);
  for (const [name] of ways) {
    const [rate, share] = [median(seen.get(name) ?? []), median(shares(name))];
    process.stdout.write(
      `${name.padEnd(12)} ${Math.round(rate).toString().padStart(7)} /s  ${share.toFixed(3)} of direct\n`,
    );
  }
  const gain = (seen.get(`${workers} processes`) ?? []).map(
    (rate, round) => rate / (seen.get('1 process')?.[round] ?? NaN),
  );
  process.stdout.write(`${workers} processes carry ${median(gain).toFixed(2)} times what one does\n`);
}

function start(world: World, workers: number): Promise<StackProcess> {
  return StackProcess.start({
    name: `proxyctl-workers-${workers}`,
    home: path.join(world.folder, `workers-${workers}-${process.hrtime.bigint()}`),
    logs: world.logs,
    toxiproxy: world.toxiproxy.path,
    workers,
    env: { NODE_OPTIONS: `--require=${loopbackNames}`, NODE_EXTRA_CA_CERTS: world.origin.caFile },
  });
}

async function openSessions(stack: StackProcess, count: number): Promise<Target[]> {
  const targets: Target[] = [];
  for (let i = 0; i < count; i += 1) {
    const { host, port } = await stack.api.sessions.create({});
    targets.push({ dial: `${host}:${port}`, proxy: true });
  }
  return targets;
}

/** Requests per second of all targets at once. */
async function together(world: World, targets: readonly Target[], seconds: number): Promise<number> {
  const load = { url: world.url('https', '/json'), concurrency: 8, seconds };
  const results = await Promise.all(targets.map((target) => world.load(target, load)));
  const failed = results.find(({ errors }) => errors > 0);
  if (failed !== undefined) throw new Error(`${failed.errors} requests failed: ${failed.firstError}`);
  return results.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
