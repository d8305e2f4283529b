import { parseAuthority, headerValues } from '../../http/index.js';
import { badRequest, type RequestTarget, type TunnelOrigin } from '../request-target.js';
import type { FieldBlock } from './headers.js';

const defaultPort = { http: 80, https: 443 } as const;

/** What an HTTP/2 request asks for, and its authority as the client wrote it. */
interface H2Target extends RequestTarget {
  authority: string | undefined;
}

/**
 * As `requestTarget` does for HTTP/1: in a tunnel the tunnel's own end, else what `:scheme` and `:authority` (or
 * `host`) say. Undefined where no authority says where to. Throws `PROXYCTL_BAD_REQUEST` when two readers could
 * disagree.
 */
export function h2Target({ pseudo, headers }: FieldBlock, tunnel: TunnelOrigin | undefined): H2Target | undefined {
  if (pseudo[':method'] === 'CONNECT')
    throw badRequest(
      `CONNECT to ${JSON.stringify(pseudo[':authority'] ?? '')} within HTTP/2 is not supported`,
      'Open tunnels and WebSockets by HTTP/1.1, as clients do by themselves when SETTINGS_ENABLE_CONNECT_PROTOCOL is not sent.',
    );
  const hosts = headerValues(headers, 'host');
  if (hosts.length > 1) throw badRequest('The request has more than one Host header', 'Send :authority alone.');
  const [host] = hosts;
  const authority = pseudo[':authority'] ?? host;
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    throw badRequest(
      `The request names two hosts, ${JSON.stringify(authority)} in :authority and ${JSON.stringify(host)} in Host`,
      'Send :authority alone.',
    );
  const scheme = tunnel?.scheme ?? (pseudo[':scheme'] === 'https' ? 'https' : 'http');
  const parsed = authority === undefined ? undefined : parseAuthority(authority, defaultPort[scheme]);
  if (authority !== undefined && authority !== '' && parsed === undefined)
    throw badRequest(`The authority ${JSON.stringify(authority)} is not a host name with an optional port`);
  const target = pseudo[':path'] ?? '';
  if (!target.startsWith('/') && target !== '*')
    throw badRequest(`The request target ${JSON.stringify(target)} is not a path`);
  if (tunnel !== undefined) return { scheme, host: tunnel.host, port: tunnel.port, target, authority };
  return parsed === undefined ? undefined : { scheme, ...parsed, target, authority };
}
