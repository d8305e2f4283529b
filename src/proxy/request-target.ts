import type { IncomingMessage } from 'node:http';
import { ProxyctlError } from '../errors/index.js';
import { parseAuthority, type HttpRequest, type RawHeaders } from '../http/index.js';

/** Where a tunnel leads: what a client named in CONNECT, and what it spoke inside. */
export interface TunnelOrigin {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** The TLS server name that the client asked for, if it did. */
  serverName?: string;
}

export type RequestTarget = Pick<HttpRequest, 'scheme' | 'host' | 'port' | 'target'>;

const absolute = /^(https?):\/\/([^/?#]*)([^]*)$/i;
const defaultPort = { http: 80, https: 443 } as const;

/**
 * What a request asks for: in a tunnel the tunnel's own end, else what its absolute URL says. Undefined for a request
 * that is addressed to the proxy itself. Throws `PROXYCTL_BAD_REQUEST` when two readers could disagree.
 */
export function requestTarget(request: IncomingMessage, tunnel: TunnelOrigin | undefined): RequestTarget | undefined {
  const url = request.url ?? '/';
  const hosts = hostFields(request.rawHeaders);
  if (hosts.length > 1) throw badRequest('The request has more than one Host header', 'Send exactly one.');
  const [host] = hosts;
  if (host === undefined && request.httpVersion === '1.1')
    throw badRequest('The request has no Host header', 'HTTP/1.1 requires one (RFC 9112 §3.2).');
  if (host !== undefined && host !== '' && parseAuthority(host, 80) === undefined)
    throw badRequest(`The Host header ${JSON.stringify(host)} is not a host name with an optional port`);
  if (url.startsWith('/') || url === '*')
    return tunnel === undefined
      ? undefined
      : { scheme: tunnel.scheme, host: tunnel.host, port: tunnel.port, target: url };
  const match = absolute.exec(url);
  if (match === null)
    throw badRequest(
      `The request target ${JSON.stringify(url)} is neither a path nor an http(s) URL`,
      'Use this address as an HTTP proxy.',
    );
  const scheme = (match[1] ?? 'http').toLowerCase() as 'http' | 'https';
  const path = match[3] ?? '';
  const target = path.startsWith('/') ? path : `/${path}`;
  if (tunnel !== undefined) return { scheme: tunnel.scheme, host: tunnel.host, port: tunnel.port, target };
  const authority = parseAuthority(match[2] ?? '', defaultPort[scheme]);
  if (authority === undefined) throw badRequest(`The URL ${JSON.stringify(url)} has no valid host`);
  return { scheme, ...authority, target };
}

/**
 * Where a WebSocket handshake goes that names a path alone though it was sent to the proxy: by its Host. Java's client
 * sends these on connections to the proxy that it has kept from requests to the same host.
 */
export function handshakeTarget(request: IncomingMessage): RequestTarget | undefined {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const authority = parseAuthority(request.headers.host ?? '', defaultPort.http);
  return authority === undefined ? undefined : { scheme: 'http', ...authority, target: request.url ?? '/' };
}

export function badRequest(message: string, hint?: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_BAD_REQUEST', message, { hint });
}

function hostFields(headers: RawHeaders): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') values.push(headers[i + 1] as string);
  }
  return values;
}
