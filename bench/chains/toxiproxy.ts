import { Toxiproxy } from 'toxiproxy-node-client';
import { Child, freePort } from '../processes.js';
import type { World } from '../world.js';
import type { ChainKind } from './chain.js';

/** Toxiproxy as a mere TCP forwarder to the origin, without a toxic. */
export const toxiproxy: ChainKind = {
  title: 'Toxiproxy',
  h2: true,
  memory: false,
  async start(world) {
    const { http, https } = world.origin;
    const server = await startToxiproxy(world, 'toxiproxy', { http, https });
    return {
      target: (scheme) => ({ dial: server.listen[scheme], proxy: false }),
      pids: [server.child.pid],
      close: () => server.child.close(),
    };
  },
};

/** Starts a server with one proxy for each port of 127.0.0.1; `listen` says where each listens. */
export async function startToxiproxy<Name extends string>(
  world: World,
  name: string,
  upstreams: Record<Name, number>,
): Promise<{ child: Child; listen: Record<Name, string> }> {
  const port = await freePort();
  const child = Child.start(name, world.toxiproxy.path, ['-host', '127.0.0.1', '-port', String(port)], {
    logs: world.logs,
    env: { LOG_LEVEL: 'error' },
  });
  try {
    const api = new Toxiproxy(`http://127.0.0.1:${port}`);
    await answers(child, `http://127.0.0.1:${port}/version`);
    const listen = {} as Record<Name, string>;
    for (const route of Object.keys(upstreams) as Name[]) {
      const proxy = await api.createProxy({
        name: route,
        listen: '127.0.0.1:0',
        upstream: `127.0.0.1:${upstreams[route]}`,
      });
      listen[route] = proxy.listen;
    }
    return { child, listen };
  } catch (error) {
    await child.close();
    throw error;
  }
}

async function answers(child: Child, url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (child.ended || Date.now() > deadline) {
        throw new Error(`Toxiproxy does not answer; see ${child.logFile}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
