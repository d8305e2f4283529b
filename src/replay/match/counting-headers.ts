import { isNoise } from '../request/matchers/other-headers.js';
import type { PreparedHeader } from './prepared-request.js';
import type { Group } from './request-index.js';
import type { ResponseFingerprints } from './response-fingerprints.js';

const none: ReadonlySet<string> = new Set();

/**
 * Headers whose presence tells recorded requests apart that are the same otherwise: those that have it were answered
 * otherwise than those that have it not.
 */
export class CountingHeaders {
  readonly #fingerprints: ResponseFingerprints;
  readonly #known = new WeakMap<Group, ReadonlySet<string>>();

  constructor(fingerprints: ResponseFingerprints) {
    this.#fingerprints = fingerprints;
  }

  /** Of the group, those that have and lack the same of such headers as the incoming request. */
  async agreeing(group: Group, incoming: readonly PreparedHeader[]): Promise<Group> {
    if (group.length < 2) return group;
    const names = this.#known.get(group) ?? (await this.#namesIn(group));
    this.#known.set(group, names);
    if (names.size === 0) return group;
    const asked = namesOf(incoming);
    return group.filter(({ headers }) => {
      const has = namesOf(headers);
      return [...names].every((name) => has.has(name) === asked.has(name));
    });
  }

  async #namesIn(group: Group): Promise<ReadonlySet<string>> {
    const counts = new Map<string, number>();
    for (const { headers } of group) for (const name of namesOf(headers)) counts.set(name, (counts.get(name) ?? 0) + 1);
    const partial = [...counts].flatMap(([name, count]) => (count < group.length && !isNoise(name) ? [name] : []));
    if (partial.length === 0) return none;
    const answered = await Promise.all(
      group.map(async ({ facts, headers }) => ({
        answer: await this.#fingerprints.of(facts.position),
        has: namesOf(headers),
      })),
    );
    return new Set(
      partial.filter((name) => {
        const withIt = new Set(answered.filter(({ has }) => has.has(name)).map(({ answer }) => answer));
        return answered.every(({ has, answer }) => has.has(name) || !withIt.has(answer));
      }),
    );
  }
}

function namesOf(headers: readonly PreparedHeader[]): Set<string> {
  return new Set(headers.filter(({ field }) => field.where.startsWith('header ')).map(({ field }) => field.name));
}
