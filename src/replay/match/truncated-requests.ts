import type { RecordedExchanges } from '../../http/index.js';
import type { ComparedParts, Comparison } from './comparison.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { Match } from './matching.js';
import { volatileValuesOf, type PreparedRequest } from './prepared-request.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf } from '../loaded/recorded-request.js';
import type { RequestIndex } from './request-index.js';

interface TruncatedRequestsInit {
  exchanges: RecordedExchanges;
  index: RequestIndex;
  bodies: RecordedBodies;
  comparison: Comparison;
}

/**
 * Recorded requests that were answered before their bodies had come, and never sent to their end: an upload refused by
 * its head, or for its size. How much of a body is on its way by then is chance, so what came of it has to be how the
 * asked one begins.
 */
export class TruncatedRequests {
  readonly #init: TruncatedRequestsInit;
  readonly #any: boolean;

  constructor(init: TruncatedRequestsInit) {
    this.#init = init;
    const { exchanges } = init;
    this.#any = [...positionsOf(exchanges)].some((position) => exchanges.outline(position).requestTruncated);
  }

  /** Those that the incoming request, with its body as sent, may be again. */
  async matches(incoming: PreparedRequest, data: Buffer, now: RunTimes): Promise<Match[]> {
    if (!this.#any) return [];
    const { exchanges, index, bodies, comparison } = this.#init;
    const matches: Match[] = [];
    for (const candidate of await index.sameLine(incoming)) {
      const { position } = candidate.facts;
      const { body, bodyTruncated } = exchanges.get(position);
      if (!bodyTruncated) continue;
      const begun = await bodies.get(body);
      const recorded = await index.prepared(position);
      if (recorded === undefined || !begun.equals(data.subarray(0, begun.length))) continue;
      const matchResult = comparison.ofSameKey(
        withoutBody(recorded.request),
        withoutBody(incoming),
        candidate.facts,
        now,
      );
      if (matchResult.differences.length === 0) matches.push({ candidate, matchResult });
    }
    return matches;
  }
}

function withoutBody({ line, headers }: PreparedRequest): ComparedParts {
  return { volatileValues: volatileValuesOf(line), headers };
}
