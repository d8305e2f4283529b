import type { RecordedFacts } from '../loaded/facts.js';
import { archiveFields, dataOf } from '../request/archive/archive-fields.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { Comparison, MatchResult } from './comparison.js';
import type { Match } from './matching.js';
import { prepareFields, type MatchContext, type PreparedRequest } from './prepared-request.js';
import type { RequestIndex } from './request-index.js';
import type { ValueGraph } from './value-graph.js';

interface ArchivesInit {
  context: MatchContext;
  index: RequestIndex;
  comparison: Comparison;
  values: ValueGraph;
}

/**
 * Recorded requests with archives that hold the same: made anew they have other times in them, and are other bytes.
 * What names those bytes by a digest is another digest then.
 */
export class Archives {
  readonly #init: ArchivesInit;

  constructor(init: ArchivesInit) {
    this.#init = init;
  }

  async matches(incoming: ComparableRequest, prepared: PreparedRequest, now: RunTimes): Promise<Match[]> {
    if (!mayHoldArchive(incoming.body)) return [];
    const { index, values } = this.#init;
    await values.ready();
    const found: Match[] = [];
    for (const candidate of await index.sameLine(prepared)) {
      const recorded = await index.prepared(candidate.facts.position);
      const matchResult = recorded && this.compared(recorded, incoming, prepared, now);
      if (matchResult?.differences.length === 0) found.push({ candidate, matchResult });
    }
    return found;
  }

  /** A recorded request and an incoming one by what their archives hold; undefined where not both have some. */
  compared(
    { request: recorded, facts }: { request: PreparedRequest; facts: RecordedFacts },
    incoming: ComparableRequest,
    prepared: PreparedRequest,
    now: RunTimes,
  ): MatchResult | undefined {
    const body = mayHoldArchive(incoming.body) ? this.#opened(incoming, prepared.body) : undefined;
    const opened = body && this.#opened(incoming, recorded.body);
    if (body === undefined || opened === undefined) return undefined;
    const past = { line: recorded.line, headers: recorded.headers, body: opened.fields };
    const live = { line: prepared.line, headers: prepared.headers, body: body.fields };
    return this.#init.comparison.ofAll(past, live, facts, now, (one, other) =>
      [one, other].every((side) => side !== undefined && opened.places.has(side.field.where)),
    );
  }

  /** The fields of a body with those of its archives behind each; undefined when it has none. */
  #opened(
    request: ComparableRequest,
    body: readonly PreparedField[],
  ): { fields: PreparedField[]; places: ReadonlySet<string> } | undefined {
    const places = new Set<string>();
    const fields = body.flatMap((prepared) => {
      const { field } = prepared;
      const data = dataOf(field);
      const held = data && archiveFields(data, field.where);
      if (held === undefined) return [prepared];
      places.add(field.where);
      return [prepared, ...prepareFields(held, request, this.#init.context)];
    });
    return places.size === 0 ? undefined : { fields, places };
  }
}

/** How archives begin, and how those that are in base64 do; tar says what it is further on. */
const signs: readonly Buffer[] = [
  ...['PK\x03\x04', '\x1f\x8b\x08', '\x28\xb5\x2f\xfd', 'ustar', 'UEsDB', 'H4sI', 'KLUv'],
].map((sign) => Buffer.from(sign, 'latin1'));

function mayHoldArchive(body: Buffer): boolean {
  return body.length > 18 && signs.some((sign) => body.includes(sign));
}
