import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { cleanDirection, type NetworkConditions } from '../../src/network/stage/network-conditions.js';
import { NetworkStage } from '../../src/network/stage/network-stage.js';
import type { ShapedSocket } from '../../src/network/stage/shaped-socket.js';
import type { LossModel } from '../../src/network/loss-process.js';

/** A server whose connections pass a stage. All ends with the test. */
export interface ShapedServer {
  stage: NetworkStage;
  port: number;
  connect: () => Promise<Socket>;
  /** A connection with both its ends. */
  pair: () => Promise<{ client: Socket; served: ShapedSocket }>;
}

/**
 * `serve` is handed each connection that `pair` does not take; the default sends back what it gets, and ends when the
 * client does.
 */
export async function shapedServer(
  conditions: NetworkConditions,
  serve: (socket: ShapedSocket) => void = (socket) => socket.pipe(socket),
): Promise<ShapedServer> {
  const stage = new NetworkStage(conditions);
  const accepted = new EventEmitter();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const shaped = stage.wrap(socket);
    shaped.on('error', () => undefined); // clients that break off are part of the tests
    if (!accepted.emit('connection', shaped)) serve(shaped);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    stage.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const dial = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return {
    stage,
    port,
    connect: dial,
    pair: async () => {
      const [client, [served]] = await Promise.all([dial(), once(accepted, 'connection') as Promise<[ShapedSocket]>]);
      return { client, served };
    },
  };
}

/** Both directions alike. `delayMs` is taken to be added by others unless `added`. */
export function network({
  loss,
  rttMs = 20,
  added = false,
  rate,
  seed = 1,
  ...rest
}: {
  loss?: LossModel;
  rttMs?: number;
  added?: boolean;
  rate?: NetworkConditions['up']['rate'];
} & Partial<Omit<NetworkConditions, 'up' | 'down'>> = {}): NetworkConditions {
  const direction = {
    ...cleanDirection,
    delayMs: rttMs / 2,
    delayedElsewhereMs: added ? 0 : rttMs / 2,
    losses: loss === undefined ? [] : [{ model: loss, toxicity: 1, seed }],
    rate,
  };
  return {
    up: direction,
    down: direction,
    control: 'cubic',
    handshake: { loses: false, takesRoundTrip: false },
    seed,
    ...rest,
  };
}

export const bernoulli = (p: number): LossModel => ({ kind: 'bernoulli', p });
