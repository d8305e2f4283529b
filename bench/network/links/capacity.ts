import { setTimeout as delay } from 'node:timers/promises';
import type { SessionView } from '../../../src/api/schemas.js';
import { createRequest } from '../origin.js';
import type { BenchStack } from './bench-session.js';
import { withinShare, type Row } from './row.js';

const rates = [50, 200, 1000, 10_000, 50_000];
const share = 0.03;
/** The first of it is slow start. */
const settleMs = 1000;

/** Goodput on a link, for one connection and for six together; and of Toxiproxy's bandwidth, for one. */
export async function capacityRows(stack: BenchStack, seconds: number, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const rate of rates) {
    for (const connections of [1, 6]) {
      const measured = await stack.inSession(async (session) => {
        await stack.api.link.set(session.id, { down: rate, rtt: '20ms', seed: 1 });
        return goodput(stack, session, connections, seconds);
      });
      rows.push(row(`link, ${connections === 1 ? 'one connection' : `${connections} connections`}`, rate, measured));
      say(`${rows.at(-1)?.name} ${rate} kB/s: ${measured.toFixed(1)}`);
    }
    const measured = await stack.inSession(async (session) => {
      await stack.api.toxics.add(session.id, { type: 'bandwidth', attributes: { rate } });
      return goodput(stack, session, 1, seconds);
    });
    rows.push(row('toxic bandwidth, one connection', rate, measured));
    say(`${rows.at(-1)?.name} ${rate} kB/s: ${measured.toFixed(1)}`);
  }
  return rows;
}

function row(name: string, wanted: number, measured: number): Row {
  return { group: 'capacity', name, unit: 'kB/s', wanted, measured, ...withinShare(measured, wanted, share) };
}

/** Bytes in a millisecond that so many connections get together. */
async function goodput(stack: BenchStack, session: SessionView, connections: number, seconds: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => stack.tunnel(session)));
  let bytes = 0;
  for (const socket of sockets) {
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    socket.write(createRequest(64, 0xffff_ffff));
  }
  await delay(settleMs);
  const [from, begun] = [bytes, performance.now()];
  await delay(seconds * 1000);
  const rate = (bytes - from) / (performance.now() - begun);
  for (const socket of sockets) socket.destroy();
  return rate;
}
