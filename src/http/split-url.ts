import type { HttpRequest } from './message.js';

/** An absolute URL split as requests are, its path and query exactly as written (`new URL` would change both). */
export function splitUrl(url: string): Pick<HttpRequest, 'scheme' | 'host' | 'port' | 'target'> | undefined {
  const match = /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^#]*)/i.exec(url);
  if (match === null) return undefined;
  const [, protocol = '', host = '', port, rest = ''] = match;
  const scheme = /^(https|wss)$/i.test(protocol) ? 'https' : 'http';
  return {
    scheme,
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port),
    target: rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest,
  };
}
