// Many sessions on one stack: how long a new one takes, what an idle one costs, and whether each stays its own.
import { parseArgs } from 'node:util';
import type { SessionView } from '../../src/api/schemas.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { residentMiB } from '../proc.js';
import { startScratchStack } from '../scratch-stack.js';
import type { StackProcess } from '../stack-process.js';
import { verdict } from '../control/verdict.js';
import { askThrough, startEcho } from './traffic.js';

const usage = `npm run bench:sessions -- [--sessions N]

  --sessions N   how many are open at once (default 1000)

Exits 1 when a limit is passed.
`;

const newSessionLimitMs = 20;
const idleLimitKib = 200;
/** What a process gives back, it gives back within this time, ms. */
const settleMs = 3000;
const rounds = 3;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { sessions: { type: 'string', default: '1000' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const count = Number(values.sessions);
  if (values.help || !Number.isSafeInteger(count) || count < 1) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  await using scope = new ResourceScope();
  const { stack } = await startScratchStack(scope, 'sessions');
  const backend = await startEcho();
  scope.defer(() => void backend.server.close());
  return await measure(stack, count, backend.port);
}

async function measure(stack: StackProcess, count: number, backendPort: number): Promise<number> {
  // What a process loads and compiles on first use is not a session's.
  const { sessions: first } = await open(stack, 20);
  await Promise.all(first.map((session) => askThrough(session, backendPort, 0)));
  for (const { id } of first) await stack.api.sessions.delete(id);

  const before = await settled(stack);
  const { sessions, times } = await open(stack, count);
  const idle = await settled(stack);
  const grown = (now: Memory): string =>
    ['supervisor', 'mitm', 'toxiproxy']
      .map((part) => `${part} ${kibEach(now[part as keyof Memory] - before[part as keyof Memory], count)}`)
      .join(', ');
  const started = performance.now();
  for (let round = 1; round <= rounds; round += 1)
    await Promise.all(sessions.map((session) => askThrough(session, backendPort, round)));
  const traffic = performance.now() - started;
  const ours = new Set(sessions.map(({ id }) => id));
  const mixed = (await stack.api.sessions.list()).filter(
    ({ id, counters }) => ours.has(id) && counters.exchanges !== rounds,
  );
  const used = await settled(stack);
  const closing = performance.now();
  for (const { id } of sessions) await stack.api.sessions.delete(id);
  const closed = (performance.now() - closing) / count;

  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Infinity;
  const median = at(0.5);
  const kib = kibEach(idle.all - before.all, count);
  const lines = [
    verdict(median < newSessionLimitMs, `a new session, median: ${median.toFixed(1)} ms (limit ${newSessionLimitMs})`),
    `       p99 ${at(0.99).toFixed(1)} ms, the slowest ${at(1).toFixed(1)} ms; ended in ${closed.toFixed(1)} ms each`,
    verdict(kib < idleLimitKib, `an idle session of ${count}: ${kib} KiB (limit ${idleLimitKib})`),
    `       ${grown(idle)}; idle again after ${rounds} requests each: ${grown(used)}`,
    verdict(
      mixed.length === 0,
      `${rounds} × ${count} requests at once, each answered as its own: ${(traffic / 1000).toFixed(1)} s` +
        (mixed.length === 0 ? '' : `; ${mixed.length} sessions counted others, ${mixed[0]?.id ?? ''} first`),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return lines.some((line) => line.startsWith('MISSED')) ? 1 : 0;
}

function kibEach(mebibytes: number, count: number): number {
  return Math.round((mebibytes * 1024) / count);
}

async function open(stack: StackProcess, count: number): Promise<{ sessions: SessionView[]; times: number[] }> {
  const sessions: SessionView[] = [];
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    sessions.push(await stack.api.sessions.create({}));
    times.push(performance.now() - started);
  }
  return { sessions, times };
}

/** Resident, MiB. */
interface Memory {
  supervisor: number;
  mitm: number;
  toxiproxy: number;
  all: number;
}

async function settled(stack: StackProcess): Promise<Memory> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const { children } = await stack.api.status();
  const memory = { supervisor: residentMiB(stack.pid), mitm: 0, toxiproxy: 0, all: 0 };
  // There may be several MITM processes.
  for (const { name, pid } of children)
    memory[name === 'toxiproxy' ? 'toxiproxy' : 'mitm'] += pid === undefined ? 0 : residentMiB(pid);
  memory.all = memory.supervisor + memory.mitm + memory.toxiproxy;
  return memory;
}
