/**
 * When a response comes: all of it at once (`fast`); at once, but the parts of a stream as far from each other as they
 * were, up to a limit (`streams`); or as slowly as it was recorded (`recorded`).
 */
export type Timing = 'fast' | 'streams' | 'recorded';

/** By default no more than this lies between two parts of a stream, in milliseconds. */
export const maxGapMs = 2000;
