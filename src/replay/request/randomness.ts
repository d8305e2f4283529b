/**
 * Whether a word of letters and digits looks made by a random generator rather than by a person: long, mixed, without
 * pattern. Errs on the side of no: a value that is taken for an ordinary one must be equal, which is at worst a miss.
 */
export function looksRandom(word: string): boolean {
  if (word.length < 8) return false;
  if (hasRandomCase(word)) return true;
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

/**
 * Whether a word could be hexadecimal digits by chance, though it need not look it: as long as such words are, and in
 * one case.
 */
export function mayBeHex(word: string): boolean {
  return word.length >= 8 && word.length % 2 === 0 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(word);
}

/**
 * Whether two words that differ may come from one generator: both look random, or one does and the other is no other
 * kind of hexadecimal word.
 */
export function mayBeOneKind(one: string, other: string): boolean {
  const random = [one, other].filter(looksRandom).length;
  if (random !== 1 || !(mayBeHex(one) || mayBeHex(other))) return random > 0;
  return one.length === other.length && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(one + other);
}

/**
 * Upper and lower case by chance, as in a nanoid that has hardly a digit: in names put together, capitals stand alone
 * but for abbreviations, and most runs of small letters are the rest of a word.
 */
function hasRandomCase(word: string): boolean {
  if (word.length < 16 || count(word, /[A-Z]/g) < 5 || new Set(word).size < 12) return false;
  if (count(word, /[A-Z]{2,}/g) < 2) return false;
  const runs = word.match(/[a-z]+/g) ?? [];
  return runs.length >= 4 && runs.filter((run) => run.length >= 3).length < 0.35 * runs.length;
}

/** How often letters turn to digits or digits to letters. */
function changesOfClass(word: string): number {
  return count(word, /\d(?=[A-Za-z])|[A-Za-z](?=\d)/g);
}

function count(word: string, pattern: RegExp): number {
  return word.match(pattern)?.length ?? 0;
}
