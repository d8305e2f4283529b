import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { ToxiproxyServer } from '../../supervisor/toxiproxy/toxiproxy-server.js';
import type { Chain } from './chain.js';
import type { ReferenceCell } from './reference.js';
import type { StageAnswer, StageRequest } from './stage-process.js';

const host = '127.0.0.1';

/**
 * client → Toxiproxy with latency toxics (half the RTT each way) → the stage, in a plain TCP proxy → origin: what a
 * session's bytes pass, less the HTTP.
 */
export class StageChain implements Chain {
  readonly #scope = new ResourceScope();
  readonly #ports = new Map<string, number>();

  private constructor() {}

  static async start(
    cells: ReferenceCell[],
    { toxiproxy: binary, seed }: { toxiproxy: string; seed: number },
  ): Promise<StageChain> {
    const chain = new StageChain();
    try {
      const stage = fork(fileURLToPath(new URL('stage-process.js', import.meta.url)));
      chain.#scope.defer(() => stop(stage));
      const stagePorts = await ask(stage, { cells, seed });
      const toxiproxy = chain.#scope.use(await ToxiproxyServer.start({ binary }));
      for (const cell of cells) {
        const { listen } = await toxiproxy.api.createProxy({
          name: cell.id,
          listen: `${host}:0`,
          upstream: `${host}:${stagePorts[cell.id]}`,
        });
        for (const stream of ['upstream', 'downstream'] as const) {
          const attributes = { latency: cell.rtt_ms / 2, jitter: 0 };
          await toxiproxy.api.addToxic(cell.id, { name: stream, type: 'latency', stream, toxicity: 1, attributes });
        }
        chain.#ports.set(cell.id, Number(listen.slice(listen.lastIndexOf(':') + 1)));
      }
      return chain;
    } catch (error) {
      await chain[Symbol.asyncDispose]();
      throw error;
    }
  }

  async dial(cell: ReferenceCell): Promise<Socket> {
    const socket = connect({ port: this.#ports.get(cell.id) ?? 0, host, noDelay: true });
    await once(socket, 'connect');
    return socket;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

async function ask(child: ChildProcess, request: StageRequest): Promise<StageAnswer> {
  child.send(request);
  const answer = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof answer[0] !== 'object' || answer[0] === null)
    throw new Error(`The stage's process ended: ${String(answer[0])}`);
  return answer[0] as StageAnswer;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
