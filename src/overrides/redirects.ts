import { hostMatcher } from '../core/host-pattern.js';
import { authorityOf, hasHeader, withHeader, withRequest, type HttpRequest, type Interceptor } from '../http/index.js';
import type { Redirect } from './model.js';

interface CompiledRedirect {
  redirect: Redirect;
  fits: (request: HttpRequest) => boolean;
  to: { scheme: 'http' | 'https'; host: string; port: number; prefix: string };
}

/**
 * Sends requests to other hosts than the client asked for. The first that fits holds. What is recorded stays under the
 * URL that was asked for.
 */
export class Redirects {
  #redirects: CompiledRedirect[] = [];

  set(redirects: readonly Redirect[]): void {
    this.#redirects = redirects.map(compile);
  }

  readonly interceptor: Interceptor = (exchange, next) => {
    const { request, notes } = exchange;
    const found = this.#redirects.find(({ fits }) => fits(request));
    if (found === undefined) return next(exchange);
    const { redirect, to } = found;
    const name = notes.serverName ?? request.host;
    if (redirect.keepServerName && to.scheme === 'https') notes.serverName = name;
    else delete notes.serverName;
    return next(withRequest(exchange, redirected(request, found)));
  };
}

function redirected(request: HttpRequest, { redirect, to }: CompiledRedirect): HttpRequest {
  const { scheme, host, port, prefix } = to;
  const rest =
    redirect.pathPrefix === undefined ? request.target : request.target.slice(withoutSlash(redirect.pathPrefix).length);
  const target = request.target === '*' ? '*' : `${prefix}${rest.startsWith('/') ? '' : '/'}${rest}`;
  const moved = { ...request, scheme, host, port, target };
  // In HTTP/2 the authority is the Host header, where there is one.
  const asked = hasHeader(request.headers, 'host')
    ? request.headers
    : withHeader(request.headers, 'host', authorityOf(request));
  return { ...moved, headers: redirect.keepHost ? asked : withHeader(asked, 'Host', authorityOf(moved)) };
}

function compile(redirect: Redirect): CompiledRedirect {
  const url = new URL(redirect.to);
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? { http: 80, https: 443 }[scheme] : Number(url.port);
  const fitsHost = hostMatcher([redirect.from]);
  const below = redirect.pathPrefix === undefined ? undefined : withoutSlash(redirect.pathPrefix);
  return {
    redirect,
    fits: ({ host: asked, port: at, target }) => fitsHost(asked, at) && (below === undefined || isBelow(target, below)),
    to: { scheme, host, port, prefix: withoutSlash(url.pathname) },
  };
}

function isBelow(target: string, prefix: string): boolean {
  if (!target.startsWith(prefix)) return false;
  const after = target[prefix.length];
  return after === undefined || after === '/' || after === '?';
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
