import type { Recording } from '../store/recording.js';
import { contextOf, sidesOf, takePairs, type ComparedExchange, type Side } from '../replay/learn/compared-sides.js';
import { differenceOf, pairUp } from '../replay/request/field.js';
import type { PreparedField } from '../replay/volatile/volatile-value.js';

/** What differs at one place; a side that has nothing there is left out. */
export interface Change {
  where: string;
  before?: string;
  after?: string;
}

/** Two recordings of a test by what their exchanges mean: volatile values (dates, ids, tokens) are no differences. */
export interface RecordingComparison {
  same: number;
  changed: (ComparedExchange & { after: number; request: Change[]; response: Change[] })[];
  added: ComparedExchange[];
  gone: ComparedExchange[];
}

/**
 * Pairs requests that are equal in meaning, in their order; then those to the same place; what is left is new or gone.
 */
export async function compareRecordings(before: Recording, after: Recording): Promise<RecordingComparison> {
  const context = contextOf(before, after);
  const [left, right] = [await sidesOf(before, context), await sidesOf(after, context)];
  const pairs = [...takePairs(left, right, ({ key }) => key), ...takePairs(left, right, ({ place }) => place)];
  const changed = pairs
    .sort(([a], [b]) => a.index - b.index)
    .map(([a, b]) => ({
      ...lineOf(a),
      after: b.index,
      request: changes([...a.prepared.line, ...a.prepared.body], [...b.prepared.line, ...b.prepared.body]),
      response: changes(a.answer, b.answer),
    }));
  const different = changed.filter(({ request, response }) => request.length + response.length > 0);
  return {
    same: changed.length - different.length,
    changed: different,
    added: right.map(lineOf),
    gone: left.map(lineOf),
  };
}

function changes(before: readonly PreparedField[], after: readonly PreparedField[]): Change[] {
  return pairUp(before, after)
    .filter(([a, b]) => !isSame(a, b))
    .map(([a, b]) => {
      const { where, recorded, incoming } = differenceOf(a?.field, b?.field);
      return {
        where,
        ...(recorded === undefined ? {} : { before: recorded }),
        ...(incoming === undefined ? {} : { after: incoming }),
      };
    });
}

function isSame(a: PreparedField | undefined, b: PreparedField | undefined): boolean {
  if ((a ?? b)?.optional === true) return true;
  return a !== undefined && b !== undefined && a.template === b.template && a.field.type === b.field.type;
}

function lineOf({ index, method, url }: Side): ComparedExchange {
  return { index, method, url };
}
