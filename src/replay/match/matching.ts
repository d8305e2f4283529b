import type { Agreement, Comparison, IgnoredHeaders } from './agreement.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { PreparedRequest } from './prepared-request.js';
import type { RecordedValues } from './recorded-values.js';
import type { Candidate, Group } from './request-index.js';

/** A recorded request that means the same as the asked one. */
export interface Match {
  candidate: Candidate;
  agreement: Agreement;
}

/**
 * Of the recorded requests with the key of the asked one, those that mean the same, in recorded order. Where ids say
 * which they are, only those for which most of them do.
 */
export async function matchesOf(
  group: Group,
  asked: PreparedRequest,
  now: RunTimes,
  comparison: Comparison,
  values: RecordedValues,
  ignored?: IgnoredHeaders,
): Promise<Match[]> {
  const first = bestOf(group, asked, now, comparison, ignored);
  if (first.every(({ agreement }) => agreement.guesses === 0)) return first;
  await values.ready();
  return bestOf(group, asked, now, comparison, ignored);
}

function bestOf(
  group: Group,
  asked: PreparedRequest,
  now: RunTimes,
  comparison: Comparison,
  ignored: IgnoredHeaders | undefined,
): Match[] {
  const matches = group
    .map((candidate) => ({
      candidate,
      agreement: comparison.ofSameKey(candidate, asked, candidate.facts, now, ignored),
    }))
    .filter(({ agreement }) => agreement.differences.length === 0);
  const most = Math.max(...matches.map(({ agreement }) => agreement.evidence));
  return matches.filter(({ agreement }) => agreement.evidence === most);
}
