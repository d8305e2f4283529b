import { fromHarEntry } from '../har/from-har-entry.js';
import type { HarEntry } from '../har/har.js';
import type { ComparableRequest } from './comparable-request.js';
import { compareFields, hashFields, type Difference, type Field } from './field.js';
import { matchers } from './matchers/index.js';
import type { RecordedBodies } from './recorded-bodies.js';
import { isExchange, recordedLine, recordedRequest } from './recorded-request.js';

const lineMatchers = matchers.filter(({ reads }) => reads === 'line');
const bodyMatchers = matchers.filter(({ reads }) => reads === 'body');

/** Recorded requests whose line (all but the body) is the same, by the hash of their bodies once one has been asked for. */
interface Bucket {
  positions: number[];
  byBody?: Map<number, number[]> | Promise<Map<number, number[]>>;
}

/**
 * Finds the recorded requests that are equal to one that is asked. Lines are hashed when it is made; the bodies of a line are
 * read when it is asked for first. Positions are places in `recording.entries`.
 */
export class RequestIndex {
  readonly #entries: readonly HarEntry[];
  readonly #bodies: RecordedBodies;
  readonly #byLine = new Map<number, Bucket>();

  constructor(entries: readonly HarEntry[], bodies: RecordedBodies) {
    this.#entries = entries;
    this.#bodies = bodies;
    entries.forEach((entry, position) => {
      const line = isExchange(entry) ? recordedLine(entry) : undefined;
      if (line === undefined) return;
      const key = hashFields(lineFields(line));
      const bucket = this.#byLine.get(key);
      if (bucket === undefined) this.#byLine.set(key, { positions: [position] });
      else bucket.positions.push(position);
    });
  }

  /** The positions of the recorded requests that are equal to `asked`, in recorded order. */
  async find(asked: ComparableRequest): Promise<readonly number[]> {
    const bucket = this.#byLine.get(hashFields(lineFields(asked)));
    if (bucket === undefined) return [];
    bucket.byBody ??= this.#hashBodies(bucket.positions).then((byBody) => (bucket.byBody = byBody));
    const byBody = bucket.byBody instanceof Map ? bucket.byBody : await bucket.byBody;
    const positions = byBody.get(hashFields(bodyFieldsOf(asked))) ?? [];
    const [first] = positions;
    return first === undefined || (await this.differences(first, asked)).length > 0 ? [] : positions;
  }

  /** What differs between a recorded request and one that is asked, both whole. */
  async differences(position: number, asked: ComparableRequest): Promise<Difference[]> {
    const recorded = await this.#request(position);
    return recorded === undefined ? [] : compareFields(allFields(recorded), allFields(asked));
  }

  async #request(position: number): Promise<ComparableRequest | undefined> {
    const recorded = fromHarEntry(this.#entries[position] as HarEntry, position);
    return recordedRequest(recorded, await this.#bodies.get(recorded.body));
  }

  async #hashBodies(positions: readonly number[]): Promise<Map<number, number[]>> {
    const byBody = new Map<number, number[]>();
    for (const position of positions) {
      const request = await this.#request(position);
      if (request === undefined) continue;
      const key = hashFields(bodyFieldsOf(request));
      const same = byBody.get(key);
      if (same === undefined) byBody.set(key, [position]);
      else same.push(position);
    }
    return byBody;
  }
}

function lineFields(request: ComparableRequest): Field[] {
  return lineMatchers.flatMap(({ project }) => project(request));
}

function bodyFieldsOf(request: ComparableRequest): Field[] {
  return bodyMatchers.flatMap(({ project }) => project(request));
}

function allFields(request: ComparableRequest): Field[] {
  return matchers.flatMap(({ project }) => project(request));
}
