import { UserPattern } from '../../../core/user-pattern.js';
import { forLongTexts } from '../../../core/for-long-texts.js';
import { canonicalName } from '../canonical-name.js';
import { redactionOptions, type RedactionOptions } from '../redaction-info.js';

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
  patterns: readonly (RegExp | UserPattern)[];
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
    patterns: [
      ...knownFormats.map(forLongTexts),
      ...options.patterns.flatMap((source) => UserPattern.parse(source) ?? []),
    ],
  };
}

/** Long, and of letters and digits mixed. */
function looksSecret(value: string): boolean {
  return value.length >= 20 && /[A-Za-z]/.test(value) && /\d/.test(value) && !/[\s;{}]/.test(value);
}
