import { createHash } from 'node:crypto';
import { hostMatcher, type HostMatcher } from '../../core/host-pattern.js';

/** What we show a backend that asks who we are (TLS client authentication). */
export interface ClientCertificate {
  /** Host pattern, as elsewhere: `api.example.com`, `*.example.com:8443`. */
  host: string;
  /** PEM: the certificate, those above it, and its private key without a passphrase. */
  pem: string;
}

export interface ClientIdentity {
  /** Tells TLS sessions of one identity from those of another. */
  id: string;
  pem: string;
}

/** Which certificate goes to which backend: the first whose pattern fits. */
export class ClientCertificates {
  readonly #entries: readonly { matches: HostMatcher; identity: ClientIdentity }[];

  constructor(certificates: readonly ClientCertificate[]) {
    this.#entries = certificates.map(({ host, pem }) => ({
      matches: hostMatcher([host]),
      identity: { id: createHash('sha256').update(pem).digest('base64url').slice(0, 16), pem },
    }));
  }

  for(host: string, port: number): ClientIdentity | undefined {
    return this.#entries.find(({ matches }) => matches(host, port))?.identity;
  }
}
