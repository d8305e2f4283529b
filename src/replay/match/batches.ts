import type { RecordedExchanges } from '../../http/index.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { recordedRequest } from '../loaded/recorded-request.js';
import { jsonBody } from '../request/body/body-fields.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { decodeText } from '../request/text/charset.js';
import { looksLikeGraphql } from '../request/text/graphql.js';
import type { JsonNode } from '../request/text/json-text.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { Comparison } from './comparison.js';
import { matchesOf, type Match } from './matching.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from './prepared-request.js';
import type { Candidate, RequestIndex } from './request-index.js';
import type { ValueGraph } from './value-graph.js';

interface BatchesInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
  index: RequestIndex;
  comparison: Comparison;
  values: ValueGraph;
}

/** Of larger batches, the order counts. */
const maxCalls = 200;

/**
 * Recorded batches of the same calls in another order: JSON-RPC (§6), and GraphQL as clients gather its operations.
 * The calls of a batch do not depend on each other, and what gathers them takes them as they come.
 */
export class Batches {
  readonly #init: BatchesInit;

  constructor(init: BatchesInit) {
    this.#init = init;
  }

  async matches(incoming: ComparableRequest, prepared: PreparedRequest, now: RunTimes): Promise<Match[]> {
    const calls = callsOf(incoming);
    if (calls === undefined) return [];
    await this.#init.values.ready();
    const found: Match[] = [];
    for (const candidate of await this.#init.index.sameLine(prepared)) {
      const match = await this.#inItsOrder(candidate, incoming, calls, now);
      if (match !== undefined) found.push(match);
    }
    return found;
  }

  async #inItsOrder(
    candidate: Candidate,
    incoming: ComparableRequest,
    calls: readonly Call[],
    now: RunTimes,
  ): Promise<Match | undefined> {
    const { exchanges, bodies, context, index, comparison, values } = this.#init;
    const exchange = exchanges.get(candidate.facts.position);
    const recorded = recordedRequest(exchange, await bodies.get(exchange.body));
    const recordedCalls = recorded && callsOf(recorded);
    if (recorded === undefined || recordedCalls?.length !== calls.length) return undefined;
    const places = this.#places(
      recordedCalls.map(({ text }) => this.#prepared(recorded, text)),
      calls.map(({ text }) => this.#prepared(incoming, text)),
      candidate,
      now,
    );
    if (places === undefined) return undefined;
    const text = `[${places.map((place) => calls[place]?.text).join()}]`;
    const prepared = prepareRequest(withBody(incoming, text), context);
    const group = await index.find(prepared);
    const same = group.filter(({ facts }) => facts.position === candidate.facts.position);
    const [match] = await matchesOf(same, prepared, now, comparison, values);
    return match && { ...match, order: { places, ids: recordedCalls.map(({ id }) => id) } };
  }

  #prepared(request: ComparableRequest, text: string): PreparedRequest {
    return prepareRequest(withBody(request, text), this.#init.context);
  }

  /** Of each recorded call, the incoming one that is most like it; undefined when one has none. */
  #places(
    recorded: readonly PreparedRequest[],
    incoming: readonly PreparedRequest[],
    { facts }: Candidate,
    now: RunTimes,
  ): number[] | undefined {
    const left = new Set(incoming.keys());
    const places: number[] = [];
    for (const past of recorded) {
      let best: { place: number; score: number } | undefined;
      for (const place of left) {
        const present = incoming[place] as PreparedRequest;
        if (present.bodyKey !== past.bodyKey) continue;
        const { differences, evidence, preference } = this.#init.comparison.ofSameKey(past, present, facts, now);
        const score = evidence * 1000 + preference;
        if (differences.length === 0 && score > (best?.score ?? -1)) best = { place, score };
      }
      if (best === undefined) return undefined;
      left.delete(best.place);
      places.push(best.place);
    }
    return places;
  }
}

interface Call {
  text: string;
  id: string | undefined;
}

/** The calls of a batch, as they are written; undefined when it is none. */
function callsOf({ body, mediaType }: ComparableRequest): Call[] | undefined {
  if (body.length > maxBytes || !mayBeList.test(body.toString('latin1', 0, 16))) return undefined;
  const json = jsonBody(body, mediaType);
  if (json?.type !== 'array' || json.items.length < 2 || json.items.length > maxCalls) return undefined;
  if (!json.items.every(isCall)) return undefined;
  const { text } = decodeText(body, mediaType);
  return json.items.map((item) => ({ text: text.slice(item.start, item.end), id: idOf(item, text) }));
}

/** Its first character is the bracket, whatever it is written in. */
const mayBeList = /^[^\w{"]*\[/;
const maxBytes = 1024 * 1024;

function isCall(node: JsonNode): boolean {
  if (memberOf(node, 'jsonrpc') !== undefined) return memberOf(node, 'method')?.type === 'string';
  const query = memberOf(node, 'query');
  if (query?.type === 'string') return looksLikeGraphql(query.value);
  const extensions = memberOf(node, 'extensions');
  return extensions !== undefined && memberOf(extensions, 'persistedQuery') !== undefined;
}

function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  return node.type === 'object' ? node.members.find(({ key }) => key === name)?.value : undefined;
}

/** The id of a call or of its answer, as `text` writes it. */
export function idOf(node: JsonNode, text: string): string | undefined {
  const id = memberOf(node, 'jsonrpc') === undefined ? undefined : memberOf(node, 'id');
  return id && text.slice(id.start, id.end);
}

/** The same request with another body, which is in UTF-8. */
function withBody(request: ComparableRequest, text: string): ComparableRequest {
  const { essence, parameters } = request.mediaType;
  const others = new Map([...parameters].filter(([name]) => name !== 'charset'));
  return { ...request, mediaType: { essence, parameters: others }, body: Buffer.from(text) };
}
