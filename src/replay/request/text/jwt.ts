import { isUtf8 } from 'node:buffer';
import { parseJsonText, type JsonNode } from './json-text.js';

/** A JSON Web Token in compact form (RFC 7519, RFC 7515 §7.1), its signature not checked. */
export interface Jwt {
  /** As they stand in the token. */
  parts: readonly [header: string, payload: string, signature: string];
  headerText: string;
  payloadText: string;
  header: JsonNode;
  payload: JsonNode;
}

/** Both encoded JSON objects begin with `{`, so in base64url with `e`. */
export const jwtPattern = /\be[\w-]+\.e[\w-]+\.[\w-]*/g;

/** Undefined when it is no JWT. */
export function parseJwt(text: string): Jwt | undefined {
  const match = /^(e[\w-]+)\.(e[\w-]+)\.([\w-]*)$/.exec(text);
  if (match === null) return undefined;
  const [, headerPart = '', payloadPart = '', signature = ''] = match;
  const [headerText, payloadText] = [decoded(headerPart), decoded(payloadPart)];
  const [header, payload] = [parseJsonText(headerText ?? ''), parseJsonText(payloadText ?? '')];
  if (headerText === undefined || payloadText === undefined) return undefined;
  if (header?.type !== 'object' || payload?.type !== 'object') return undefined;
  if (!header.members.some(({ key }) => key === 'alg')) return undefined;
  return { parts: [headerPart, payloadPart, signature], headerText, payloadText, header, payload };
}

function decoded(part: string): string | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
