import type { RecordedExchanges } from '../../http/index.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { positionsOf, recordedLine } from '../loaded/recorded-request.js';

/** How many recorded requests are compared in full for one miss. */
const maxCompared = 25;

/**
 * The recorded requests most like one that was missed, by their lines alone: those with the same host and path, or if
 * there are none, by the likeness of method, host, path and query. Made at the first miss, so a replay without one pays
 * nothing.
 */
export class NearestRequests {
  readonly #lines: { position: number; line: ComparableRequest }[];

  constructor(exchanges: RecordedExchanges) {
    this.#lines = [...positionsOf(exchanges)].flatMap((position) => {
      const line = recordedLine(exchanges.outline(position));
      return line === undefined ? [] : [{ position, line }];
    });
  }

  /** Positions, the most alike first; among equals an unused one, then the recorded order. */
  candidates(incoming: ComparableRequest, isUsed: (position: number) => boolean): number[] {
    const incomingQuery = new Set(incoming.query.split('&'));
    const samePlace = this.#lines.filter(
      ({ line }) => line.path === incoming.path && line.host === incoming.host && line.port === incoming.port,
    );
    return (samePlace.length > 0 ? samePlace : this.#lines)
      .map(({ position, line }) => ({
        position,
        score: likeness(line, incoming, incomingQuery) - (isUsed(position) ? 0.01 : 0),
      }))
      .sort((a, b) => b.score - a.score || a.position - b.position)
      .slice(0, maxCompared)
      .map(({ position }) => position);
  }
}

/** 0 to about 10. Path counts most, then host, then method and query. */
function likeness(
  recorded: ComparableRequest,
  incoming: ComparableRequest,
  incomingQuery: ReadonlySet<string>,
): number {
  const host = recorded.host === incoming.host ? (recorded.port === incoming.port ? 2 : 1) : 0;
  const path = recorded.path === incoming.path ? 5 : 3 * pathLikeness(recorded.path, incoming.path);
  const method = recorded.method === incoming.method ? 1 : 0;
  const query = recorded.query === incoming.query ? 1 : queryLikeness(recorded.query, incomingQuery);
  return host + path + method + query;
}

/** The share of segments that are equal at the same place, from the front and from the back. */
function pathLikeness(a: string, b: string): number {
  const [left, right] = [a.split('/').slice(1), b.split('/').slice(1)];
  const length = Math.max(left.length, right.length);
  let same = 0;
  while (same < length && left[same] === right[same]) same += 1;
  let tail = 0;
  while (tail < length - same && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  return length === 0 ? 1 : (same + tail) / length;
}

function queryLikeness(recorded: string, incoming: ReadonlySet<string>): number {
  const pieces = recorded.split('&');
  const same = pieces.filter((piece) => incoming.has(piece)).length;
  return same / Math.max(pieces.length, incoming.size);
}
