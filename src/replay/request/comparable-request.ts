import { decodeContent, header, type HttpRequest, type RawHeaders } from '../../http/index.js';
import { parseMediaType, type MediaType } from './media-type.js';

/** A request as the matchers see it, recorded or asked alike: all parts split, its body whole and decoded. */
export interface ComparableRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, without the `?`. */
  readonly query: string;
  readonly headers: RawHeaders;
  readonly mediaType: MediaType;
  /** Its content coding undone; as sent when that cannot be. */
  readonly body: Buffer;
}

type RequestLine = Pick<HttpRequest, 'method' | 'scheme' | 'host' | 'port' | 'target' | 'headers'>;

export function comparableRequest(request: RequestLine, wireBody: Buffer): ComparableRequest {
  const { method, scheme, host, port, headers } = request;
  // As URLs write it.
  const target = request.target === '*' ? '/*' : request.target;
  const mark = target.indexOf('?');
  return {
    method,
    scheme,
    host,
    port,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    headers,
    mediaType: parseMediaType(header(headers, 'content-type')),
    body: wireBody.length === 0 ? wireBody : (decodeContent(wireBody, header(headers, 'content-encoding')) ?? wireBody),
  };
}

const noBody = Buffer.alloc(0);

/** The same request before its body is known; only what `bodyFields` of the matchers leave out may be asked of it. */
export function withoutBody(request: RequestLine): ComparableRequest {
  return comparableRequest(request, noBody);
}
