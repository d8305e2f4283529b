import type { ComparableRequest } from '../request/comparable-request.js';
import type { RecordedFacts } from '../loaded/facts.js';
import type { RecordedWrite } from './write-history.js';

/** A recorded response of a group of equal requests, with a fingerprint of what it said. */
export interface StateCandidate {
  facts: RecordedFacts;
  fingerprint: number;
  identity: number;
}

/** Writes of others count less: what a user sees changes mostly by what the user does. */
const othersWeight = 0.25;
/** To show what was before a write is a little worse than to show what comes after one that is still to be made. */
const staleWeight = 1.01;

/**
 * Of the recorded responses to one request, those that were given in the state that this run is in. The state is which
 * writes have been made; only those count that the recording shows to have changed the response: between two responses
 * that differ, and not between two that are the same.
 */
export function inCurrentState<Candidate extends StateCandidate>(
  candidates: readonly Candidate[],
  writes: readonly RecordedWrite[],
  hasHappened: (position: number) => boolean,
  request: Pick<ComparableRequest, 'path'>,
): readonly Candidate[] {
  if (candidates.length < 2 || candidates.every(({ fingerprint }) => fingerprint === candidates[0]?.fingerprint)) {
    return candidates;
  }
  const own = new Set(candidates.map(({ facts }) => facts.position));
  const related = relatedWrites(
    candidates,
    writes.filter(({ position }) => !own.has(position)),
    request.path,
  );
  if (related.length === 0) return candidates;
  const costs = candidates.map((candidate) => costOf(candidate, related, hasHappened));
  const least = Math.min(...costs) + 1e-9;
  return candidates.filter((_, i) => (costs[i] as number) <= least);
}

/** How far the state that a candidate was given in is from the present one. */
function costOf(
  { facts, identity }: StateCandidate,
  related: readonly RecordedWrite[],
  hasHappened: (position: number) => boolean,
): number {
  let cost = 0;
  for (const write of related) {
    const weight = write.identity === identity ? 1 : othersWeight;
    const happened = hasHappened(write.position);
    if (isBefore(write, facts)) cost += happened ? 0 : weight;
    else if (happened && !isDuring(write, facts)) cost += weight * staleWeight;
  }
  return cost;
}

/** The write was over when the request came. */
function isBefore(write: RecordedWrite, { startedAt }: RecordedFacts): boolean {
  return write.answeredAt <= startedAt;
}

/** The write was made while the request waited for its response, so the response may show it. */
export function isDuring(write: RecordedWrite, { startedAt, answeredAt }: RecordedFacts): boolean {
  return write.answeredAt > startedAt && write.startedAt <= answeredAt;
}

/** The writes whose operation changed a response of the group whenever it stood between two. */
function relatedWrites(
  candidates: readonly StateCandidate[],
  writes: readonly RecordedWrite[],
  path: string,
): readonly RecordedWrite[] {
  const changed = new Set<string>();
  const unchanged = new Set<string>();
  for (let i = 1; i < candidates.length; i++) {
    const [past, next] = [candidates[i - 1] as StateCandidate, candidates[i] as StateCandidate];
    const between = writes.filter((write) => !isBefore(write, past.facts) && write.startedAt <= next.facts.answeredAt);
    const differs = past.fingerprint !== next.fingerprint;
    for (const { operation } of differs ? nearest(between, path) : between)
      (differs ? changed : unchanged).add(operation);
  }
  return writes.filter(
    (write) => changed.has(write.operation) && (!unchanged.has(write.operation) || sharesResource(write.path, path)),
  );
}

/** Where a write to the very resource or to its kind stands there, it explains the change, and the others need not. */
function nearest(writes: readonly RecordedWrite[], path: string): readonly RecordedWrite[] {
  const same = writes.filter((write) => isWithin(write.path, path) || isWithin(path, write.path));
  if (same.length > 0) return same;
  const near = writes.filter((write) => sharesResource(write.path, path));
  return near.length > 0 ? near : writes;
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(whole.endsWith('/') ? whole : `${whole}/`);
}

/** Whether two paths are about the same kind of thing: the same first segment that names one. */
function sharesResource(a: string, b: string): boolean {
  const [left, right] = [firstResource(a), firstResource(b)];
  return left !== undefined && left === right;
}

function firstResource(path: string): string | undefined {
  return path
    .split('/')
    .find((segment) => segment !== '' && !/^(?:api|rest|v\d+(?:\.\d+)*|public|internal)$/i.test(segment));
}
