import type { MatchResult, Comparison, IgnoredHeaders } from './comparison.js';
import type { BatchOrder } from './batch-order.js';
import type { Announcement } from './made-anew.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { PreparedRequest } from './prepared-request.js';
import type { ValueGraph } from './value-graph.js';
import type { Candidate, Group } from './request-index.js';

/** A recorded request that means the same as the asked one. */
export interface Match {
  candidate: Candidate;
  matchResult: MatchResult;
  /** Values that the client made in the recording, with those that stand for them now. */
  announced?: readonly Announcement[];
  /** It is the same batch of calls in another order. */
  order?: BatchOrder;
}

/**
 * Of the recorded requests with the key of the asked one, those that mean the same, in recorded order. Where ids say
 * which they are, only those for which most of them do.
 */
export async function matchesOf(
  group: Group,
  incoming: PreparedRequest,
  now: RunTimes,
  comparison: Comparison,
  values: ValueGraph,
  ignored?: IgnoredHeaders,
): Promise<Match[]> {
  const first = bestOf(group, incoming, now, comparison, ignored);
  if (first.every(({ matchResult }) => matchResult.guesses === 0)) return first;
  await values.ready();
  return bestOf(group, incoming, now, comparison, ignored);
}

function bestOf(
  group: Group,
  incoming: PreparedRequest,
  now: RunTimes,
  comparison: Comparison,
  ignored: IgnoredHeaders | undefined,
): Match[] {
  const matches = group
    .map((candidate) => ({
      candidate,
      matchResult: comparison.ofSameKey(candidate, incoming, candidate.facts, now, ignored),
    }))
    .filter(({ matchResult }) => matchResult.differences.length === 0);
  const most = Math.max(...matches.map(({ matchResult }) => matchResult.evidence));
  return matches.filter(({ matchResult }) => matchResult.evidence === most);
}
