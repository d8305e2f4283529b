import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { NetworkStage } from '../../src/network/stage/network-stage.js';
import type { NetworkConditions } from '../../src/network/stage/network-conditions.js';
import { createOrigin } from './origin.js';
import type { ReferenceCell } from './reference.js';
import { lossModel } from './workloads.js';

/*
 * The far end of `StageChain`, in a process of its own: for each cell a listener whose connections pass through a stage
 * with the cell's network and go on to the origin. Each connection has a link of its own, as in the reference.
 */

export interface StageRequest {
  cells: ReferenceCell[];
  seed: number;
}
export type StageAnswer = Record<string, number>;

const host = '127.0.0.1';

process.once('message', (message) => void start(message as StageRequest));
process.once('disconnect', () => process.exit());

async function start({ cells, seed }: StageRequest): Promise<void> {
  const origin = createOrigin().listen(0, host);
  await once(origin, 'listening');
  const { port } = origin.address() as AddressInfo;
  const ports: StageAnswer = {};
  for (const [index, cell] of cells.entries()) {
    let connections = 0;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      connections += 1;
      pass(socket, port, conditionsOf(cell, (seed * 1000 + index) * 100_000 + connections));
    }).listen(0, host);
    await once(server, 'listening');
    ports[cell.id] = (server.address() as AddressInfo).port;
  }
  process.send?.(ports);
}

function pass(client: Socket, port: number, conditions: NetworkConditions): void {
  const shaped = new NetworkStage(conditions).wrap(client);
  const upstream = connect({ port, host, noDelay: true, allowHalfOpen: true });
  shaped.on('error', () => upstream.destroy());
  upstream.on('error', () => shaped.resetAndDestroy());
  shaped.on('close', () => upstream.destroy());
  shaped.pipe(upstream);
  upstream.pipe(shaped);
}

/** Both one-way delays come from Toxiproxy's latency toxics, in front of this. */
function conditionsOf(cell: ReferenceCell, seed: number): NetworkConditions {
  const delayMs = cell.rtt_ms / 2;
  const rate =
    cell.rate_mbit === undefined
      ? undefined
      : { bytesPerMs: cell.rate_mbit * 125, queuePackets: cell.queue_pkts ?? 1000 };
  const direction = (lossy: boolean): NetworkConditions['up'] => ({
    delayMs,
    delayedElsewhereMs: delayMs,
    losses: lossy ? [{ model: lossModel(cell), toxicity: 1, seed }] : [],
    rate,
  });
  return {
    up: direction(cell.loss_dir === 'both'),
    down: direction(cell.loss_dir !== 'none'),
    control: cell.cc,
    handshake: { loses: false, takesRoundTrip: false },
    seed,
  };
}
