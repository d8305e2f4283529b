import { createHash, timingSafeEqual } from 'node:crypto';
import { ProxyctlError } from '../errors/index.js';

/** The user name and password that a proxy's clients must show. */
export class ProxyAccess {
  /** What `Proxy-Authorization` says of them. */
  readonly header: string;
  readonly #expected: Buffer;

  /** `user:password` */
  constructor(credentials: string) {
    this.header = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#expected = digest(Buffer.from(credentials));
  }

  /** Whether a `Proxy-Authorization` field holds them (RFC 7617). */
  admits(field: string | undefined): boolean {
    const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(field ?? '')?.[1];
    return encoded !== undefined && this.#equals(Buffer.from(encoded, 'base64'));
  }

  /** Whether these are they, as SOCKS has them (RFC 1929). */
  admitsPair(user: Buffer, password: Buffer): boolean {
    return this.#equals(Buffer.concat([user, Buffer.from(':'), password]));
  }

  #equals(given: Buffer): boolean {
    return timingSafeEqual(digest(given), this.#expected);
  }
}

export function credentialsWanted(): ProxyctlError {
  return new ProxyctlError('PROXYCTL_PROXY_CREDENTIALS', 'This proxy wants a user name and a password', {
    hint: 'Other machines reach it. Use the proxy URL with its credentials, which `proxyctl status` and `proxyctl session show` print: http://USER:PASSWORD@HOST:PORT. To do without, start it with --open.',
  });
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
