import { chains, type Chain, type ChainId } from './chains/index.js';
import type { Options } from './options.js';
import { busySeconds } from './proc.js';
import { rows, type Row, type RowId, type Sample } from './rows.js';
import type { World } from './world.js';

/** A sample with where it belongs; `failure` when there is none. */
export interface Observation {
  round: number;
  row: RowId;
  chain: ChainId;
  sample?: Sample;
  failure?: string;
}

/** More than this many cores kept busy by others, and a sample is taken once more. */
export const disturbed = 0.35;
const heatSeconds = 1.5;

/**
 * Runs all rounds: in each, every row visits direct, the chains, and direct again, so that a machine that gets slower
 * shows in both. Chains that are started for a whole round idle while another one is measured.
 */
export async function runRounds(world: World, options: Options, record: (seen: Observation) => void): Promise<void> {
  const deadline = Date.now() + options.minutes * 60_000;
  for (let round = 1; round <= options.rounds; round++) {
    const visit = async (row: RowId, id: ChainId, chain: Chain): Promise<void> => {
      world.signal.throwIfAborted();
      record({ round, row, chain: id, ...(await observe(world, rows[row], chain, options)) });
    };
    await withChains(world, options, round, record, async (running) => {
      for (const row of options.rows.filter((id) => !isFresh(rows[id]))) {
        if (Date.now() > deadline) return world.say('time is up: nothing new begins');
        for (const id of order(options, row)) {
          const chain = running.get(id);
          if (chain !== undefined) await visit(row, id, chain);
        }
      }
    });
    for (const row of options.rows.filter((id) => isFresh(rows[id]))) {
      for (const id of new Set(order(options, row))) {
        if (Date.now() > deadline) return world.say('time is up: nothing new begins');
        await withOne(world, id, { round, row, chain: id }, record, (chain) => visit(row, id, chain));
      }
    }
  }
}

const isFresh = (row: Row): boolean => row.freshChain === true;

function order(options: Options, row: RowId): ChainId[] {
  const applies = (id: ChainId): boolean => (rows[row] as Row).applies?.(chains[id]) ?? true;
  const others = options.only.filter((id) => id !== 'direct' && applies(id));
  return applies('direct') ? ['direct', ...others, 'direct'] : others;
}

async function withChains(
  world: World,
  options: Options,
  round: number,
  record: (seen: Observation) => void,
  use: (running: Map<ChainId, Chain>) => Promise<void>,
): Promise<void> {
  const wanted = new Map<ChainId, RowId>();
  for (const row of options.rows.filter((id) => !isFresh(rows[id]))) {
    for (const id of order(options, row)) if (!wanted.has(id)) wanted.set(id, row);
  }
  const running = new Map<ChainId, Chain>();
  try {
    for (const [id, row] of wanted) {
      try {
        const chain = await chains[id].start(world);
        running.set(id, chain);
        await heat(world, chain);
      } catch (error) {
        world.signal.throwIfAborted();
        record({ round, row, chain: id, failure: (error as Error).message });
      }
    }
    await use(running);
  } finally {
    for (const chain of [...running.values()].reverse()) await chain.close();
  }
}

/** Runs every code path of a Node program often enough that it is compiled: figures of a cold one say little. */
async function heat(world: World, chain: Chain): Promise<void> {
  for (const scheme of ['http', 'https'] as const) {
    const url = world.url(scheme, '/json');
    await world.load(chain.target(scheme), { url, count: 2 });
    await world.load(chain.target(scheme), { url, seconds: heatSeconds, concurrency: 8 });
  }
}

async function withOne(
  world: World,
  id: ChainId,
  place: { round: number; row: RowId; chain: ChainId },
  record: (seen: Observation) => void,
  use: (chain: Chain) => Promise<void>,
): Promise<void> {
  let chain: Chain;
  try {
    chain = await chains[id].start(world);
  } catch (error) {
    world.signal.throwIfAborted();
    return record({ ...place, failure: (error as Error).message });
  }
  try {
    await use(chain);
  } finally {
    await chain.close();
  }
}

async function observe(
  world: World,
  row: Row,
  chain: Chain,
  { seconds, patienceSeconds }: Options,
): Promise<{ sample: Sample } | { failure: string }> {
  try {
    await quiet(patienceSeconds, world.signal);
    const first = await row.measure(world, chain, seconds);
    if (patienceSeconds === 0 || (first.othersBusy ?? 0) < disturbed || isFresh(row)) return { sample: first };
    world.say(`    others kept ${first.othersBusy?.toFixed(2)} cores busy: once more`);
    const second = await row.measure(world, chain, seconds);
    return { sample: (second.othersBusy ?? 0) < (first.othersBusy ?? 0) ? second : first };
  } catch (error) {
    world.signal.throwIfAborted();
    return { failure: (error as Error).message };
  }
}

/** Waits while others keep the machine busy. */
async function quiet(patienceSeconds: number, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + patienceSeconds * 1000; Date.now() < deadline;) {
    signal.throwIfAborted();
    const before = busySeconds();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = busySeconds();
    if (before === undefined || after === undefined || (after - before) / 0.3 < disturbed) return;
  }
}
