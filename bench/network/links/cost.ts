import type { SessionView } from '../../../src/api/schemas.js';
import { createRequest } from '../origin.js';
import type { BenchStack } from './bench-session.js';
import type { Row } from './row.js';

const bytes = 400_000_000;
const wanted = 100;

/** A download through what stands before a session, as fast as one core takes it. */
export async function costRows(stack: BenchStack, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (name: string, prepare: (session: SessionView) => Promise<unknown>): Promise<void> => {
    const measured = await stack.inSession(async (session) => {
      await prepare(session);
      return download(stack, session);
    });
    rows.push({ group: 'cost', name, unit: 'MB/s', wanted, measured, bound: 'at least', within: measured >= wanted });
    say(`${name}: ${measured.toFixed(0)} MB/s`);
  };
  await measure('nothing', () => Promise.resolve());
  await measure('packet-loss 0 %', ({ id }) =>
    stack.api.toxics.add(id, { type: 'packet-loss', attributes: { loss: 0, seed: 1 } }),
  );
  await measure('link of 1 GB/s, rtt 1 ms: every packet in the model', ({ id }) =>
    stack.api.link.set(id, { down: '1gb', rtt: '1ms', queue: 10_000, seed: 1 }),
  );
  return rows;
}

async function download(stack: BenchStack, session: SessionView): Promise<number> {
  const socket = await stack.tunnel(session);
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    let got = 0;
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= bytes) resolve();
    });
    socket.once('close', () => reject(new Error(`Only ${got} bytes came`)));
    socket.write(createRequest(64, bytes));
  });
  const ms = performance.now() - begun;
  socket.destroy();
  return bytes / 1000 / ms;
}
