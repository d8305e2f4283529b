import type { Target } from '../load.js';
import type { World } from '../world.js';

/** What stands between the load generator and the origin. */
export interface Chain {
  target(scheme: 'http' | 'https'): Target;
  /** Their CPU time, with that of all below them, is the chain's cost. */
  readonly pids: number[];
  /** The process whose memory the memory row watches. */
  readonly mitmPid?: number;
  close(): Promise<void>;
}

export interface ChainKind {
  title: string;
  /** Whether it can speak HTTP/2 to the client. */
  h2: boolean;
  /** Whether the memory row measures it. */
  memory: boolean;
  start(world: World): Promise<Chain>;
}
