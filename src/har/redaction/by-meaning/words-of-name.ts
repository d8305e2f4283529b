import { knownWords, openingCodes, openingKeys, typed } from './vocabulary.js';

/** Runs of capitals, words with or without a capital, digits, and letters of scripts that have no case. */
const pieces = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|\p{Lu}|\p{N}+|[\p{Lo}\p{Lm}\p{M}]+/gu;

/** Words that stand in a name written in one: longer ones are looked for first. */
const longest = Math.max(...[...knownWords].map((word) => word.length));

/** Longer names are no names: what is sent with the wrong type, a line of a log. */
const maxName = 128;

/**
 * The words of a name in any spelling, in small letters: `clientSecret`, `client_secret`, `CLIENT-SECRET`,
 * `client[secret]` and `clientsecret` are `client`, `secret`.
 */
export function wordsOfName(name: string): string[] {
  if (name.length > maxName) return [];
  const plain = name.normalize('NFKC').replace(/[’']/g, '');
  return (plain.match(pieces) ?? []).flatMap((piece) => wordsOfPiece(piece.toLowerCase()));
}

/** The words of a name that is written in mixed letters without a meaning (`xAPIkey`), as if it were all small. */
export function wordsWithoutCase(name: string): string[] {
  return wordsOfName(name.slice(0, maxName).toLowerCase());
}

function wordsOfPiece(piece: string): string[] {
  if (knownWords.has(piece)) return [piece];
  const words = split(piece) ?? withKnownEnd(piece);
  if (words !== undefined || !/[a-z]{4}s$/.test(piece)) return words ?? [piece];
  const singular = split(piece.slice(0, -1)) ?? withKnownEnd(piece.slice(0, -1));
  return singular === undefined ? [piece] : [...singular.slice(0, -1), `${singular.at(-1) ?? ''}s`];
}

/** `piece` as known words without a rest, as few as can be; undefined when it is none. */
function split(piece: string): string[] | undefined {
  const best: (string[] | undefined)[] = [[]];
  for (let end = 1; end <= piece.length; end += 1) {
    for (let start = Math.max(0, end - longest); start < end; start += 1) {
      const before = best[start];
      const word = piece.slice(start, end);
      if (before === undefined || !knownWords.has(word)) continue;
      const present = best[end];
      if (present === undefined || before.length + 1 < present.length) best[end] = [...before, word];
    }
  }
  return best[piece.length];
}

/** Words so long that nothing holds them by chance. */
const clearWords: ReadonlySet<string> = new Set([
  ...[...typed].filter((word) => word.length >= 6 || !/^[a-z]*$/.test(word)),
  ...['passwd', 'pwd', 'token', 'tokens', 'credential', 'credentials', 'signature', 'signatures'],
  ...['jwt', 'apikey', 'apikeys', 'csrf', 'xsrf'],
]);

/** Whether two words say together what something opens, and are clear: `recovery key`, `session id`. */
function isClearPair(word: string, next: string): boolean {
  if (word.length < 3) return false;
  if (next === 'key' || next === 'keys') return openingKeys.has(word) && word !== 'user' && word !== 'sign';
  if (next === 'code' || next === 'codes') return openingCodes.has(word) && word.length > 4;
  return next === 'id' && (word === 'session' || word === 'jsession');
}

/** `acmepassword`, `acmeclientsecretvalue`: an unknown word, and what it is about. */
function withKnownEnd(piece: string): string[] | undefined {
  for (let start = 1; start < piece.length - 2; start += 1) {
    const words = split(piece.slice(start));
    const isClear = words?.some((word, i) => clearWords.has(word) || isClearPair(word, words[i + 1] ?? ''));
    if (words !== undefined && isClear === true) return [piece.slice(0, start), ...words];
  }
  return undefined;
}
