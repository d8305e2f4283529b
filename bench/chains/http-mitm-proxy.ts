import path from 'node:path';
import { httpMitmProxyPeer, loopbackNames } from '../paths.js';
import { Child } from '../processes.js';
import type { ChainKind } from './chain.js';
import { startToxiproxy } from './toxiproxy.js';

/** Toxiproxy in front of the unmodified package with keep-alive: what one gets by putting the two together. */
export const httpMitmProxy: ChainKind = {
  title: 'Toxiproxy → http-mitm-proxy',
  h2: false,
  memory: true,
  async start(world) {
    const caFolder = path.join(world.folder, `http-mitm-proxy-${process.hrtime.bigint()}`);
    const child = Child.start('http-mitm-proxy', process.execPath, [httpMitmProxyPeer, caFolder], {
      logs: world.logs,
      env: { NODE_OPTIONS: `--require=${loopbackNames}`, NODE_EXTRA_CA_CERTS: world.origin.caFile },
    });
    try {
      const { port } = JSON.parse(await child.line(30_000)) as { port: number };
      const front = await startToxiproxy(world, 'toxiproxy-http-mitm-proxy', { mitm: port });
      return {
        target: () => ({ dial: front.listen.mitm, proxy: true }),
        pids: [child.pid, front.child.pid],
        mitmPid: child.pid,
        close: async () => {
          await front.child.close();
          await child.close('stdin');
        },
      };
    } catch (error) {
      await child.close('stdin');
      throw error;
    }
  },
};
