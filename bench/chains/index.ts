import type { ChainKind } from './chain.js';
import { direct } from './direct.js';
import { httpMitmProxy } from './http-mitm-proxy.js';
import { proxyctl } from './proxyctl.js';
import { toxiproxy } from './toxiproxy.js';

/** In the order that tables show them in. */
export const chains = {
  direct,
  toxiproxy,
  'http-mitm-proxy': httpMitmProxy,
  live: proxyctl('live', 'proxyctl live'),
  record: proxyctl('record', 'recording'),
  replay: proxyctl('replay', 'replaying'),
} satisfies Record<string, ChainKind>;

export type ChainId = keyof typeof chains;
export const chainIds = Object.keys(chains) as ChainId[];
export type { Chain, ChainKind } from './chain.js';
