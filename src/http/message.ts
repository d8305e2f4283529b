import type { Duplex } from 'node:stream';
import { memoizeText } from '../core/memoize.js';
import type { Body } from './body.js';
import type { RawHeaders } from './headers.js';

/** As HAR writes it: `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`. */
export type HttpVersion = 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2.0';

/** A request as the client asked for it. */
export interface HttpRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host name or address, lower case, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query exactly as sent (latin1), `*` for `OPTIONS *`. */
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly body: Body;
}

/** A response, from the backend, a recording or a rule alike. Trailers come with the end of the body. */
export interface HttpResponse {
  readonly status: number;
  /** Reason phrase, possibly empty (RFC 9112 §4). */
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly body: Body;
  /**
   * With status 101: the connection in its new protocol, and what has come on it already. Destroy it if it is not
   * handed on.
   */
  readonly upgraded?: { readonly stream: Duplex; readonly head: Buffer };
}

const defaultPorts = { http: 80, https: 443 } as const;

/** `host[:port]`, the port only where it is not the scheme's own; IPv6 in brackets. */
export function authorityOf({ scheme, host, port }: Pick<HttpRequest, 'scheme' | 'host' | 'port'>): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === defaultPorts[scheme] ? name : `${name}:${port}`;
}

/** The URL that the client asked for, its path and query exactly as sent. */
export function urlOf(request: Pick<HttpRequest, 'scheme' | 'host' | 'port' | 'target'>): string {
  return `${request.scheme}://${authorityOf(request)}${request.target === '*' ? '/*' : request.target}`;
}

/**
 * `host:port`, `host`, `[::1]:443`, `[::1]` → host (lower case, no brackets) and port; undefined when it is neither.
 */
export function parseAuthority(text: string, defaultPort: number): { host: string; port: number } | undefined {
  const parts = text.length > maxKeptLength ? authorityParts(text) : keptAuthorityParts(text);
  return parts && { host: parts.host, port: parts.port ?? defaultPort };
}

function authorityParts(text: string): { host: string; port: number | undefined } | undefined {
  const match = /^(?:\[([0-9a-f:.]+(?:%[\w.~-]+)?)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { host: (match[1] ?? match[2] ?? '').toLowerCase(), port };
}

/** A client asks few hosts, each again and again. */
const keptAuthorityParts = memoizeText(authorityParts);
const maxKeptLength = 260;

/** Whether a response to `method` with `status` can have a body at all (RFC 9110 §6.4.1). */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
}
