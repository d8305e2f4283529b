import type { Meaning } from './meaning-of-name.js';

/** Values of fewer letters and digits are no token: nobody could rely on it. */
const minMade = 8;

/** What stands for a value that is filled in later, or was taken out: `{{token}}`, `${TOKEN}`, `<token>`, `****`. */
const filledIn =
  /^(?:\{\{.*\}\}|\$\{.*\}|\$\([^)]*\)|\$[A-Za-z_]\w*|%[A-Z_]{2,}%|<[^<>]*>|&lt;[^<>&]*&gt;|%[sdv]|%\([^)]*\)s|\[[\w -]+\]|[*•xX#.·-]{3,})$/s;

const noValue = /^(?:true|false|null|nil|none|undefined|nan|yes|no|on|off|0|-1|\[object object\])$/i;

const webAddress = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\.{1,2}\/)/i;

const moment =
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?$|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? \d\d?[ -][a-z]{3}/i;

/** Words that say of a text that it speaks of a secret: `Forgot your password?`. */
const speaksOfSecrets =
  /\b(?:passwords?|passwor[dt]e?|passphrase|tokens?|secrets?|api keys?|kennwort|contraseña|senha|mot de passe|wachtwoord|cvv|cvc|otp|pin|code)\b/i;

/** Whether what stands at a place of this meaning is a secret. */
export function isSecretValue(value: string, meaning: Meaning): boolean {
  if (value === '' || noValue.test(value) || filledIn.test(value.trim())) return false;
  if (meaning === 'typed') return !isLabel(value);
  if (meaning === 'code')
    return !moment.test(value) && /\d/.test(value) && (/^[\w -]{3,64}$/.test(value) || isMade(value));
  return isMade(value);
}

/** What stands for a value that somebody else fills in, as documents have it. */
export function isFilledIn(value: string): boolean {
  return filledIn.test(value);
}

/** One word, of some length, that is none of a language, no address and no date. */
export function isMade(value: string): boolean {
  if (/\s/.test(value) || webAddress.test(value) || moment.test(value)) return false;
  if (alphanumerics(value) < minMade || (isWordy(value) && !isPhrase(value))) return false;
  return !(/^[\d.-]+$/.test(value) && isCommonNumber(value));
}

/** Small words, one after the other, as passphrases are made of: a name of a thing is shorter. */
function isPhrase(value: string): boolean {
  return value.length >= 18 && /^[a-z\d]+(?:[-_][a-z\d]+){2,}$/.test(value);
}

/**
 * A text to be read, not a value: `Password` above a field, `Forgot your password?`. A sentence that does not speak of
 * secrets may be a passphrase.
 */
function isLabel(value: string): boolean {
  if (!speaksOfSecrets.test(value)) return false;
  return /\s/.test(value.trim()) || (/^\p{Lu}\p{Ll}+[:*?]?$/u.test(value) && value.length < 12);
}

/** A piece of a word: small letters, perhaps with a capital before them, or capitals alone. */
const wordPiece = /^(?:\p{Lu}?\p{Ll}{1,15}|\p{Lu}{1,15})$/u;
const pieceOf = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu;

/** Words, in any spelling: `pending`, `dark-mode`, `OrderService`, `com.example.Cart`, `v2`. No word has 16 letters. */
export function isWordy(value: string): boolean {
  const parts = value.split(/[\s\-_.:/,|;~+@!?'"()&=]+/).filter((part) => part !== '');
  return parts.every(isWordyPart);
}

function isWordyPart(part: string): boolean {
  if (wordPiece.test(part) || /^\d{1,4}$/.test(part) || /^v\d+$/i.test(part)) return true;
  const pieces = part.match(pieceOf) ?? [];
  if (pieces.join('') !== part) return false;
  // a name of letters in camel case, each word long enough to be one
  const isShort = (piece: string): boolean => piece.length < 3;
  return (
    pieces.every((piece) => wordPiece.test(piece)) &&
    pieces.filter(isShort).length <= Math.floor(pieces.length / 4) &&
    !/\p{N}/u.test(part)
  );
}

/**
 * Looks made by chance: some word of it has letters and digits mixed, or is longer than words are. So are the values of
 * sessions, not those of preferences.
 */
export function isRandom(value: string, minLength = 16): boolean {
  if (value.length < minLength || /[\s{}<>"]/.test(value) || webAddress.test(value) || moment.test(value)) return false;
  return value.split(/[-.:_|~/=+,!*%#@]+/).some(isRandomPart) || uuid.test(value);
}

export const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function isRandomPart(part: string): boolean {
  if (part.length < 8) return false;
  const changes = part.match(/(?<=\d)[A-Za-z]|(?<=[A-Za-z])\d|(?<=[a-z])[A-Z]/g)?.length ?? 0;
  return part.length >= 16 ? !isWordyPart(part) && !/^\d+$/.test(part) : changes >= 3;
}

/** How freely a secret may be looked for where no rule names the place. */
export type Reach = 'anywhere' | 'whole words' | 'nowhere';

export function reachOf(secret: string): Reach {
  if (secret.length < 8) return 'nowhere';
  if (/^[\d .:-]+$/.test(secret)) return isCommonNumber(secret) ? 'nowhere' : 'whole words';
  if (isWordy(secret) && !/\d/.test(secret))
    return /^\S+(?:[\s-]\S+){2,}$/.test(secret) && secret.length >= 18 ? 'whole words' : 'nowhere';
  return secret.length < 16 ? 'whole words' : 'anywhere';
}

/** Days and moments as numbers, and one digit again and again. */
function isCommonNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  return (
    digits.length < 8 ||
    /^(?:19|20)\d{6}$/.test(digits) ||
    /^1[4-9]\d{8}(?:\d{3})?$/.test(digits) ||
    /^(\d)\1+$/.test(digits)
  );
}

function alphanumerics(value: string): number {
  return value.match(/[A-Za-z0-9]/g)?.length ?? 0;
}
