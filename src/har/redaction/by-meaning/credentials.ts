import { isUtf8 } from 'node:buffer';

interface Replacing {
  /** What is a secret however short it is. */
  password: (value: string) => string;
  /** What is one unless it is short. */
  token: (value: string) => string;
  /** What is one by its name. */
  parameter: (name: string, value: string) => string;
}

const parameterOf = /([\w.-]+)(\s*=\s*)(?:"([^"]*)"|([^",\s]+))/g;
/** Parameters that prove who sends them, by schemes that have them (RFC 7616, RFC 5849). */
const proof = /^(?:signature|response|token|secret|oauth_signature|oauth_token|key|mac)$/i;

/**
 * The value of an `Authorization`: `Bearer TOKEN`, `Basic USER:PASSWORD` in Base64, `AWS KEY:SIGNATURE`, and schemes
 * with parameters, of which signatures and tokens are secrets.
 */
export function redactCredentials(value: string, { password, token, parameter }: Replacing): string {
  const [, scheme = '', gap = '', rest = ''] = /^(\S+)(\s+)([\s\S]*)$/.exec(value) ?? [];
  if (rest === '') return token(value);
  if (/^basic$/i.test(scheme)) return scheme + gap + redactBasic(rest, password, token);
  if (/^(?:bearer|token)$/i.test(scheme)) return scheme + gap + token(rest);
  const signed = /^([\w.@/+-]{1,128}:)([\w+/-]{20,}={0,2})$/.exec(rest);
  if (signed !== null) return scheme + gap + (signed[1] ?? '') + token(signed[2] ?? '');
  if (!/^[\w-]+\s*=\s*\S/.test(rest)) return scheme + gap + token(rest);
  const redacted = (all: string, name: string, sign: string, quoted?: string, bare = ''): string => {
    const text = quoted ?? bare;
    const now = proof.test(name) ? token(text) : parameter(name, text);
    return now === text ? all : name + sign + (quoted === undefined ? now : `"${now}"`);
  };
  return scheme + gap + rest.replace(parameterOf, redacted);
}

function redactBasic(base64: string, password: (value: string) => string, token: (value: string) => string): string {
  const bytes = Buffer.from(base64, 'base64');
  const colon = bytes.indexOf(':');
  if (colon === -1) return token(base64);
  const [user, secret] = [bytes.subarray(0, colon), bytes.subarray(colon + 1)];
  const encoding = isUtf8(user) ? 'utf8' : 'latin1';
  // keys are sent as a user without a password
  const redacted =
    secret.length === 0
      ? Buffer.from(`${token(user.toString(encoding))}:`, encoding)
      : Buffer.concat([bytes.subarray(0, colon + 1), Buffer.from(password(secret.toString('utf8')))]);
  return /[-_]/.test(base64) ? redacted.toString('base64url') : redacted.toString('base64');
}
