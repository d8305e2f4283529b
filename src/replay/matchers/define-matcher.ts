import type { ComparableRequest } from '../comparable-request.js';
import type { Field } from '../field.js';

/**
 * What must be equal between a recorded request and the one that is asked. It projects a request to fields in which layout
 * no longer shows; that one declaration serves the index and the explanation of a miss.
 */
export interface Matcher {
  name: string;
  /** Completes "the same …". */
  summary: string;
  /** `line` reads all but the body, so the index can be built without reading bodies. */
  reads: 'line' | 'body';
  project: (request: ComparableRequest) => Field[];
}

export function defineMatcher(matcher: Matcher): Matcher {
  return matcher;
}
