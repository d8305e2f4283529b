import type { RecordedExchanges } from '../../http/index.js';
import type { Comparison } from './comparison.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { matchesOf, type Match } from './matching.js';
import { PreparedBodies } from './prepared-bodies.js';
import { prepareRequest, type MatchContext } from './prepared-request.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import type { ValueGraph } from './value-graph.js';
import { RequestIndex } from './request-index.js';

interface AmbiguousWordsInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
  comparison: Comparison;
  values: ValueGraph;
}

/**
 * Of eight hexadecimal digits by chance, one in twenty-five looks as if somebody had chosen it: `50313142` has no
 * letter, `cc19cc91` hardly two different ones. What misses because of that is compared once more with every
 * hexadecimal word taken for one by chance; of two that differ, one at least must look it.
 */
export class AmbiguousWords {
  readonly #init: AmbiguousWordsInit;
  readonly #context: MatchContext;
  #index: RequestIndex | undefined;

  constructor(init: AmbiguousWordsInit) {
    this.#init = init;
    // What is remembered of values and bodies is remembered by these.
    const own = { windows: [...init.context.windows], bodies: new PreparedBodies() };
    this.#context = { ...init.context, ...own, anyHexWord: true };
  }

  async matches(incoming: ComparableRequest, now: RunTimes): Promise<Match[]> {
    const prepared = prepareRequest(incoming, this.#context);
    if (!prepared.volatileValues.some(({ traits }) => traits.byChance === true)) return [];
    const { exchanges, bodies, comparison, values } = this.#init;
    this.#index ??= new RequestIndex(exchanges, bodies, this.#context);
    return matchesOf(await this.#index.find(prepared), prepared, now, comparison, values);
  }
}
