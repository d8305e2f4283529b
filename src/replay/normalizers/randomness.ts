/**
 * Whether a word of letters and digits looks made by a random generator rather than by a person: long, mixed, without
 * pattern. Errs on the side of no: a value that is taken for an ordinary one must be equal, which is at worst a miss.
 */
export function looksRandom(word: string): boolean {
  if (word.length < 8) return false;
  const digits = count(word, /\d/g);
  const letters = count(word, /[A-Za-z]/g);
  const distinct = new Set(word).size;
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(word)) {
    if (letters === 0) return word.length >= 24 && distinct >= 6;
    return digits > 0 && distinct >= (word.length >= 16 ? 7 : 5);
  }
  if (digits === 0 || letters === 0) return false;
  const changes = changesOfClass(word);
  const mixedCase = count(word, /[A-Z]/g) >= 2 && count(word, /[a-z]/g) >= 2;
  if (word.length >= 16) return distinct >= 10 && (changes >= 3 || (mixedCase && changes >= 2));
  if (word.length >= 10) return digits >= 2 && letters >= 2 && changes >= 3;
  return changes >= 4;
}

/** How often letters turn to digits or digits to letters. */
function changesOfClass(word: string): number {
  return count(word, /\d(?=[A-Za-z])|[A-Za-z](?=\d)/g);
}

function count(word: string, pattern: RegExp): number {
  return word.match(pattern)?.length ?? 0;
}
