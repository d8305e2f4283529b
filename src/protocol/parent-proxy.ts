import { UsageError } from '../errors/index.js';
import { hostMatcher, type HostMatcher } from '../core/host-pattern.js';

/** A proxy between us and the backends. */
export interface ParentProxy {
  host: string;
  port: number;
  scheme: 'http' | 'https';
  /** Value of `Proxy-Authorization` (RFC 7617), when the URL has credentials. */
  authorization: string | undefined;
}

const defaultPorts = { http: 80, https: 443 } as const;

/** `http://[user:password@]host[:port]` or the same with `https`. Throws `UsageError` for anything else. */
export function parseParentProxy(url: string): ParentProxy {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw notAProxy(withoutPassword(url), error);
  }
  const scheme = parsed.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') throw notAProxy(withoutPassword(url));
  const { username, password, hostname, port } = parsed;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    scheme,
    host: hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === '' ? defaultPorts[scheme] : Number(port),
    authorization:
      username === '' && password === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/**
 * The hosts that go past the parent proxy, as NO_PROXY lists them: `example.com` and `.example.com` mean the name and
 * all below it, `*` everything; patterns of sessions (`*.example.com`) mean what they mean there.
 */
export function bypassMatcher(hosts: readonly string[]): HostMatcher {
  const names = hosts.map((host) => host.trim()).filter((host) => host !== '');
  return hostMatcher(
    names.flatMap((name) => {
      const bare = name.replace(/^\./, '');
      return bare.includes('*') || /^[\d.]+$|:.*:/.test(bare) ? [bare] : [bare, `*.${bare}`];
    }),
  );
}

function notAProxy(url: string, cause?: unknown): UsageError {
  return new UsageError(`--upstream-proxy: ${JSON.stringify(url)} is not the URL of an HTTP proxy`, {
    cause,
    hint: 'Write http://proxy.example:3128, or http://user:password@proxy.example:3128.',
  });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}
