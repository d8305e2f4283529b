import type { VolatileValue } from '../../volatile/volatile-value.js';
import type { Replacement } from '../../request/text/replacements.js';
import { isCoarseTime } from '../../match/correlation.js';
import { minDistinctive } from '../../match/value-graph.js';

/** A value of a request that its own answer repeats: what it was, and what it is now. Elsewhere it stands by chance. */
export interface Echo {
  /** The member that has it in the response; undefined: any but those of `otherVersions`. */
  name: string | undefined;
  recorded: string;
  current: string;
}

/**
 * Of values this short, and of times without milliseconds, other responses hold the same by chance; so they are renamed
 * in the response to their request alone.
 */
export function echoesOf(pairs: readonly (readonly [recorded: VolatileValue, incoming: VolatileValue])[]): Echo[] {
  return pairs.flatMap(([recorded, incoming]) => {
    const { kind, traits, value, field } = recorded;
    if (value === incoming.value || kind === 'noise') return [];
    if (isCoarseTime(recorded)) {
      return field.name === '' || value !== field.value ? [] : [echoOf(field.name, value, incoming.value)];
    }
    if (value.length >= minDistinctive || (kind === 'id' && traits.onceOnly !== true)) return [];
    if (kind === 'volatile' && field.name === '') return [];
    const named = kind === 'id' || kind === 'volatile';
    return [echoOf(named ? field.name : undefined, value, incoming.value)];
  });
}

function echoOf(name: string | undefined, recorded: string, current: string): Echo {
  return { name, recorded, current };
}

const member = /"([\w.$-]+)"(\s*:\s*)("?)([\w.:+-]{1,40})\3(?=\s*[,}\]])/g;
/** Versions that are not the client's own, even when they are the same. */
const otherVersions = /min|max|require|latest|newest|next|avail|update|support|api|server/i;

/** Where `text` (JSON) repeats values of its request, with those that they have now. */
export function echoesIn(text: string, echoes: readonly Echo[]): Replacement[] {
  if (echoes.length === 0) return [];
  return Array.from(text.matchAll(member)).flatMap(
    ({ 0: whole, 1: name = '', 3: quote = '', 4: value = '', index }) => {
      const echo = echoes.find(
        ({ name: called, recorded }) =>
          recorded === value && (called === undefined ? quote !== '' && !otherVersions.test(name) : called === name),
      );
      const end = index + whole.length - quote.length;
      return echo === undefined ? [] : [{ start: end - value.length, end, by: echo.current }];
    },
  );
}
