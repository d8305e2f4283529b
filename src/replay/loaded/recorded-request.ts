import { splitUrl, type ExchangeOutline, type RecordedExchange, type RecordedExchanges } from '../../http/index.js';
import { comparableRequest, withoutBody, type ComparableRequest } from '../request/comparable-request.js';

/** The positions of the exchanges that can answer a request: of all but connections that passed through untouched. */
export function* positionsOf(exchanges: RecordedExchanges): Iterable<number> {
  for (let position = 0; position < exchanges.length; position++)
    if (!exchanges.outline(position).isTunnel) yield position;
}

/** A request without its body and with no header but `Content-Type`; undefined when its URL is not one of HTTP. */
export function recordedLine({ method, url, contentType }: ExchangeOutline): ComparableRequest | undefined {
  const parts = splitUrl(url);
  if (parts === undefined) return undefined;
  return withoutBody({ ...parts, method, headers: contentType === undefined ? [] : ['content-type', contentType] });
}

/** The whole request of an exchange; `wireBody` is what its `body` holds. Undefined when its URL is not one of HTTP. */
export function recordedRequest(
  { method, parts, headers }: RecordedExchange,
  wireBody: Buffer,
): ComparableRequest | undefined {
  return parts === undefined ? undefined : comparableRequest({ ...parts, method, headers }, wireBody);
}
