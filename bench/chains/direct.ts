import type { ChainKind } from './chain.js';

/** Nothing: what all others are compared with. */
export const direct: ChainKind = {
  title: 'direct',
  h2: true,
  memory: false,
  start: async (world) => ({
    target: (scheme) => ({ dial: `127.0.0.1:${world.origin[scheme]}`, proxy: false }),
    pids: [],
    close: async () => undefined,
  }),
};
