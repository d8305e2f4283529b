import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { connectStack, type StackApi } from '../../src/api/client.js';
import type { CreateSessionRequest } from '../../src/api/schemas.js';
import type { Load, Target } from '../load.js';
import { cli, loopbackNames } from '../paths.js';
import { Child } from '../processes.js';
import { coldHostCount } from '../rows.js';
import type { World } from '../world.js';
import type { Chain, ChainKind } from './chain.js';

/** Our whole chain as users run it: `proxyctl up`, and a session of this mode in it. */
export function proxyctl(mode: 'live' | 'record' | 'replay', title: string): ChainKind {
  return {
    title,
    h2: true,
    memory: mode !== 'replay',
    async start(world) {
      const home = path.join(world.folder, `proxyctl-${mode}-${process.hrtime.bigint()}`);
      const stack = await Stack.start(world, mode, home);
      try {
        if (mode === 'replay') await recordAll(world, stack);
        return await stack.open(mode);
      } catch (error) {
        await stack.close();
        throw error;
      }
    },
  };
}

/** One `proxyctl up` with a home of its own. */
class Stack {
  private constructor(
    private readonly home: string,
    private readonly child: Child,
    readonly api: StackApi,
  ) {}

  static async start(world: World, mode: string, home: string): Promise<Stack> {
    mkdirSync(home, { recursive: true });
    const readyFile = path.join(home, 'ready.json');
    const child = Child.start(
      `proxyctl-${mode}`,
      process.execPath,
      [cli, 'up', '--no-ui', '--port', '0', '--ready-file', readyFile],
      {
        logs: world.logs,
        env: {
          PROXYCTL_HOME: home,
          PROXYCTL_TOXIPROXY: world.toxiproxy.path,
          NODE_OPTIONS: `--require=${loopbackNames}`,
          NODE_EXTRA_CA_CERTS: world.origin.caFile,
        },
      },
    );
    try {
      const { url, token } = JSON.parse(await child.file(readyFile, 30_000)) as { url: string; token: string };
      return new Stack(home, child, connectStack({ url, token }));
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  async open(mode: 'live' | 'record' | 'replay'): Promise<Chain & { id: string; target(): Target }> {
    const recording = { testId: 'bench', store: path.join(this.home, 'store') };
    const request: CreateSessionRequest = mode === 'live' ? { mode } : { mode, ...recording };
    const { id, host, port } = await this.api.sessions.create(request);
    const { children } = await this.api.status();
    return {
      id,
      target: () => ({ dial: `${host}:${port}`, proxy: true }),
      pids: [this.child.pid],
      mitmPid: children.find(({ name }) => name === 'mitm')?.pid,
      close: () => this.close(),
    };
  }

  close(): Promise<void> {
    return this.child.close();
  }
}

/** A published recording with an answer to every request that the rows make. */
async function recordAll(world: World, stack: Stack): Promise<void> {
  const session = await stack.open('record');
  const loads: Load[] = [
    { url: world.url('http', '/json'), count: 1 },
    { url: world.url('https', '/json'), count: 1 },
    { url: world.url('https', '/bytes/1048576'), count: 1 },
    { url: world.url('https', '/json', 'hN'), hosts: coldHostCount, concurrency: 4, warmHost: world.host('warm') },
  ];
  for (const load of loads) {
    const { errors, firstError } = await world.load(session.target(), load);
    if (errors > 0) throw new Error(`Recording for the replay: ${errors} requests failed: ${firstError}`);
  }
  const { published, reason } = await stack.api.sessions.endRecording(session.id, { verdict: 'publish' });
  if (!published) throw new Error(`The recording for the replay was not published: ${reason ?? 'no reason given'}`);
  await stack.api.sessions.delete(session.id);
}
