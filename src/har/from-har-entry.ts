import {
  fromHeaderPairs,
  splitUrl,
  type FailureKind,
  type FailurePhase,
  type HttpVersion,
  type RawHeaders,
  type RecordedExchange,
  type RecordedResponse,
} from '../http/index.js';
import type { HarContent, HarEntry, HarNameValue, HarPostData } from './har.js';

/** `position` is the entry's place in its HAR. */
export function fromHarEntry(entry: HarEntry, position = 0): RecordedExchange {
  const { request, response, _proxyctl: info } = entry;
  const error = info?.error ?? foreignError(entry);
  return {
    index: info?.index ?? position,
    startedAt: info?.startedAt ?? Date.parse(entry.startedDateTime),
    method: request.method,
    url: request.url,
    parts: splitUrl(request.url),
    httpVersion: httpVersionOf(request.httpVersion),
    headers: rawHeaders(request.headers),
    ...(info?.requestTrailers === undefined ? {} : { trailers: fromHeaderPairs(info.requestTrailers) }),
    ...(hasBody(request.postData) ? { body: request.postData } : {}),
    bodyTruncated: info?.requestTruncated ?? false,
    ...(response.status === 0 ? {} : { response: responseOf(entry) }),
    ...(error === undefined ? {} : { error }),
    ...(info?.tunnel === undefined ? {} : { tunnel: info.tunnel }),
    ...(entry._webSocketMessages === undefined ? {} : { webSocketMessages: entry._webSocketMessages }),
    timings: entry.timings,
    timeMs: entry.time,
  };
}

function responseOf({ response, _proxyctl: info }: HarEntry): RecordedResponse {
  return {
    status: response.status,
    reason: response.statusText,
    httpVersion: httpVersionOf(response.httpVersion),
    headers: rawHeaders(response.headers),
    ...(info?.responseTrailers === undefined ? {} : { trailers: fromHeaderPairs(info.responseTrailers) }),
    informational: (info?.informational ?? []).map(({ status, headers }) => ({
      status,
      headers: fromHeaderPairs(headers),
    })),
    ...(info?.dialogue === undefined ? {} : { dialogue: info.dialogue }),
    ...(info?.pieces === undefined ? {} : { pieces: info.pieces }),
    ...(hasBody(response.content) ? { body: response.content } : {}),
    bodyTruncated: info?.responseTruncated ?? false,
    decoded: response.content._sha256 === undefined,
  };
}

function hasBody(content: HarPostData | HarContent | undefined): content is HarPostData & HarContent {
  if (content === undefined) return false;
  return content._sha256 !== undefined || content._file !== undefined || (content.text ?? '') !== '';
}

/** HTTP/2 pseudo-headers, which browsers list, are no headers (RFC 9113 §8.3). */
function rawHeaders(headers: readonly HarNameValue[]): RawHeaders {
  return fromHeaderPairs(headers.filter(({ name }) => !name.startsWith(':')));
}

/** Browsers write `h2`, `http/2.0` or `HTTP/2`; what is not known counts as HTTP/1.1. */
function httpVersionOf(text: string): HttpVersion {
  if (/^(h2|http\/2(\.0)?|h3|http\/3(\.0)?)/i.test(text)) return 'HTTP/2.0';
  return /^http\/1\.0$/i.test(text) ? 'HTTP/1.0' : 'HTTP/1.1';
}

/** The kinds behind the names that Chrome gives network errors (`net::ERR_…`); what is not known broke off. */
const foreignKinds: { pattern: RegExp; kind: FailureKind; phase: FailurePhase }[] = [
  { pattern: /REFUSED/i, kind: 'refused', phase: 'connect' },
  { pattern: /NAME_NOT_RESOLVED|ENOTFOUND|DNS/i, kind: 'dns', phase: 'connect' },
  { pattern: /CERT|SSL|TLS/i, kind: 'tls', phase: 'connect' },
  { pattern: /TIMED?_?OUT/i, kind: 'timeout', phase: 'response' },
  { pattern: /UNREACHABLE/i, kind: 'unreachable', phase: 'connect' },
  { pattern: /RESET/i, kind: 'reset', phase: 'response' },
  { pattern: /ABORTED|CANCEL/i, kind: 'aborted', phase: 'response' },
  { pattern: /(?:)/, kind: 'closed', phase: 'response' },
];

function foreignError({ response, _error: text }: HarEntry): RecordedExchange['error'] {
  if (response.status !== 0 && text === undefined) return undefined;
  const message = text ?? 'No response was recorded';
  const found = foreignKinds.find(({ pattern }) => pattern.test(message));
  return found && { kind: found.kind, phase: found.phase, message };
}
