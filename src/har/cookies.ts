import { headerValues, type RawHeaders } from '../http/index.js';
import type { HarCookie } from './har.js';

/** The cookies of a request's `Cookie` headers (RFC 6265 §4.2). */
export function requestCookies(headers: RawHeaders): HarCookie[] {
  return headerValues(headers, 'cookie')
    .flatMap((value) => value.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map(splitPair);
}

/** The cookies that a response sets (RFC 6265 §5.2). An `Expires` that is no date is left out, as a client would. */
export function responseCookies(headers: RawHeaders): HarCookie[] {
  return headerValues(headers, 'set-cookie').map((value) => {
    const [pair = '', ...attributes] = value.split(';');
    const cookie: HarCookie = splitPair(pair.trim());
    for (const attribute of attributes) applyAttribute(cookie, splitPair(attribute.trim()));
    return cookie;
  });
}

function applyAttribute(cookie: HarCookie, { name, value }: HarCookie): void {
  switch (name.toLowerCase()) {
    case 'path':
      cookie.path = value;
      break;
    case 'domain':
      cookie.domain = value;
      break;
    case 'expires': {
      const time = Date.parse(value);
      if (!Number.isNaN(time)) cookie.expires = new Date(time).toISOString();
      break;
    }
    case 'httponly':
      cookie.httpOnly = true;
      break;
    case 'secure':
      cookie.secure = true;
      break;
    case 'samesite':
      cookie.sameSite = value;
      break;
  }
}

function splitPair(pair: string): HarCookie {
  const equals = pair.indexOf('=');
  if (equals < 0) return { name: pair, value: '' };
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}
