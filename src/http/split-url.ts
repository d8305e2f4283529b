import { memoizeText } from '../core/memoize.js';
import type { HttpRequest } from './message.js';

/** An absolute URL split as requests are, its path and query exactly as written (`new URL` would change both). */
export function splitUrl(url: string): Pick<HttpRequest, 'scheme' | 'host' | 'port' | 'target'> | undefined {
  if (!isOf(url, lastOrigin)) {
    let end = url.indexOf('://') + 3;
    while (end < url.length && !isAfterOrigin(url.charCodeAt(end))) end += 1;
    lastOrigin = url.slice(0, end);
  }
  const end = lastOrigin.length;
  const place = originOf(lastOrigin);
  if (place === undefined) return undefined;
  const { scheme, host, port } = place;
  const fragment = url.indexOf('#', end);
  const rest = fragment === -1 ? url.slice(end) : url.slice(end, fragment);
  return { scheme, host, port, target: rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest };
}

/** Most URLs of a recording are of the origin of the one before. */
let lastOrigin = '';

function isOf(url: string, origin: string): boolean {
  if (origin === '' || !url.startsWith(origin)) return false;
  return url.length === origin.length || isAfterOrigin(url.charCodeAt(origin.length));
}

function isAfterOrigin(char: number): boolean {
  return char === slash || char === questionMark || char === numberSign;
}

const slash = 0x2f;
const questionMark = 0x3f;
const numberSign = 0x23;

/** A recording has many URLs of few origins. */
const originOf = memoizeText((origin): Pick<HttpRequest, 'scheme' | 'host' | 'port'> | undefined => {
  const match = /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(origin);
  if (match === null) return undefined;
  const [, protocol = '', host = '', port] = match;
  const scheme = /^(https|wss)$/i.test(protocol) ? 'https' : 'http';
  return {
    scheme,
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port),
  };
});
