import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { ProxyctlError } from '../errors/index.js';

export interface AccessRules {
  token: string;
  /** Host names that a request may name besides loopback ones. */
  allowedHosts: string[];
  /** Web pages of these origins may ask as well: `https://dashboard.example`. Default none. */
  allowedOrigins?: readonly string[];
}

/**
 * What every request must pass: our host name (against DNS rebinding), no foreign origin, the token. Throws
 * `ProxyctlError`.
 */
export function checkAccess(
  rules: AccessRules,
  headers: { host?: string; origin?: string; authorization?: string },
  queryToken?: string,
): void {
  if (!allowedHost(rules, headers.host)) {
    throw new ProxyctlError(
      'PROXYCTL_FORBIDDEN',
      `The control API does not answer to the host "${headers.host ?? ''}"`,
      {
        hint: 'Ask it at its own address, or start the stack with --host.',
      },
    );
  }
  if (headers.origin !== undefined && rules.allowedOrigins?.includes(headers.origin) !== true) {
    throw new ProxyctlError(
      'PROXYCTL_FORBIDDEN',
      `The control API does not answer to web pages (Origin: ${headers.origin})`,
      { hint: 'Start the stack with up --api-origin ORIGIN to let the pages of one in.' },
    );
  }
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? queryToken;
  if (given === undefined || !equalInConstantTime(given, rules.token)) {
    throw new ProxyctlError(
      'PROXYCTL_UNAUTHORIZED',
      given === undefined ? 'A bearer token is needed' : 'The token is wrong',
      {
        hint: 'Send `Authorization: Bearer TOKEN`; proxyctl status --json and PROXYCTL_TOKEN have it.',
      },
    );
  }
}

function allowedHost({ allowedHosts }: AccessRules, host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  // An address cannot be rebound: only a name can.
  return isIP(name) !== 0 || name === 'localhost' || allowedHosts.includes(name);
}

function equalInConstantTime(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
