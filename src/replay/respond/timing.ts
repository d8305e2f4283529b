/**
 * When a response comes: all of it at once (`fast`); at once, but the parts of a stream as far from each other as they
 * were, up to a limit (`streams`); or as slowly as it was recorded (`recorded`).
 */
export type Timing = 'fast' | 'streams' | 'recorded';

/** By default no more than this lies between two parts of a stream, in milliseconds. */
const maxGapMs = 2000;

/** The distance of two parts that followed each other; times in milliseconds since one moment, undefined: not known. */
export function gapMs(before: number | undefined, at: number | undefined, timing: Timing): number {
  if (timing === 'fast' || before === undefined || at === undefined) return 0;
  return timing === 'recorded' ? at - before : Math.min(maxGapMs, at - before);
}
