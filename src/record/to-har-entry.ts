import { requestCookies, responseCookies } from '../har/cookies.js';
import type { HarContent, HarEntry, HarEntryInfo, HarNameValue, HarPostData, HarResponse } from '../har/har.js';
import { describeBody, inlineOfRecordings, type InlineRule, type StoredBody } from '../har/har-body.js';
import { harTimings, roundTimes, totalTime } from '../har/har-timings.js';
import { header, headerPairs, headerValues, type RawHeaders } from '../http/index.js';
import type { ExchangeRecord } from './exchange-record.js';

/** The bodies of an exchange by their hashes; undefined where there was none. */
interface EntryBodies {
  request?: StoredBody;
  response?: StoredBody;
}

/** An exchange as a HAR 1.2 entry. What HAR has no word for stands under `_proxyctl`; `fromHarEntry` reads it back. */
export function toHarEntry(
  record: ExchangeRecord,
  bodies: EntryBodies = {},
  rule: InlineRule = inlineOfRecordings,
): HarEntry {
  const { request, serverAddress, connection, error } = record;
  const timings = harTimings(record.timings);
  return {
    startedDateTime: new Date(record.startedAt).toISOString(),
    time: totalTime(timings),
    request: {
      method: request.method,
      url: request.url,
      httpVersion: request.httpVersion,
      cookies: requestCookies(request.headers),
      headers: headerPairs(request.headers),
      queryString: queryOf(request.url),
      postData: postData(request.headers, bodies.request, rule),
      headersSize: -1,
      bodySize: request.body?.size ?? 0,
    },
    response: responseOf(record, bodies.response, rule),
    cache: {},
    timings,
    serverIPAddress: serverAddress,
    connection,
    _error: error?.message,
    _webSocketMessages: record.webSocketMessages,
    _proxyctl: infoOf(record),
  };
}

function responseOf(record: ExchangeRecord, body: StoredBody | undefined, rule: InlineRule): HarResponse {
  const { response, request, tunnel } = record;
  if (response === undefined) return noResponse(request.httpVersion, tunnel !== undefined);
  return {
    status: response.status,
    statusText: response.reason,
    httpVersion: response.httpVersion,
    cookies: responseCookies(response.headers),
    headers: headerPairs(response.headers),
    content: contentOf(response.headers, body, rule),
    redirectURL: header(response.headers, 'location') ?? '',
    headersSize: -1,
    bodySize: response.body?.size ?? 0,
  };
}

/** A status of 0 says that there was none, as browsers write it. A tunnel was opened: that much the proxy answered. */
function noResponse(httpVersion: string, tunnelled: boolean): HarResponse {
  return {
    status: tunnelled ? 200 : 0,
    statusText: tunnelled ? 'Connection Established' : '',
    httpVersion,
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: unknownType },
    redirectURL: '',
    headersSize: -1,
    bodySize: -1,
  };
}

/** What browsers write for a body without `Content-Type`. */
const unknownType = 'x-unknown';

function postData(headers: RawHeaders, body: StoredBody | undefined, rule: InlineRule): HarPostData | undefined {
  if (body === undefined) return undefined;
  const { text, encoding, comment, _sha256 } = describeBody(body, undefined, rule);
  return { mimeType: typeOf(headers), text, encoding, comment, _sha256 };
}

function contentOf(headers: RawHeaders, body: StoredBody | undefined, rule: InlineRule): HarContent {
  const mimeType = typeOf(headers);
  if (body === undefined) return { size: 0, mimeType };
  const contentEncoding = headerValues(headers, 'content-encoding').join(',');
  return { mimeType, ...describeBody(body, contentEncoding, rule) };
}

function typeOf(headers: RawHeaders): string {
  return header(headers, 'content-type') ?? unknownType;
}

function infoOf(record: ExchangeRecord): HarEntryInfo {
  const { request, response, error } = record;
  return {
    index: record.index,
    id: record.id,
    rawHeaders: true,
    startedAt: Math.round(record.startedAt * 1000) / 1000,
    timings: roundTimes(record.timings),
    servedBy: record.servedBy,
    serverPort: record.serverPort,
    requestTrailers: pairsOf(request.trailers),
    responseTrailers: pairsOf(response?.trailers),
    informational: response?.informational?.map(({ status, headers }) => ({ status, headers: headerPairs(headers) })),
    dialogue: response?.dialogue,
    pieces: response?.pieces,
    requestTruncated: request.body?.truncated,
    responseTruncated: response?.body?.truncated,
    error,
    tunnel: record.tunnel,
    faults: record.faults,
  };
}

function pairsOf(headers: RawHeaders | undefined): HarNameValue[] | undefined {
  return headers === undefined ? undefined : headerPairs(headers);
}

/** The parameters as a server would read them (`+` is a space). One whose escapes are wrong stands as it was sent. */
function queryOf(url: string): HarNameValue[] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  return url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return { name: unescapeQuery(name), value: unescapeQuery(value) };
    });
}

function unescapeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
