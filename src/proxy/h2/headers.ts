import type { OutgoingHttpHeaders } from 'node:http2';
import { ProxyctlError } from '../../errors/index.js';
import { hasHeader, type RawHeaders } from '../../http/index.js';
import { connectionOptions } from '../hop-by-hop.js';

/** What Node hands out of an HTTP/2 field block: pseudo-headers come first (RFC 9113 §8.3). */
export interface FieldBlock {
  pseudo: Readonly<Record<string, string>>;
  /** All others, in order, duplicates kept. */
  headers: RawHeaders;
}

export function fieldBlock(raw: readonly string[]): FieldBlock {
  const pseudo: Record<string, string> = {};
  let at = 0;
  for (; at < raw.length && (raw[at] as string).startsWith(':'); at += 2) pseudo[raw[at] as string] = raw[at + 1] ?? '';
  return { pseudo, headers: raw.slice(at) };
}

/** Fields of HTTP/1's connection, which HTTP/2 forbids (RFC 9113 §8.2.2). */
const ofConnection = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'],
]);

/** Node sends these once only, as they are defined to have one value. */
const single = new Set([
  ...['access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age'],
  ...['authorization', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5'],
  ...['content-range', 'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'host', 'if-match'],
  ...['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location'],
  ...['max-forwards', 'proxy-authorization', 'range', 'referer', 'retry-after', 'tk', 'upgrade-insecure-requests'],
  ...['user-agent', 'x-content-type-options'],
]);

/**
 * Headers as Node's http2 sends them, onto `fields` (which has the pseudo-headers): names in lower case, without the
 * fields that concern an HTTP/1 connection or that `drop` names. Repeats of one name stand where the first does; of a
 * field that is defined to have one value the first counts. Throws `PROXYCTL_BAD_REQUEST` for a value with a line
 * break, which only a rule can have made.
 */
export function toFields(
  headers: RawHeaders,
  fields: OutgoingHttpHeaders,
  drop?: ReadonlySet<string>,
): OutgoingHttpHeaders {
  const named = hasHeader(headers, 'connection') ? connectionOptions(headers).named : undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    const value = headers[i + 1] as string;
    if (ofConnection.has(name) || drop?.has(name) === true || named?.has(name) === true) continue;
    if (name === 'te' && value.trim().toLowerCase() !== 'trailers') continue;
    if (/[\r\n\0]/.test(value)) throw splitHeader(name);
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (single.has(name)) continue;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [String(before), value];
  }
  return fields;
}

function splitHeader(name: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_BAD_REQUEST', `The header ${name} holds a line break`, {
    hint: 'Check the rules of this session that set headers.',
  });
}
