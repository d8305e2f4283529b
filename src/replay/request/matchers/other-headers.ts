import { header, headerPairs, type RawHeaders } from '../../../http/index.js';
import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';
import { byWhere } from './named-fields.js';
import { isSelecting } from './selecting-headers.js';

/** Compared by other matchers, or about the connection and not about the response. */
const apart = new Set([
  ...['authorization', 'cookie', 'accept', 'accept-language', 'content-type'],
  ...[
    'host',
    'content-length',
    'content-encoding',
    'transfer-encoding',
    'connection',
    'keep-alive',
    'proxy-connection',
  ],
  ...['proxy-authorization', 'te', 'trailer', 'upgrade', 'expect', 'via', 'forwarded', 'date', 'http2-settings'],
]);

/**
 * What clients and the systems around them send by habit, and what differs by environment: no server chooses its answer
 * by it. Who asks with which program, from which page, how often it has tried, how fresh a copy it wishes, under which
 * trace; and digests and signatures, which follow from the rest of the request.
 */
const noise = new RegExp(
  [
    '^(?:user-agent|referer|origin|accept-encoding|accept-charset|priority|dnt|upgrade-insecure-requests|save-data|purpose)$',
    '^(?:cache-control|pragma|if-none-match|if-modified-since|x-forwarded-.+|x-real-ip|x-client-ip|cdn-loop|max-forwards)$',
    '^(?:sec-|access-control-request-|x-stainless-|x-sdk-|x-goog-api-client|x-ms-(?:client|return-client)|cf-)',
    '(?:^|-)(?:trace|traceparent|tracestate|traceid|traceresponse|span|b3|baggage|sw8|correlation|correlator|datadog|newrelic|parentid)(?:-|$)',
    '(?:^|-)(?:request|invocation|transaction|operation)-?id$',
    '(?:^|-)(?:retry|retries|attempt|attempts|timeout|deadline|sdk-request)(?:-|$)',
    '(?:^|-)(?:user-agent|client-(?:info|version|name|data)|sdk-version|timestamp|date|time|nonce|signature|signature-input|mac|hmac)$',
    '(?:^|-)(?:digest|checksum|md5|sha1|sha256|crc32c?|crc64nvme|content-sha256)(?:-|$)',
  ].join('|'),
);

/**
 * Headers that nothing else is known of: what both sides send must be equal, noise aside. What one side alone sends may
 * be there or not, unless the recorded response says by `Vary` that it matters.
 */
export const otherHeaders = defineMatcher({
  name: 'vary',
  summary: 'other headers that both send, or that the answer’s Vary names',
  reads: 'headers',
  project: ({ headers }) =>
    headerPairs(headers)
      .filter(({ name }) => !apart.has(name.toLowerCase()) && !isSelecting(name))
      .map(({ name, value }) => textField(`header ${name.toLowerCase()}`, name.toLowerCase(), value.trim()))
      .sort(byWhere),
  mayDiffer: ({ recorded, incoming, answer }) => {
    const name = recorded?.name ?? incoming?.name ?? '';
    if (name === 'access-control-request-headers')
      return isAllowed(recorded?.value ?? '', incoming?.value ?? '', answer.headers);
    if (/(?:^|-)timeout(?:-|$)/.test(name) && recorded !== undefined && incoming !== undefined)
      return areAboutEqual(recorded.value, incoming.value);
    // what is given in another coding is coded anew; Origin and User-Agent are named by habit and change by environment
    if (['accept-encoding', 'origin', 'user-agent'].includes(name)) return true;
    if (recorded !== undefined && incoming !== undefined && !noise.test(name)) return false;
    const vary =
      header(answer.headers, 'vary')
        ?.toLowerCase()
        .split(/\s*,\s*/) ?? [];
    return !vary.includes(name);
  },
});

/** Whether no server chooses its answer by a header of this name, as far as names tell. */
export function isNoise(name: string): boolean {
  return apart.has(name) || noise.test(name);
}

/** A preflight that allowed all that it was asked for allows what is asked now. */
function isAllowed(recorded: string, incoming: string, headers: RawHeaders): boolean {
  const allowed = new Set(listOf(header(headers, 'access-control-allow-headers') ?? ''));
  if (allowed.has('*') || listOf(incoming).every((name) => allowed.has(name))) return true;
  return recorded !== '' && listOf(recorded).every((name) => allowed.has(name));
}

/** In milliseconds: gRPC's units, and numbers with or without a unit. */
const unitsMs: Readonly<Record<string, number>> = { n: 1e-6, u: 1e-3, m: 1, S: 1e3, M: 6e4, H: 36e5, ms: 1, s: 1e3 };

/** How long a client waits decides what comes of its request; what it says is a little less than it was told. */
function areAboutEqual(recorded: string, incoming: string): boolean {
  const [from, to] = [recorded, incoming].map((text) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
    return Number(number === '' ? NaN : number) * (unitsMs[unit] ?? 1);
  }) as [number, number];
  return Math.abs(from - to) <= 0.25 * Math.max(from, to);
}

function listOf(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
