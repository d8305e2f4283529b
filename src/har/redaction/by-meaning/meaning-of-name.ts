import * as vocabulary from './vocabulary.js';
import { wordsOfName, wordsWithoutCase } from './words-of-name.js';

/**
 * What the name of a place says of what stands there. `typed`: people choose it, so that it may be short and a word.
 * `code`: digits or letters that are typed once. `made`: a machine made it, so that a word or a short value is none.
 * `cookies`: pairs as in a header of that name.
 */
export type Meaning = 'typed' | 'code' | 'made' | 'cookies';

const isNumber = (word: string): boolean => /^\p{N}+$/u.test(word);

/** The meaning of a name in any spelling; undefined when it names no secret. */
export function meaningOfName(name: string): Meaning | undefined {
  const words = wordsOfName(name);
  const found = meaningOfWords(words);
  if (found !== undefined || !/^[\p{L}\p{N}]+$/u.test(name)) return found;
  const saysOther = words.some((word) => vocabulary.asking.has(word) || vocabulary.countedTokens.has(word));
  return saysOther ? undefined : meaningOfWords(wordsWithoutCase(name));
}

/** The word that a name is about, and those before it. */
function meaningOfWords(all: readonly string[]): Meaning | undefined {
  if (all.length === 0 || all.slice(0, -1).some((word) => vocabulary.asking.has(word))) return undefined;
  let end = all.length;
  while (end > 1 && isTrailing(all[end - 1] as string)) end -= 1;
  const head = all[end - 1] as string;
  const before = all.slice(0, end - 1).filter((word) => !isNumber(word) || word === '2');
  return (
    meaningOfHead(head, before) ??
    (/[a-z]s$/.test(head) && head !== 'sessions' ? meaningOfHead(head.slice(0, -1), before) : undefined)
  );
}

/** The key of a network is typed by people. */
function isOfNetwork(before: readonly string[]): boolean {
  const last = before.at(-1) ?? '';
  return (
    ['wifi', 'wpa', 'wep', 'wlan', 'network', 'preshared'].includes(last) || before.slice(-2).join() === 'pre,shared'
  );
}

function isTrailing(word: string): boolean {
  return isNumber(word) || vocabulary.trailing.has(word) || vocabulary.trailing.has(word.replace(/s$/, ''));
}

function isCounted(word: string): boolean {
  return vocabulary.countedTokens.has(word);
}

function meaningOfHead(head: string, before: readonly string[]): Meaning | undefined {
  const last = before.at(-1);
  if (vocabulary.typedPairs.get(head)?.has(last ?? '') === true) return 'typed';
  if (vocabulary.madePairs.get(head)?.has(last ?? '') === true) return 'made';
  switch (head) {
    case 'key':
    case 'keys':
      if (before.some((word) => ['public', 'publishable', 'websocket'].includes(word))) return undefined;
      if (isOfNetwork(before)) return 'typed';
      return last !== undefined && vocabulary.openingKeys.has(last) ? 'made' : undefined; // `sort key` opens nothing
    case 'token':
    case 'tokens':
      if (head === 'tokens' ? before.some(isCounted) : last !== undefined && isCounted(last)) return undefined;
      return last === 'request' && before.includes('client') ? undefined : 'made'; // names a request for repeating it
    case 'code':
    case 'codes':
      if (last === 'pin') return before.length > 1 && meaningOfHead('pin', before.slice(0, -1)) ? 'code' : undefined;
      return last !== undefined && vocabulary.openingCodes.has(last) ? 'code' : undefined;
    case 'pin':
    case 'pins':
      return vocabulary.otherPins.has(last ?? '') ? undefined : 'code';
    case 'pass':
      return vocabulary.otherPasses.has(last ?? '') ? undefined : 'typed';
    case 'number':
    case 'num':
      return last === 'card' ? 'code' : undefined;
    case 'card':
      return undefined;
    case 'verification':
      return last === 'card' ? 'code' : undefined; // `card verification value`
    case 'cookie':
    case 'cookies':
      return last === undefined || last === 'set' ? 'cookies' : vocabulary.made.has(last) ? 'made' : undefined;
    case 'sid':
      return ['account', 'message', 'call', 'conference', 'recording', 'service'].includes(last ?? '')
        ? undefined
        : 'made';
    case 'credential':
      return last === 'amz' || last === 'goog' ? undefined : 'made'; // names a key and its scope
    case 'signature':
    case 'sig':
      return ['method', 'function', 'email', 'mail', 'type'].includes(last ?? '') ? undefined : 'made';
    case 'otp':
    case 'totp':
    case 'hotp':
    case 'cvv':
    case 'cvc':
    case 'cvn':
    case 'csc':
      return 'code';
    default:
      if (vocabulary.typed.has(head)) return 'typed';
      return vocabulary.made.has(head) ? 'made' : undefined;
  }
}
