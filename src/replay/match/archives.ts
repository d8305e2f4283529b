import { archiveFields, dataOf } from '../request/archive/archive-fields.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { Comparison } from './comparison.js';
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
    const body = mayHoldArchive(incoming.body) ? this.#opened(incoming, prepared.body) : undefined;
    if (body === undefined) return [];
    const { index, comparison, values } = this.#init;
    await values.ready();
    const live = { line: prepared.line, headers: prepared.headers, body: body.fields };
    const found: Match[] = [];
    for (const candidate of await index.sameLine(prepared)) {
      const recorded = await index.prepared(candidate.facts.position);
      const opened = recorded && this.#opened(incoming, recorded.request.body);
      if (recorded === undefined || opened === undefined) continue;
      const past = { line: recorded.request.line, headers: recorded.request.headers, body: opened.fields };
      const matchResult = comparison.ofAll(past, live, candidate.facts, now, (one, other) =>
        [one, other].every((side) => side !== undefined && opened.places.has(side.field.where)),
      );
      if (matchResult.differences.length === 0) found.push({ candidate, matchResult });
    }
    return found;
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
