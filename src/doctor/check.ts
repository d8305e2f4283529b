import type { HomePaths } from '../config/paths.js';

/** What a check found. */
export interface Finding {
  /** `warn`: works, but not as well as it could, or not everything. `fail`: proxyctl cannot do its work. */
  status: 'ok' | 'warn' | 'fail';
  /** What is so, with the values in it. */
  detail: string;
  /** What to do; absent when there is nothing to do. */
  hint?: string;
}

export interface CheckContext {
  home: HomePaths;
  /** The port that `up` takes for its control API unless told otherwise. */
  apiPort: number;
  /** From a flag or the config file. */
  toxiproxyPath: string | undefined;
  signal: AbortSignal;
}

/** One thing to look at before blaming anything else: declared once, in a file of its own. */
export interface Check {
  /** One or two words: `disk space`. */
  name: string;
  /** Looks, and changes nothing. What it throws counts as a failure. */
  run: (context: CheckContext) => Promise<Finding> | Finding;
}
