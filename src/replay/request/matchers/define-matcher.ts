import type { RawHeaders } from '../../../http/index.js';
import type { ComparableRequest } from '../comparable-request.js';
import type { Field } from '../field.js';

/**
 * What must be equal between a recorded request and the one that is asked. It projects a request to fields in which
 * layout no longer shows; that one declaration serves the index and the explanation of a miss.
 */
export interface Matcher {
  name: string;
  /** Completes "the same …". */
  summary: string;
  /**
   * `line` and `body` make the key of the index (the index of lines is built without reading bodies); `headers` are
   * compared with each recorded request that has the same key.
   */
  reads: 'line' | 'headers' | 'body';
  project: (request: ComparableRequest) => Field[];
  /**
   * Headers: whether fields that are not equal (or stand on one side only) may differ all the same. Without it they may
   * not.
   */
  mayDiffer?: (difference: HeaderDifference) => boolean;
}

export interface HeaderDifference {
  recorded: Field | undefined;
  incoming: Field | undefined;
  /** What the recorded request was answered. */
  answer: { status: number; headers: RawHeaders };
  /** Whether the server has set this cookie in the recording. */
  isServerCookie: (name: string) => boolean;
  /** Whether both values are of one session, which the server renews as the client reads. */
  isRenewed: () => boolean;
}

export function defineMatcher(matcher: Matcher): Matcher {
  return matcher;
}
