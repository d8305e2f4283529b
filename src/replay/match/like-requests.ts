import { hashTexts } from '../request/field.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { PreparedRequest } from './prepared-request.js';
import type { RequestIndex } from './request-index.js';

/** A recorded request by what it says at each place, in the order of the places. */
interface Like {
  position: number;
  saying: readonly number[];
}

type Shapes = ReadonlyMap<string, readonly Like[]>;

/** What stands at more places than this is told apart by the first ones. */
const maxPlaces = 100;

/**
 * Of many recorded requests of one operation, those that an incoming one is most like: they have the same fields, and
 * say the same in most of them. Those that were not asked for yet come first, then those recorded first.
 */
export class LikeRequests {
  readonly #index: RequestIndex;
  readonly #isUsed: (position: number) => boolean;
  readonly #shapes = new Map<readonly number[], Promise<Shapes>>();

  constructor(index: RequestIndex, isUsed: (position: number) => boolean) {
    this.#index = index;
    this.#isUsed = isUsed;
  }

  /** At the most `count` of `positions`, which is the same list each time for one operation. */
  async of(positions: readonly number[], incoming: PreparedRequest, count: number): Promise<number[]> {
    const known = this.#shapes.get(positions) ?? this.#shapesOf(positions);
    this.#shapes.set(positions, known);
    const { places, saying } = sayingOf(incoming);
    const ranked = ((await known).get(places) ?? []).map((like) => ({
      position: like.position,
      score: like.saying.reduce((sum, said, i) => (said === saying[i] ? sum + 1 : sum), 0),
      used: this.#isUsed(like.position) ? 1 : 0,
    }));
    ranked.sort((a, b) => b.score - a.score || a.used - b.used || a.position - b.position);
    return ranked.slice(0, count).map(({ position }) => position);
  }

  async #shapesOf(positions: readonly number[]): Promise<Shapes> {
    const shapes = new Map<string, Like[]>();
    for (const position of positions) {
      const recorded = await this.#index.prepared(position);
      if (recorded === undefined) continue;
      const { places, saying } = sayingOf(recorded.request);
      const same = shapes.get(places);
      if (same === undefined) shapes.set(places, [{ position, saying }]);
      else same.push({ position, saying });
    }
    return shapes;
  }
}

/** The places of a request's fields, and what each says, what is volatile aside. */
function sayingOf({ line, headers, body }: PreparedRequest): { places: string; saying: number[] } {
  const fields = [...line, ...body].filter(({ optional }) => !optional).sort(byPlace);
  const places = String(hashTexts(fields.map(({ field }) => field.where)));
  const said = [...fields.slice(0, maxPlaces), ...headers.filter(({ field }) => namesOperation.test(field.where))];
  return { places, saying: said.map(({ field, template }) => hashTexts([field.where, field.type, template])) };
}

/** Headers that name the operation of a request which has one path for all. */
const namesOperation = /^header (?:x-amz-target|soapaction|graphql-operation)$/;

function byPlace(a: PreparedField, b: PreparedField): number {
  return a.field.where < b.field.where ? -1 : a.field.where > b.field.where ? 1 : 0;
}
