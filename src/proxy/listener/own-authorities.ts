import { parseAuthority } from '../../http/index.js';

/** `host:port` of each authority; a loopback or any-address is known by its other names as well. */
export function ownAuthorities(authorities: readonly string[]): Set<string> {
  const own = new Set<string>();
  for (const text of authorities) {
    const authority = parseAuthority(text, 80);
    if (authority === undefined) continue;
    const { host, port } = authority;
    own.add(`${host}:${port}`);
    if (!/^(127\.|localhost$|::1$|0\.0\.0\.0$|::$)/.test(host)) continue;
    for (const name of ['127.0.0.1', 'localhost', '::1']) own.add(`${name}:${port}`);
  }
  return own;
}
