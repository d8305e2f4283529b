import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { SessionView } from '../../../src/api/schemas.js';
import { createRequest } from '../origin.js';
import { quantile } from '../statistics.js';
import type { BenchStack } from './bench-session.js';
import { withinMs, withinShare, type Row } from './row.js';

const exchanges = 40;
const jitterExchanges = 120;

/** Round trips of small exchanges on a warm connection, and how jitter spreads them. */
export async function latencyRows(stack: BenchStack, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const ms of [20, 100, 300]) {
    const toxic = await stack.inSession(async (session) => {
      await stack.api.toxics.add(session.id, { type: 'latency', stream: 'both', attributes: { latency: ms / 2 } });
      return quantile(await times(stack, session, exchanges), 0.5);
    });
    const link = await stack.inSession(async (session) => {
      await stack.api.link.set(session.id, { rtt: ms });
      return quantile(await times(stack, session, exchanges), 0.5);
    });
    rows.push(median(`toxic latency, ${ms / 2} ms each way`, ms, toxic), median(`link, rtt ${ms} ms`, ms, link));
  }
  rows.push(...(await jitterRows(stack)));
  for (const { name, measured } of rows) say(`${name}: ${measured.toFixed(1)} ms`);
  return rows;
}

/**
 * Toxiproxy draws evenly from mean ± jitter: between the tenth and the ninetieth percentile lies 0.8 of the whole
 * width.
 */
async function jitterRows(stack: BenchStack): Promise<Row[]> {
  const [mean, jitter] = [60, 40];
  const spread = await stack.inSession(async (session) => {
    await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: mean, jitter } });
    const sorted = await times(stack, session, jitterExchanges);
    return quantile(sorted, 0.9) - quantile(sorted, 0.1);
  });
  const wanted = 2 * jitter * 0.8;
  const name = `toxic latency ${mean} ms, jitter ${jitter} ms: p90 − p10`;
  return [{ group: 'latency', name, unit: 'ms', wanted, measured: spread, ...withinShare(spread, wanted, 0.2) }];
}

function median(name: string, wanted: number, measured: number): Row {
  return { group: 'latency', name: `${name}: p50`, unit: 'ms', wanted, measured, ...withinMs(measured, wanted, 2) };
}

/** In ascending order. */
async function times(stack: BenchStack, session: SessionView, count: number): Promise<number[]> {
  const socket = await stack.tunnel(session);
  const all: number[] = [];
  for (let turn = 0; turn < count + 3; turn += 1) {
    const ms = await exchange(socket);
    if (turn >= 3) all.push(ms);
  }
  socket.destroy();
  return all.sort((a, b) => a - b);
}

async function exchange(socket: Socket): Promise<number> {
  const begun = performance.now();
  socket.write(createRequest(100, 100));
  await once(socket, 'data');
  return performance.now() - begun;
}
