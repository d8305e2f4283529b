/** One thing that was asked for, and what was measured. */
export interface Row {
  group: 'capacity' | 'latency' | 'page' | 'cost';
  /** What it is: `link 200 kB/s, 6 connections`. */
  name: string;
  unit: 'kB/s' | 'ms' | 'MB/s';
  /** `reference` where it was measured too, with kernel TCP over a real link. */
  wanted: number;
  measured: number;
  /** How far `measured` may be from `wanted`, in words. */
  bound: string;
  within: boolean;
}

/** Within so much of what was asked for. */
export function withinShare(measured: number, wanted: number, share: number): Pick<Row, 'bound' | 'within'> {
  return { bound: `± ${share * 100} %`, within: Math.abs(measured / wanted - 1) <= share };
}

export function withinMs(measured: number, wanted: number, ms: number): Pick<Row, 'bound' | 'within'> {
  return { bound: `± ${ms} ms`, within: Math.abs(measured - wanted) <= ms };
}
