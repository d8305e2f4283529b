import type { Child } from './processes.js';

/** How the load generator is told to reach something; see go/load/main.go. */
export interface Target {
  /** `host:port` that its TCP connections go to. */
  dial: string;
  /** Whether that is a forward proxy. */
  proxy: boolean;
}

export interface Load {
  url: string;
  concurrency?: number;
  seconds?: number;
  count?: number;
  fresh?: boolean;
  h2?: boolean;
  hosts?: number;
  warmHost?: string;
  /** For each request. */
  timeoutSeconds?: number;
}

/** What the load generator says; see go/load/main.go. */
export interface LoadResult {
  requests: number;
  errors: number;
  firstError?: string;
  seconds: number;
  perSecond: number;
  bodyBytes: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  warmP50Ms?: number;
  warmMaxMs?: number;
}

export function loadArguments(target: Target, load: Load): string[] {
  const flags: Record<string, string | number | undefined> = {
    url: load.url,
    dial: target.dial,
    c: load.concurrency,
    for: load.seconds === undefined ? undefined : `${load.seconds}s`,
    count: load.count,
    hosts: load.hosts,
    'warm-host': load.warmHost,
    timeout: `${load.timeoutSeconds ?? 30}s`,
  };
  const switches = { proxy: target.proxy, fresh: load.fresh, h2: load.h2 };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`-${name}=${value}`])),
    ...Object.entries(switches).flatMap(([name, on]) => (on === true ? [`-${name}`] : [])),
  ];
}

/** Reads the generator's two lines; `onMeasuring` is called between them. */
export async function readLoad(child: Child, limitMs: number, onMeasuring: () => void): Promise<LoadResult> {
  for (;;) {
    const line = JSON.parse(await child.line(limitMs)) as { measuring: true } | LoadResult;
    if (!('measuring' in line)) return line;
    onMeasuring();
  }
}
