import type { ResponseFingerprints } from '../match/response-fingerprints.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { isBeacon } from '../request/request-kind.js';
import { noCauses, type Causes, type CausesOfResponse } from './causes.js';
import { inCurrentState, type StateCandidate } from './state-versions.js';
import type { Match } from '../match/matching.js';
import type { ServedExchanges } from './served.js';
import type { RecordedWrite, WriteHistory } from './write-history.js';

/** What follows the last of several equal recorded requests. A write is never repeated as if it were made anew. */
export type Exhausted = 'repeat' | 'error' | 'cycle';

/** The recorded exchange that answers, and the writes that it waited for. */
export interface Selected extends Match {
  causes: CausesOfResponse;
}

interface SelectionInit {
  served: ServedExchanges;
  writes: WriteHistory;
  fingerprints: ResponseFingerprints;
  causes: Causes;
  exhausted: Exhausted;
}

type Ranked = Match & StateCandidate;

/** Chooses among recorded requests that mean the same: by the state that the run is in, then in recorded order. */
export class Selection {
  readonly #init: SelectionInit;

  constructor(init: SelectionInit) {
    this.#init = init;
  }

  /**
   * Marks the chosen one as served. Undefined: the recorded ones are used up. `matches` is not empty. Of `others`, a
   * response can be made too: they count where no match was given in the state that this run is in.
   */
  async choose(
    matches: readonly Match[],
    others: readonly Match[],
    request: ComparableRequest,
  ): Promise<Selected | undefined> {
    const { served } = this.#init;
    const known = this.#init.writes.of(request.host, request.port);
    const writes = Array.isArray(known) ? known : await known; // each wait that is not needed costs every request
    const isSettled = writes.length === 0 || matches.length + others.length < 2;
    const present = isSettled ? matches : await this.#present(matches, others, writes, request);
    const unused = present.filter(({ candidate }) => !served.isUsed(candidate.facts.position));
    const chosen = unused.length > 0 ? preferred(unused, 'first') : await this.#again(present, request);
    if (chosen === undefined) return undefined;
    const { facts } = chosen.candidate;
    served.mark(facts.position);
    if (unused.length === 0 || writes.length === 0) return { ...chosen, causes: noCauses };
    const missing = writes.filter(({ position }) => !served.hasHappened(position));
    const alike = [...matches, ...others].map(({ candidate }) => candidate.facts.position);
    return { ...chosen, causes: await this.#init.causes.of(facts, missing, alike) };
  }

  async #present(
    matches: readonly Match[],
    others: readonly Match[],
    writes: readonly RecordedWrite[],
    request: ComparableRequest,
  ): Promise<readonly Match[]> {
    const all = others.length === 0 ? matches : [...matches, ...others].sort(byPosition);
    const present = await this.#inState(all, writes, request);
    const positions = new Set(matches.map(({ candidate }) => candidate.facts.position));
    const own = present.filter(({ candidate }) => positions.has(candidate.facts.position));
    return own.length > 0 ? own : present;
  }

  async #inState(
    matches: readonly Match[],
    writes: readonly RecordedWrite[],
    request: ComparableRequest,
  ): Promise<readonly Match[]> {
    const ranked: Ranked[] = [];
    for (const match of matches) {
      const { facts } = match.candidate;
      const known = this.#init.fingerprints.of(facts.position);
      const fingerprint = typeof known === 'number' ? known : await known;
      ranked.push({ ...match, facts, fingerprint, identity: this.#init.writes.identityOf(facts.position) });
    }
    return inCurrentState(ranked, writes, (position) => this.#init.served.hasHappened(position), request);
  }

  /** All have been used. */
  async #again(matches: readonly Match[], request: ComparableRequest): Promise<Match | undefined> {
    const { exhausted, served } = this.#init;
    if (exhausted === 'error') return undefined;
    if (exhausted === 'cycle') {
      for (const { candidate } of matches) served.release(candidate.facts.position);
      return preferred(matches, 'first');
    }
    const last = preferred(matches, 'last');
    return last.candidate.facts.isRead || (await this.#repeatsItself(matches, last, request)) ? last : undefined;
  }

  /**
   * Whether a write may be answered once more by the last response to it: it is the same one sent again (its
   * idempotency key says so, or PUT does), it was refused, it only reports, or it was always answered alike.
   */
  async #repeatsItself(matches: readonly Match[], last: Match, request: ComparableRequest): Promise<boolean> {
    const { facts } = last.candidate;
    if (request.method === 'PUT' || facts.status >= 400 || isBeacon(request)) return true;
    const key = last.matchResult.pairs.find(([recorded]) => recorded.traits.onceOnly === true);
    if (key !== undefined && last.matchResult.evidence > 0) return true;
    if (matches.length < minAlike || request.method === 'DELETE') return false;
    const fingerprints = new Set<number>();
    for (const { candidate } of matches) fingerprints.add(await this.#init.fingerprints.of(candidate.facts.position));
    return fingerprints.size === 1;
  }
}

function byPosition(a: Match, b: Match): number {
  return a.candidate.facts.position - b.candidate.facts.position;
}

/** So many answers to one write make it one that is always answered so. */
const minAlike = 3;

/** The first or last of those that are most alike in what may differ. */
function preferred(matches: readonly Match[], which: 'first' | 'last'): Match {
  if (matches.length === 1) return matches[0] as Match;
  const most = Math.max(...matches.map(({ matchResult }) => matchResult.preference));
  const alike = matches.filter(({ matchResult }) => matchResult.preference === most);
  return (which === 'first' ? alike[0] : alike.at(-1)) as Match;
}
