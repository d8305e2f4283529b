import { z } from 'zod';

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
});
export type RedactionInfo = z.output<typeof redactionInfo>;

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

/** Rules by default: the names that secrets go by, signatures of JWTs, and formats that give themselves away. */
export function redactionRules(options: RedactionOptions = redactionOptions.parse({})): RedactionRules {
  const headers = new Set(options.headers.map(canonicalName));
  const fields = new Set(options.fields.map(canonicalName));
  const keep = new Set(options.keep.map(canonicalName));
  return {
    isSecretHeader: (name) =>
      !keep.has(canonicalName(name)) && (headers.has(canonicalName(name)) || secretHeaders.test(name.toLowerCase())),
    isSecretCookie: (name, value) =>
      !keep.has(canonicalName(name)) &&
      (headers.has(canonicalName(name)) || secretCookies.test(name) || looksSecret(value)),
    isSecretField: (name) => {
      const plain = canonicalName(name);
      return !keep.has(plain) && (fields.has(plain) || secretFields.has(plain));
    },
    mayBeShort: (where) => {
      const name = canonicalName(where.slice(where.indexOf(' ') + 1));
      return where === 'pattern' || typedNames.test(where) || fields.has(name) || headers.has(name);
    },
    patterns: [...knownFormats, ...options.patterns.map((source) => new RegExp(source, 'g'))],
  };
}

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
