import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proxyctlHome } from '../../src/config/paths.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { Stack } from '../../supervisor/stack.js';
import type { Chain } from './chain.js';
import { createOrigin } from './origin.js';
import type { ReferenceCell } from './reference.js';

const host = '127.0.0.1';

/**
 * client → Toxiproxy with latency toxics (half the RTT each way) → packet-loss toxic → MITM → origin: a session of its
 * own for each cell. The workloads go through a CONNECT tunnel, so that the bytes are those of one connection. Cells
 * with a rate are not among them: their rate is each connection's own, and a session's link is shared.
 */
export class SessionChain implements Chain {
  readonly #scope = new ResourceScope();
  readonly #ports = new Map<string, number>();
  #origin = 0;

  private constructor() {}

  static async start(
    cells: ReferenceCell[],
    { toxiproxy, seed }: { toxiproxy: string; seed: number },
  ): Promise<SessionChain> {
    const chain = new SessionChain();
    try {
      await chain.#start(cells, toxiproxy, seed);
      return chain;
    } catch (error) {
      await chain[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(cells: ReferenceCell[], toxiproxy: string, seed: number): Promise<void> {
    const origin = createOrigin().listen(0, host);
    await once(origin, 'listening');
    this.#scope.defer(() => void origin.close());
    this.#origin = (origin.address() as AddressInfo).port;
    const home = await mkdtemp(join(tmpdir(), 'proxyctl-bench-'));
    this.#scope.defer(() => rm(home, { recursive: true, force: true }));
    const { api } = this.#scope.use(await Stack.start({ home: proxyctlHome(home), toxiproxy }));
    for (const [index, cell] of cells.entries()) {
      const { id, port } = await api.sessions.create({ noIntercept: [host] });
      await api.toxics.add(id, { type: 'latency', stream: 'both', attributes: { latency: cell.rtt_ms / 2 } });
      if (cell.loss_dir !== 'none') {
        const stream = cell.loss_dir === 'both' ? 'both' : 'downstream';
        await api.toxics.add(id, {
          type: 'packet-loss',
          stream,
          attributes: { ...lossOf(cell), seed: seed * 1000 + index },
        });
      }
      this.#ports.set(cell.id, port);
    }
  }

  async dial(cell: ReferenceCell): Promise<Socket> {
    const socket = connect({ port: this.#ports.get(cell.id) ?? 0, host, noDelay: true });
    socket.write(`CONNECT ${host}:${this.#origin} HTTP/1.1\r\nHost: ${host}:${this.#origin}\r\n\r\n`);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    if (!reply.toString('latin1').startsWith('HTTP/1.1 200 '))
      throw new Error(`The proxy answered: ${reply.toString()}`);
    return socket;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

function lossOf({ ge, loss_pct, cc }: ReferenceCell): Record<string, unknown> {
  if (ge === undefined) return { loss: loss_pct / 100, cc };
  // The reference has p:r:1-h:1-k in percent, the toxic p/r/h/k.
  const [p = 0, r = 0, lossInBad = 100, lossInGood = 0] = ge.split(':').map(parseFloat);
  return { burst: `${p}%/${r}%/${100 - lossInBad}%/${Number((100 - lossInGood).toPrecision(6))}%`, cc };
}
