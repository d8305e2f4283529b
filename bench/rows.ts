import type { Chain, ChainKind } from './chains/chain.js';
import type { Load } from './load.js';
import { residentMiB } from './proc.js';
import type { Measured, World } from './world.js';

/** One measurement: the figure that the row is about, and what else was seen. */
export interface Sample {
  value: number;
  requests: number;
  errors: number;
  firstError?: string;
  /** CPU seconds of the chain's processes for 10,000 requests; not known from a few. */
  cpuPer10k?: number;
  othersBusy?: number;
  /** Cold hosts: the longest wait of the client on a warm host. */
  stallMs?: number;
  /** Memory: how fast the download was. */
  mibPerSecond?: number;
}

export interface Row {
  title: string;
  unit: '/s' | 's' | 'ms' | 'MiB';
  /** How a chain is compared with direct of the same round: its share of direct's figure, or what it adds to it. */
  compare: 'ratio' | 'added' | 'none';
  /** Whether each measurement is made on a chain that was just started. */
  freshChain?: boolean;
  applies?(kind: ChainKind): boolean;
  measure(world: World, chain: Chain, seconds: number): Promise<Sample>;
}

export const coldHostCount = 100;
const downloadBytes = 2 ** 30;

/** In the order that tables show them in. */
export const rows = {
  http: rate('HTTP keep-alive, 1 KiB, c=32', 'http', '/json', { concurrency: 32 }),
  https: rate('HTTPS keep-alive, 1 KiB, c=32', 'https', '/json', { concurrency: 32 }),
  h2: {
    ...rate('HTTPS over h2, 1 KiB, 32 streams on one connection', 'https', '/json', { concurrency: 32, h2: true }),
    applies: (kind) => kind.h2,
  },
  fresh: rate('fresh TLS connections, 1 KiB, c=8', 'https', '/json', { concurrency: 8, fresh: true }),
  body: rate('1 MiB over HTTPS, c=4', 'https', '/bytes/1048576', { concurrency: 4 }),
  latency: {
    title: 'p50 over HTTPS, c=1',
    unit: 'ms',
    compare: 'added',
    async measure(world, chain, seconds) {
      const measured = await steady(world, chain, 'https', '/json', { seconds });
      return sample(measured, measured.p50Ms);
    },
  },
  cold: {
    title: `${coldHostCount} cold hosts over HTTPS, c=4`,
    unit: 's',
    compare: 'none',
    freshChain: true,
    async measure(world, chain) {
      const url = world.url('https', '/json', 'hN');
      const load = { url, hosts: coldHostCount, concurrency: 4, warmHost: world.host('warm') };
      const measured = await world.load(chain.target('https'), load, chain.pids);
      return { ...sample(measured, measured.seconds), stallMs: measured.warmMaxMs };
    },
  },
  memory: {
    title: 'growth of the MITM’s memory in a 1 GiB download',
    unit: 'MiB',
    compare: 'none',
    freshChain: true,
    applies: (kind) => kind.memory,
    measure: memoryGrowth,
  },
} satisfies Record<string, Row>;

export type RowId = keyof typeof rows;
export const rowIds = Object.keys(rows) as RowId[];

function rate(
  title: string,
  scheme: 'http' | 'https',
  pathname: string,
  load: { concurrency: number; fresh?: boolean; h2?: boolean },
): Row {
  return {
    title,
    unit: '/s',
    compare: 'ratio',
    async measure(world, chain, seconds) {
      const measured = await steady(world, chain, scheme, pathname, { seconds, ...load });
      return sample(measured, measured.perSecond);
    },
  };
}

/** Two requests, so that what a chain makes once for a host is made, and then the load. */
async function steady(
  world: World,
  chain: Chain,
  scheme: 'http' | 'https',
  pathname: string,
  load: Omit<Load, 'url'>,
): Promise<Measured> {
  const url = world.url(scheme, pathname);
  const probe = await world.load(chain.target(scheme), { url, count: 2, h2: load.h2 });
  if (probe.requests === 0) return probe;
  return world.load(chain.target(scheme), { url, ...load }, chain.pids);
}

/** The most that the process had during the download, above what it had before. */
async function memoryGrowth(world: World, chain: Chain): Promise<Sample> {
  const { mitmPid } = chain;
  if (mitmPid === undefined) throw new Error('This chain has no MITM process to watch');
  await world.load(chain.target('https'), { url: world.url('https', '/json'), count: 50 });
  const before = residentMiB(mitmPid);
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, residentMiB(mitmPid))), 20);
  try {
    const load = { url: world.url('https', `/bytes/${downloadBytes}`), count: 1, timeoutSeconds: 120 };
    const measured = await world.load(chain.target('https'), load, chain.pids);
    if (measured.bodyBytes !== downloadBytes) {
      throw new Error(`The download ended after ${measured.bodyBytes} bytes: ${measured.firstError ?? 'no error'}`);
    }
    highest = Math.max(highest, residentMiB(mitmPid));
    return { ...sample(measured, highest - before), mibPerSecond: measured.bodyBytes / 2 ** 20 / measured.seconds };
  } finally {
    clearInterval(watch);
  }
}

function sample(measured: Measured, value: number): Sample {
  const { requests, errors, firstError, cpuSeconds, othersBusy } = measured;
  const cpuPer10k = cpuSeconds === undefined || requests < 50 ? undefined : (cpuSeconds / requests) * 10_000;
  return { value, requests, errors, firstError, cpuPer10k, othersBusy };
}
