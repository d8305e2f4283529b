import type { RecordedExchange, RecordedExchanges } from '../../http/index.js';
import type { ComparedParts } from './comparison.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { factsOf, type RecordedFacts } from '../loaded/facts.js';
import { lineKeyOf, prepareRequest, type MatchContext, type PreparedRequest } from './prepared-request.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf, recordedLine, recordedRequest } from '../loaded/recorded-request.js';

/** A recorded request that has the key of an asked one. */
export interface Candidate extends ComparedParts {
  facts: RecordedFacts;
}

/** Recorded requests that are the same but for volatile values and headers, in recorded order. */
export type Group = readonly Candidate[];

/**
 * Recorded requests whose line (all but the body) is the same, by the keys of their bodies once one has been asked for.
 */
interface Bucket {
  positions: number[];
  groups?: Map<number, Candidate[]> | Promise<Map<number, Candidate[]>>;
}

const noCandidates: Group = [];

/**
 * Finds the recorded requests that could be the one that is asked. Lines are hashed when it is made; the bodies of a
 * line are read when it is asked for first. Positions are those of the recording's exchanges.
 */
export class RequestIndex {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  readonly #context: MatchContext;
  /**
   * By the key of the line; of a line that stands alone, which most do, its position is enough until it is asked for.
   */
  readonly #byLine = new Map<number, number | Bucket>();

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies, context: MatchContext) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
    this.#context = context;
    for (const position of positionsOf(exchanges)) {
      const line = recordedLine(exchanges.outline(position));
      if (line === undefined) continue;
      const key = lineKeyOf(line, context);
      const known = this.#byLine.get(key);
      if (known === undefined) this.#byLine.set(key, position);
      else if (typeof known === 'number') this.#byLine.set(key, { positions: [known, position] });
      else known.positions.push(position);
    }
  }

  #bucket(key: number): Bucket | undefined {
    const known = this.#byLine.get(key);
    if (typeof known !== 'number') return known;
    const bucket = { positions: [known] };
    this.#byLine.set(key, bucket);
    return bucket;
  }

  /** The recorded requests with the keys of `asked`; at once where they have been asked for before. */
  find(incoming: PreparedRequest): Group | Promise<Group> {
    const bucket = this.#bucket(incoming.lineKey);
    if (bucket === undefined) return noCandidates;
    bucket.groups ??= this.#groups(bucket.positions).then((groups) => (bucket.groups = groups));
    const pick = (groups: Map<number, Candidate[]>): Group => groups.get(incoming.bodyKey) ?? noCandidates;
    return bucket.groups instanceof Map ? pick(bucket.groups) : bucket.groups.then(pick);
  }

  /** The recorded requests that differ from `asked` in nothing but their bodies, if in anything. */
  async sameLine({ lineKey }: PreparedRequest): Promise<Candidate[]> {
    const bucket = this.#bucket(lineKey);
    if (bucket === undefined) return [];
    bucket.groups ??= this.#groups(bucket.positions).then((groups) => (bucket.groups = groups));
    return [...(await bucket.groups).values()].flat().sort((a, b) => a.facts.position - b.facts.position);
  }

  /** One recorded request in full; undefined when its URL is not one of HTTP. */
  async prepared(position: number): Promise<{ request: PreparedRequest; facts: RecordedFacts } | undefined> {
    const { recorded, request } = await this.#request(position);
    if (request === undefined) return undefined;
    return { request: prepareRequest(request, this.#context), facts: factsOf(recorded, position, request) };
  }

  /**
   * What matching needs to know of a recorded request besides its contents; undefined when its URL is not one of HTTP.
   */
  async facts(position: number): Promise<RecordedFacts | undefined> {
    const { recorded, request } = await this.#request(position);
    return request && factsOf(recorded, position, request);
  }

  async #request(position: number): Promise<{ recorded: RecordedExchange; request: ComparableRequest | undefined }> {
    const recorded = this.#exchanges.get(position);
    return { recorded, request: recordedRequest(recorded, await this.#bodies.get(recorded.body)) };
  }

  async #groups(positions: readonly number[]): Promise<Map<number, Candidate[]>> {
    const groups = new Map<number, Candidate[]>();
    for (const position of positions) {
      const recorded = await this.prepared(position);
      if (recorded === undefined) continue;
      const { bodyKey, volatileValues, headers } = recorded.request;
      const candidate = { facts: recorded.facts, volatileValues, headers };
      const group = groups.get(bodyKey);
      if (group === undefined) groups.set(bodyKey, [candidate]);
      else group.push(candidate);
    }
    return groups;
  }
}
