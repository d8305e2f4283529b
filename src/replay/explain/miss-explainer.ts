import { urlOf, type Exchange, type RecordedExchanges } from '../../http/index.js';
import type { Match } from '../match/matching.js';
import type { Incoming } from '../match/prepared-requests.js';
import type { RequestMatcher } from '../match/request-matcher.js';
import type { ServedExchanges } from '../select/served.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { exhaustedReport, missReport, type MissReport, type Nearest } from './miss.js';
import { NearestRequests } from './nearest.js';

interface MissExplainerInit {
  exchanges: RecordedExchanges;
  matcher: RequestMatcher;
  served: ServedExchanges;
}

/** Says of a request that was not answered which recorded one comes nearest, and in what it differs. */
export class MissExplainer {
  readonly #init: MissExplainerInit;
  #nearest: NearestRequests | undefined;

  constructor(init: MissExplainerInit) {
    this.#init = init;
  }

  /** `matches`: recorded requests that mean the same, all of them used up. */
  async explain(exchange: Exchange, asked: Incoming, now: RunTimes, matches: readonly Match[]): Promise<MissReport> {
    const { exchanges, matcher, served } = this.#init;
    const { incoming } = asked;
    const missed = { index: exchange.index, method: incoming.method, url: urlOf(exchange.request) };
    const last = matches.at(-1)?.candidate.facts.position;
    if (last !== undefined) return exhaustedReport(missed, last, exchanges.outline(last), matches.length);
    this.#nearest ??= new NearestRequests(exchanges);
    let nearest: Nearest | undefined;
    for (const position of this.#nearest.candidates(incoming, (candidate) => served.isUsed(candidate))) {
      const recorded = await matcher.index.prepared(position);
      if (recorded === undefined) continue;
      const differences = matcher.differences(recorded, asked, now);
      if (nearest !== undefined && differences.length >= nearest.differences.length) continue;
      const { method, url } = exchanges.outline(position);
      nearest = { position, method, url, differences };
    }
    return missReport(missed, nearest);
  }
}
