import type { ExpectRequest } from '../overrides/index.js';

/**
 * Selects exchanges of a session's history: from the index `since` on, to `hosts` (`*` wildcards), that fit
 * `predicate`.
 */
export interface HarFilter {
  since: number;
  hosts?: readonly string[] | undefined;
  predicate?: ExpectRequest['predicate'] | undefined;
}
