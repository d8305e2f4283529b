import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackApi } from '../../../src/api/client.js';
import type { SessionView } from '../../../src/api/schemas.js';
import { proxyctlHome } from '../../../src/config/paths.js';
import { ResourceScope } from '../../../src/core/resource-scope.js';
import { Stack } from '../../../supervisor/stack.js';
import { createOrigin } from '../origin.js';

const host = '127.0.0.1';

/** A stack with an origin behind it, for measurements through whole sessions. */
export class BenchStack implements AsyncDisposable {
  readonly #scope = new ResourceScope();

  private constructor(
    readonly api: StackApi,
    readonly originPort: number,
  ) {}

  static async start(toxiproxy: string): Promise<BenchStack> {
    const origin = createOrigin().listen(0, host);
    await once(origin, 'listening');
    const home = await mkdtemp(join(tmpdir(), 'proxyctl-bench-'));
    const stack = await Stack.start({ home: proxyctlHome(home), toxiproxy });
    const bench = new BenchStack(stack.api, (origin.address() as AddressInfo).port);
    bench.#scope.defer(() => void origin.close());
    bench.#scope.defer(() => rm(home, { recursive: true, force: true }));
    bench.#scope.use(stack);
    return bench;
  }

  /** In a session of its own. */
  async inSession<T>(use: (session: SessionView) => Promise<T>): Promise<T> {
    const session = await this.api.sessions.create({ noIntercept: [host] });
    try {
      return await use(session);
    } finally {
      await this.api.sessions.delete(session.id);
    }
  }

  /** A tunnel to the origin: the bytes of one connection. */
  async tunnel({ port }: SessionView): Promise<Socket> {
    const socket = connect({ port, host, noDelay: true });
    socket.on('error', () => undefined);
    socket.write(`CONNECT ${host}:${this.originPort} HTTP/1.1\r\nHost: ${host}:${this.originPort}\r\n\r\n`);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    if (!reply.toString('latin1').startsWith('HTTP/1.1 200 ')) throw new Error(`The proxy answered: ${String(reply)}`);
    return socket;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
