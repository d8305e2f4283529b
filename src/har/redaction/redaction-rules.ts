import { z } from 'zod';
import { secretFormats } from './secret-formats.js';
import { secretMeaning } from './secret-names.js';

/** What a project adds to the default rules, or takes from them (`redact:` in the config file). */
export const redactionOptions = z.strictObject({
  /** Headers and cookies whose values are secrets, besides the default ones. Case does not count. */
  headers: z.array(z.string()).default([]),
  /** Query and form parameters and JSON members. `api_key`, `apiKey` and `api-key` are one name. */
  fields: z.array(z.string()).default([]),
  /** Regular expressions: what they match (or their first group) is a secret wherever it stands. */
  patterns: z.array(z.string().refine(isPattern, 'is no regular expression')).default([]),
  /** Names (headers, cookies, fields) that are no secrets, whatever the default rules say. */
  keep: z.array(z.string()).default([]),
});
export type RedactionOptions = z.output<typeof redactionOptions>;

/** How a recording was redacted, as it says itself: the same is done to requests that are matched with it. */
export const redactionInfo = redactionOptions.extend({
  formatVersion: z.literal(1),
  /** Hex. Placeholders of different recordings have nothing in common. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  /** Placeholders of fewer than 8 letters and digits, by which they are known again. */
  short: z.array(z.string()).optional(),
  /** Which default rules it was made with; the first ones (exact names) where nothing is said. */
  rules: z.int().min(1).optional(),
});
export type RedactionInfo = z.output<typeof redactionInfo>;

/** The default rules of new recordings: by what names mean. */
export const currentRules = 2;

/** Names of what people type, and may be short. */
const typedNames = /passw|pwd|passphrase|\b(?:pass|pin|otp|totp|cv[vc]2?|secret)$/i;

/** The rules in the form in which they are asked. */
export interface RedactionRules {
  isSecretHeader: (name: string) => boolean;
  isSecretCookie: (name: string, value: string) => boolean;
  isSecretField: (name: string) => boolean;
  /**
   * Whether what stands at a place (`json pin`) is a secret even if it has fewer than 8 letters and digits. A token
   * that is as short is none: nobody could rely on it.
   */
  mayBeShort: (where: string) => boolean;
  /** Each global; the first group, where there is one, is the secret. */
  patterns: readonly RegExp[];
  /** Whether values are looked at as well: what is a date, a URL or words is no token. */
  byMeaning: boolean;
}

const secretHeaders =
  /(?:^|-)(?:api-?key|auth|auth-?token|access-?token|id-?token|session-?token|session-?id|security-token|csrf-?token|xsrf-?token|secret|password|passwd|private-token|token)$/;
const secretCookies = /sess|sid$|token|auth|jwt|secret|csrf|xsrf|passw|remember|login|api_?key/i;
const secretFields = new Set(
  (
    'password passwd pwd passphrase newpassword oldpassword currentpassword passwordconfirmation secret clientsecret apikey apisecret ' +
    'accesskey secretkey privatekey token accesstoken refreshtoken idtoken authtoken sessiontoken csrftoken xsrftoken securitytoken ' +
    'devicetoken pushtoken bearertoken jwt sessionid jsessionid phpsessid sessid signature sig xamzsignature xamzsecuritytoken xgoogsignature ' +
    'credential credentials pin otp totp cvv cvc cvv2 cardnumber'
  ).split(' '),
);

/** Formats that nothing but a secret has. */
const knownFormats = [
  /\b(gh[pousr]_[A-Za-z0-9]{30,})\b/g, // GitHub
  /\b(xox[abposr]-[A-Za-z0-9-]{10,})/g, // Slack
  /\b([sr]k_live_[A-Za-z0-9]{16,})\b/g, // Stripe
  /\b(AIza[A-Za-z0-9_-]{35})\b/g, // Google API keys
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----([A-Za-z0-9+/=\s\\]{40,}?)-----END/g,
];

/**
 * The rules that a recording was made with: by what names mean and by formats that give themselves away; those of
 * earlier recordings by exact names.
 */
export function redactionRules(
  options: RedactionOptions & Pick<RedactionInfo, 'rules'> = redactionOptions.parse({}),
): RedactionRules {
  const named = (names: readonly string[]): ((name: string) => boolean) => {
    const known = new Set(names.map(canonicalName));
    return (name) => known.has(canonicalName(name));
  };
  const [isHeader, isField, isKept] = [named(options.headers), named(options.fields), named(options.keep)];
  const own = options.patterns.map((source) => new RegExp(source, 'g'));
  const mayBeShort = (where: string, isTyped: (name: string) => boolean): boolean => {
    const name = where.slice(where.indexOf(' ') + 1);
    return where === 'pattern' || isTyped(name) || isField(name) || isHeader(name);
  };
  if ((options.rules ?? 1) === 1) {
    return {
      isSecretHeader: (name) => !isKept(name) && (isHeader(name) || secretHeaders.test(name.toLowerCase())),
      isSecretCookie: (name, value) =>
        !isKept(name) && (isHeader(name) || secretCookies.test(name) || looksSecret(value)),
      isSecretField: (name) => !isKept(name) && (isField(name) || secretFields.has(canonicalName(name))),
      mayBeShort: (where) => mayBeShort(where, () => typedNames.test(where)),
      patterns: [...knownFormats, ...own],
      byMeaning: false,
    };
  }
  const means = (name: string): boolean => secretMeaning(name) !== undefined;
  return {
    isSecretHeader: (name) => !isKept(name) && (isHeader(name) || (means(name) && !notInHeaders.test(name))),
    isSecretCookie: (name) => !isKept(name) && (isHeader(name) || means(name) || cookieWords.test(name)),
    isSecretField: (name) => !isKept(name) && (isField(name) || means(name)),
    mayBeShort: (where) => mayBeShort(where, (name) => secretMeaning(name)?.typed === true),
    patterns: [...secretFormats, ...own],
    byMeaning: true,
  };
}

/** A signature of an answer is what its client checks; challenges and wishes name schemes, not secrets. */
const notInHeaders =
  /(?:^|-)(?:signature|sig|mac|websocket-key|authenticate)$|^(?:authorization|proxy-authorization)$/i;
/** What sessions are called in cookies, by those who write them in one word. */
const cookieWords =
  /sess(?:ion)?(?:[_.-]?id)?(?:[_.-]?v?\d+)?$|(?:^|[_.-])sid$|connect\.sid|remember|(?:^|[_.-])auth(?:$|[_.-])|logged_?in/i;

/**
 * `api_key`, `apiKey` and `api-key` are one name. Letters are those of any script; a name without any is what it is.
 */
export function canonicalName(name: string): string {
  const plain = name.normalize('NFKC').toLowerCase();
  return plain.replace(/[^\p{L}\p{M}\p{N}]/gu, '') || plain;
}

/** Long, and of letters and digits mixed. */
function looksSecret(value: string): boolean {
  return value.length >= 20 && /[A-Za-z]/.test(value) && /\d/.test(value) && !/[\s;{}]/.test(value);
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
