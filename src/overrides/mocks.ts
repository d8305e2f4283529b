import { setTimeout as wait } from 'node:timers/promises';
import { Body, withRequest, type Exchange, type HttpResponse, type Interceptor, type Next } from '../http/index.js';
import type { Mock, MockCounts } from './model.js';
import {
  changedResponse,
  changedRequest,
  changesBody,
  builtinResponse,
  unconditional,
  type Problem,
} from './modification.js';
import { compilePredicate, type CompiledPredicate } from './predicate.js';
import { RequestFacts } from './request-facts.js';

interface CompiledMock {
  mock: Mock;
  predicate: CompiledPredicate;
  counts: MockCounts;
}

export interface MocksOptions {
  /** Told of each request that a mock was applied to. */
  onHit: (exchange: Exchange, mock: Mock) => void;
  /** Told when a mock could not change what it was to change. */
  onProblem: (exchange: Exchange, mock: Mock, problem: Problem) => void;
}

/** The largest request body that is looked into. */
const bodyBytes = 64 * 1024 * 1024;

/**
 * The mocks of a session. A request is counted by every mock that it fits; of those whose index conditions it meets,
 * the one with the most `params` and `json_params` is applied, and of several with as many the one that was added last.
 */
export class Mocks {
  readonly #options: MocksOptions;
  #mocks: CompiledMock[] = [];

  constructor(options: MocksOptions) {
    this.#options = options;
  }

  /**
   * From now on these. One that was there before, by its id, goes on counting; `counts`: what a new one begins with.
   */
  set(mocks: readonly Mock[], counts: Readonly<Record<string, MockCounts>> = {}): void {
    const before = new Map(this.#mocks.map((compiled) => [compiled.mock.id, compiled.counts]));
    this.#mocks = mocks.map((mock) => ({
      mock,
      predicate: compilePredicate(mock.predicate),
      counts: before.get(mock.id) ?? { ...(counts[mock.id] ?? { fitted: 0, hits: 0 }) },
    }));
  }

  counts(): Record<string, MockCounts> {
    return Object.fromEntries(this.#mocks.map(({ mock, counts }) => [mock.id, { ...counts }]));
  }

  readonly interceptor: Interceptor = (exchange, next) =>
    this.#mocks.length === 0 ? next(exchange) : this.#look(exchange, next);

  async #look(exchange: Exchange, next: Next): Promise<HttpResponse> {
    const headFacts = new RequestFacts(exchange.request, undefined);
    const possible = this.#mocks.filter(({ predicate }) => predicate.mayFit(headFacts));
    if (possible.length === 0) return next(exchange);
    const wantsBody = possible.some(
      ({ mock, predicate }) => predicate.wantsBody || (mock.request !== undefined && changesBody(mock.request)),
    );
    const { request } = exchange;
    if (!wantsBody || request.body.length === 0) return this.#choose(exchange, headFacts, possible, next);
    const { data, trailers } = await request.body.bytes(bodyBytes);
    const read = withRequest(exchange, { ...request, body: Body.of(data, trailers) });
    return this.#choose(read, new RequestFacts(request, data), possible, next);
  }

  #choose(exchange: Exchange, facts: RequestFacts, possible: CompiledMock[], next: Next): Promise<HttpResponse> {
    let chosen: CompiledMock | undefined;
    let best = -1;
    for (const compiled of possible) {
      const matches = compiled.predicate.fit(facts);
      if (matches === undefined) continue;
      const index = compiled.counts.fitted;
      compiled.counts.fitted += 1;
      if (!compiled.predicate.applies(index) || matches < best) continue;
      [chosen, best] = [compiled, matches];
    }
    if (chosen === undefined) return next(exchange);
    chosen.counts.hits += 1;
    exchange.notes.mock = chosen.mock.id;
    this.#options.onHit(exchange, chosen.mock);
    return this.#apply(exchange, chosen.mock, facts.body, next);
  }

  async #apply(exchange: Exchange, mock: Mock, body: Buffer | undefined, next: Next): Promise<HttpResponse> {
    const { request: change, response } = mock;
    const problems: Problem[] = [];
    const tell = (): void => problems.splice(0).forEach((problem) => this.#options.onProblem(exchange, mock, problem));
    let answer: HttpResponse;
    const own = response?.response === undefined ? undefined : builtinResponse(exchange.request, response);
    if (own !== undefined) {
      exchange.request.body.cancel(new Error('A mock answered'));
      exchange.notes.servedBy = 'mock';
      answer = own;
    } else {
      if (response?.response !== undefined) problems.push('the request is no call of gRPC');
      let { request } = exchange;
      if (change !== undefined) request = changedRequest(request, change, body, problems);
      if (response?.modify !== undefined) request = unconditional(request);
      tell();
      answer = await next(request === exchange.request ? exchange : withRequest(exchange, request));
      if (response !== undefined) answer = await changedResponse(answer, response, problems);
      tell();
    }
    if (response?.delay_sec !== undefined) await delayed(exchange, response.delay_sec, answer);
    return answer;
  }
}

/** Ends early when the client goes away. */
async function delayed(exchange: Exchange, seconds: number, answer: HttpResponse): Promise<void> {
  const gone = new AbortController();
  const forget = exchange.onAbort((reason) => gone.abort(reason));
  try {
    await wait(seconds * 1000, undefined, { signal: gone.signal });
  } catch (error) {
    answer.body.cancel(error as Error);
    throw error;
  } finally {
    forget();
  }
}
