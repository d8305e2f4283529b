import { distance } from 'fastest-levenshtein';

/** The candidate that `word` is most likely a misspelling of, if any is near enough to be worth asking about. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; letters: number } | undefined;
  for (const candidate of candidates) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || letters < best.letters) best = { candidate, letters };
  }
  return best !== undefined && best.letters <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
