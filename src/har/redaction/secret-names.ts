import { memoizeText } from '../../core/memoize.js';

/** What people type or are given to prove who they are; such values may be short. */
const typed = new Set(
  'password passwd pwd passphrase passcode passwort pass pin otp totp cvv cvc cvv2 cvc2 secret mfacode otpcode'.split(
    ' ',
  ),
);
/** What programs prove it by. */
const given = new Set(
  'token jwt credential cred apikey signature sig bearer csrf xsrf sid sessid jsessionid phpsessid assertion cardnumber'.split(
    ' ',
  ),
);
/** What makes a key one that opens something. */
const ofKey = new Set(
  (
    'api access private secret signing signature encryption encrypt decryption client auth authorization session sess master account storage ' +
    'shared service subscription license licence ssh rsa hmac webhook admin root consumer bot deploy'
  ).split(' '),
);
/** A code that is sent to somebody, to prove that he got it. */
const ofCode = new Set(
  'otp totp mfa 2fa sms verification security passcode auth authentication confirmation recovery backup'.split(' '),
);
/** What is said of a secret, and is none. */
const about = new Set(
  (
    'type length len count size limit expires expiry expiration expired expire at in on ttl policy strength hint required enabled disabled name ' +
    'label url uri endpoint issuer age used usage min max minimum maximum field placeholder format algorithm alg status updated created changed ' +
    'last rule rules version scope scopes info provider source method index kind language path file store manager service reset page link ' +
    'valid verified invalid error errors message description title rotation days input id list table schema string bucket rate budget per'
  ).split(' '),
);
/** What makes a token a place in a list, a piece of text, or a question. */
const before = new Set(
  (
    'next prev previous page continuation cursor sync resume start public max min minimum maximum total prompt completion input output num number ' +
    'used has have is was use show hide forgot forgotten change without no with generated remaining cached reasoning context stop special pad eos ' +
    'bos unk delta'
  ).split(' '),
);
/** What may follow a secret's name and leaves it what it is. */
const after = new Set(
  'confirm confirmation confirmed again repeat repeated retype verify old new current value text plain raw data hash header 1 2'.split(
    ' ',
  ),
);

/** Names that are written as one word. */
const compound =
  /^(?:\w*?)(password|passwd|passphrase|passcode|secret|apikey|accesskey|secretkey|privatekey|signingkey|encryptionkey|masterkey|sessionkey|sharedkey|accountkey|authkey|clientkey|token|sessionid|sessid|credentials?|signature|cardnumber)$/;
const notCompound =
  /^(?:next|prev|page|continuation|cursor|sync|max|min|total|num|prompt|completion|input|output|public|has|is)\w*tokens?$/;

interface SecretMeaning {
  /** It may be as short as people type it. */
  typed: boolean;
}

/**
 * What the name of a field, header or cookie says of its value: by the words that it is put together from, in any
 * spelling (`clientSecret`, `x-amz-security-token`, `user[password]`, `DB_PASSWORD`). Undefined: no secret.
 */
export const secretMeaning = memoizeText((name): SecretMeaning | undefined => {
  const words = wordsOf(name);
  while (words.length > 1 && after.has(words.at(-1) as string)) words.pop();
  const head = words.at(-1);
  if (head === undefined || words.slice(0, -1).some((word) => before.has(word))) return undefined;
  const owner = words.at(-2) ?? '';
  if (head === 'pass' && words.length > 2) return undefined;
  if (typed.has(head)) return { typed: true };
  if (head === 'key') return ofKey.has(owner) ? { typed: false } : undefined;
  if (head === 'code') return ofCode.has(owner) ? { typed: true } : undefined;
  if (head === 'answer') return owner === 'security' || owner === 'secret' ? { typed: true } : undefined;
  if (head === 'id') return /^(?:session|sess|secret|jsession)$/.test(owner) ? { typed: false } : undefined;
  if (head === 'number') return owner === 'card' ? { typed: false } : undefined;
  if (given.has(head) || head === 'auth') return { typed: false };
  if (about.has(head)) return undefined;
  const whole = compound.exec(head)?.[1];
  if (whole === undefined || notCompound.test(head)) return undefined;
  return { typed: /^pass|^secret$/.test(whole) };
});

function wordsOf(name: string): string[] {
  return name
    .normalize('NFKC')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word !== 'x')
    .map(singular);
}

function singular(word: string): string {
  return (word.length > 3 || word === 'ids') &&
    word.endsWith('s') &&
    !/(?:ss|us|is|expires|days|rules|scopes|errors)$/.test(word)
    ? word.slice(0, -1)
    : word;
}

/** Whether a value says by itself that it is none, whatever it is called: a date, an address, words, a flag. */
export function saysNoSecret(value: string): boolean {
  if (/^(?:true|false|null|none|undefined|on|off|yes|no)$/i.test(value)) return true;
  if (/^\d{4}-\d{2}-\d{2}(?:[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?$/.test(value)) return true;
  return /^(?:[a-z][a-z0-9+.-]*:\/\/[^\s@]*|\/[a-z][\w./-]*)$/i.test(value) && !/[?&;]/.test(value);
}

/** Words as people write them: none is a token, though a password may be. */
export function isWords(value: string): boolean {
  return (
    /^[A-Za-z]?[a-z]{2,}(?:[ ._-][A-Za-z]?[a-z]{2,})*[.!?]?$/.test(value) && (/[ ._-]/.test(value) || value.length < 16)
  );
}

/** Characters by chance, as far as one can see: long, of letters and digits or of both cases, without words. */
export function looksRandom(value: string): boolean {
  const plain = value.replace(/[^A-Za-z0-9]/g, '');
  if (plain.length < 12 || /[\s{}]/.test(value) || isWords(value)) return false;
  const [digits, lower, upper] = [/\d/g, /[a-z]/g, /[A-Z]/g].map((kind) => plain.match(kind)?.length ?? 0) as [
    number,
    number,
    number,
  ];
  const kinds = [digits, lower, upper].filter((count) => count >= 2).length;
  return kinds >= 2 && new Set(plain).size >= Math.min(10, plain.length / 2);
}
