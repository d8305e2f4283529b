import type { RecordedExchange } from '../../har/from-har-entry.js';
import type { HarEntry, HarNameValue } from '../../har/har.js';
import { type RawHeaders, splitUrl } from '../../http/index.js';
import { comparableRequest, withoutBody, type ComparableRequest } from '../request/comparable-request.js';

/** Whether an entry is an exchange that can answer a request; connections that passed through untouched are not. */
export function isExchange(entry: HarEntry): boolean {
  return entry._proxyctl?.tunnel === undefined && entry.request.method !== 'CONNECT';
}

/** The request of an entry without its body and with no header but `Content-Type`; undefined when its URL is not one of HTTP. */
export function recordedLine({ request: { method, url, headers } }: HarEntry): ComparableRequest | undefined {
  const place = splitUrl(url);
  if (place === undefined) return undefined;
  const { scheme, host, port, target } = place;
  return withoutBody({ method, scheme, host, port, target, headers: contentTypeOf(headers) });
}

const noHeaders: RawHeaders = [];

function contentTypeOf(headers: readonly HarNameValue[]): RawHeaders {
  for (const { name, value } of headers) {
    if (name.length === 12 && name.toLowerCase() === 'content-type') return ['content-type', value];
  }
  return noHeaders;
}

/** The whole request of an exchange; `wireBody` is what its `body` holds. */
export function recordedRequest(recorded: RecordedExchange, wireBody: Buffer): ComparableRequest | undefined {
  const line = requestLine(recorded);
  return line === undefined ? undefined : comparableRequest(line, wireBody);
}

function requestLine({ method, url, headers }: RecordedExchange): Parameters<typeof comparableRequest>[0] | undefined {
  const place = splitUrl(url);
  return place === undefined ? undefined : { ...place, method, headers };
}
