import type { VolatileValue } from '../../volatile/volatile-value.js';
import { minDistinctive } from '../../match/value-graph.js';

/** A short value of a request that its own answer repeats: what it was, and what it is now. */
export interface Echo {
  /** The member that has it in the response; undefined: any but those of `otherVersions`. */
  name: string | undefined;
  recorded: string;
  current: string;
}

/**
 * Of values this short, other responses hold the same by chance; so they are renamed in the response to their request
 * alone.
 */
export function echoesOf(pairs: readonly (readonly [recorded: VolatileValue, incoming: VolatileValue])[]): Echo[] {
  return pairs.flatMap(([{ kind, traits, value, field }, incoming]) => {
    const short = value !== incoming.value && value.length < minDistinctive;
    if (!short || (kind === 'id' && traits.onceOnly !== true) || kind === 'noise') return [];
    if (kind === 'volatile' && field.name === '') return [];
    return [
      { name: kind === 'id' || kind === 'volatile' ? field.name : undefined, recorded: value, current: incoming.value },
    ];
  });
}

const member = /"([\w.$-]+)"(\s*:\s*)("?)([\w.-]{1,32})\3(?=\s*[,}\]])/g;
/** Versions that are not the client's own, even when they are the same. */
const otherVersions = /min|max|require|latest|newest|next|avail|update|support|api|server/i;

/** `text` (JSON) with the values that its request has now. */
export function withEchoes(text: string, echoes: readonly Echo[]): string {
  return text.replace(member, (whole, name: string, colon: string, quote: string, value: string) => {
    const echo = echoes.find(
      ({ name: called, recorded }) =>
        recorded === value && (called === undefined ? quote !== '' && !otherVersions.test(name) : called === name),
    );
    return echo === undefined ? whole : `"${name}"${colon}${quote}${echo.current}${quote}`;
  });
}
