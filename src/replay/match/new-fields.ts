import { headerPairs, type RecordedExchanges } from '../../http/index.js';
import { positionsOf, recordedLine } from '../loaded/recorded-request.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { anyElementOf, isIn } from '../request/field-path.js';
import { isNoise } from '../request/matchers/other-headers.js';
import type { PreparedRequest } from './prepared-request.js';
import type { Incoming } from './prepared-requests.js';
import type { RequestIndex } from './request-index.js';

/** What a recorded request of an operation has. */
interface Known {
  places: ReadonlySet<string>;
  /** Values that say which operation it is, by their places. */
  operation: ReadonlyMap<string, string>;
}

/**
 * Knows the fields that a newer version of the app has added: those which no recorded request of the same operation
 * has, whatever its values. An operation is a method and a path, ids in it aside, and where the body or a header names
 * it, that name.
 */
export class NewFields {
  readonly #exchanges: RecordedExchanges;
  readonly #index: RequestIndex;
  #positions: Map<string, number[]> | undefined;
  readonly #known = new Map<string, Promise<Known[]>>();
  readonly #headers = new Map<string, ReadonlySet<string>>();

  constructor(exchanges: RecordedExchanges, index: RequestIndex) {
    this.#exchanges = exchanges;
    this.#index = index;
  }

  /** The places of the added fields; none where no such operation was recorded. */
  async of({ incoming, prepared }: Incoming): Promise<ReadonlySet<string>> {
    const key = operationOf(incoming);
    const positions = (this.#positions ??= this.#byOperation()).get(key) ?? [];
    const asked = knownOf(prepared);
    const known = this.#known.get(key) ?? this.#knownAt(positions);
    this.#known.set(key, known);
    const same = (await known).filter(({ operation }) => areOne(operation, asked.operation));
    if (same.length === 0) return new Set();
    const isNew = (where: string): boolean => same.every(({ places }) => !places.has(placeOf(where)));
    return new Set(wheresOf(prepared).filter((where) => mayBeAdded(where) && isNew(where)));
  }

  /** The added headers alone, of a request that was answered: most decide nothing. */
  headersOf({ incoming, prepared }: Incoming): string[] {
    const key = operationOf(incoming);
    const positions = (this.#positions ??= this.#byOperation()).get(key) ?? [];
    const known = this.#headers.get(key) ?? this.#headersAt(positions);
    this.#headers.set(key, known);
    return prepared.headers.flatMap(({ field: { where, name } }) =>
      isIn('header', { where }) && !known.has(name) && !isUntold(where) && mayBeAdded(where) ? [where] : [],
    );
  }

  #headersAt(positions: readonly number[]): ReadonlySet<string> {
    return new Set(
      positions.flatMap((position) =>
        headerPairs(this.#exchanges.get(position).headers).map(({ name }) => name.toLowerCase()),
      ),
    );
  }

  #byOperation(): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (const position of positionsOf(this.#exchanges)) {
      const line = recordedLine(this.#exchanges.outline(position));
      if (line === undefined) continue;
      const known = found.get(operationOf(line));
      if (known === undefined) found.set(operationOf(line), [position]);
      else known.push(position);
    }
    return found;
  }

  async #knownAt(positions: readonly number[]): Promise<Known[]> {
    const known: Known[] = [];
    for (const position of positions) {
      const recorded = await this.#index.prepared(position);
      if (recorded !== undefined) known.push(knownOf(recorded.request));
    }
    return known;
  }
}

/** Whether a header means nothing that somebody would want to hear of. */
export function isUntold(where: string): boolean {
  return isIn('header', { where }) && isNoise(where.slice('header '.length));
}

function operationOf({ method, host, port, path }: ComparableRequest): string {
  const segments = path.split('/').map((segment) => (/\d/.test(segment) && !/^v\d+$/i.test(segment) ? '*' : segment));
  return `${method} ${host}:${port}${segments.join('/')}`;
}

function knownOf(request: PreparedRequest): Known {
  const fields = [...request.line, ...request.headers, ...request.body].map(({ field }) => field);
  return {
    places: new Set(fields.map(({ where }) => placeOf(where))),
    operation: new Map(
      fields.filter(({ where }) => namesOperation.test(where)).map(({ where, value }) => [where, value]),
    ),
  };
}

/** RPC, GraphQL, SOAP and the query protocol of AWS. */
const namesOperation =
  /^(?:json \$\.(?:method|operationName|query)|(?:query|form) (?:action|method)|header (?:x-amz-target|soapaction|graphql-operation))$/i;

function areOne(recorded: Known['operation'], asked: Known['operation']): boolean {
  return [...recorded].every(([where, value]) => (asked.get(where) ?? value) === value);
}

function wheresOf({ line, headers, body }: PreparedRequest): string[] {
  return [...line, ...headers, ...body].filter(({ optional }) => !optional).map(({ field }) => field.where);
}

/** One more of what is there is no new field. */
function placeOf(where: string): string {
  return isIn('json', { where }) ? anyElementOf(where) : where.replace(/\[\d+\]/g, '');
}

/** A part of the path, or a body without fields, is none; nor is what says who asks, or by the protocol for what. */
function mayBeAdded(where: string): boolean {
  if (where === 'json $' || namesOperation.test(where)) return false;
  if (['method', 'host', 'path', 'body'].some((part) => isIn(part as 'path', { where }))) return false;
  return !decisive.test(where);
}

const decisive =
  /^header (?:authorization|proxy-authorization|range|content-range|upload-offset|if-.+|depth|destination|overwrite|upgrade|content-type|access-control-request-.+|x-http-method(?:-override)?|x-method-override|(?:x-)?(?:api-?key|access-token|auth-token))(?: |$)/;
