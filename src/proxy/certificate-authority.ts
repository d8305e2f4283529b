import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { loadOrCreate, type CaFiles } from './ca-files.js';
import { issuerOf, signLeaf, type Issuer } from './leaf-certificate.js';

interface CachedContext {
  context: SecureContext;
  notBefore: number;
  notAfter: number;
}

interface CertificateAuthorityOptions {
  /** Hosts whose TLS context is kept. Default 500, at about 50 KiB each. */
  maxContexts?: number;
}

/**
 * The authority that clients are told to trust, and the certificates it signs for the hosts that they ask for: one leaf
 * key serves them all. A host seen for the first time costs about 1.5 ms, most of it OpenSSL's context.
 */
export class CertificateAuthority {
  /** The authority's certificate. */
  readonly certPem: string;
  /** Where clients find it. */
  readonly certPath: string;
  /** Upper-case hex with colons. */
  readonly fingerprint256: string;
  readonly #issuer: Issuer;
  /** What servers send after their own certificate: nothing where clients hold our certificate as a root. */
  readonly #intermediates: string;
  readonly #leafKeyPem: string;
  readonly #leafPublicKey: Buffer;
  readonly #contexts = new Map<string, CachedContext>();
  readonly #maxContexts: number;

  private constructor(files: CaFiles, certificate: X509Certificate, issuer: Issuer, maxContexts: number) {
    this.certPem = files.certPem;
    this.certPath = files.certPath;
    this.fingerprint256 = certificate.fingerprint256;
    this.#issuer = issuer;
    this.#intermediates = certificate.checkIssued(certificate) ? '' : files.certPem;
    this.#maxContexts = maxContexts;
    const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#leafKeyPem = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#leafPublicKey = leaf.publicKey.export({ type: 'spki', format: 'der' });
  }

  /** Loads the authority in `folder`, making it on first use. Throws `PROXYCTL_CA`. */
  static async open(folder: string, options: CertificateAuthorityOptions = {}): Promise<CertificateAuthority> {
    const files = await loadOrCreate(folder);
    const { certificate, key } = parse(files, folder);
    return new CertificateAuthority(files, certificate, issuerOf(certificate, key), options.maxContexts ?? 500);
  }

  /** The TLS context of a server called `name`, a DNS name or an IP address. */
  contextFor(name: string): SecureContext {
    const now = Date.now();
    const cached = this.#contexts.get(name);
    if (cached !== undefined && cached.notBefore <= now && now < cached.notAfter) {
      if (this.#contexts.size > this.#maxContexts / 2) this.#touch(name, cached);
      return cached.context;
    }
    const leaf = signLeaf(this.#issuer, name, this.#leafPublicKey, now);
    const context = createSecureContext({
      key: this.#leafKeyPem,
      cert: leaf.pem + this.#intermediates,
      // No roots: clients' certificates are not asked for.
      ca: [],
    });
    this.#touch(name, { context, notBefore: leaf.notBefore, notAfter: leaf.notAfter });
    return context;
  }

  /** Makes it the youngest, and drops the eldest past the limit. */
  #touch(name: string, entry: CachedContext): void {
    this.#contexts.delete(name);
    this.#contexts.set(name, entry);
    for (const eldest of this.#contexts.keys()) {
      if (this.#contexts.size <= this.#maxContexts) break;
      this.#contexts.delete(eldest);
    }
  }
}

function parse(files: CaFiles, folder: string): { certificate: X509Certificate; key: KeyObject } {
  let certificate: X509Certificate;
  let key: KeyObject;
  try {
    certificate = new X509Certificate(files.certPem);
    key = createPrivateKey(files.keyPem);
  } catch (error) {
    throw unusable(folder, `damaged (${messageOf(error)})`, error);
  }
  if (!certificate.checkPrivateKey(key)) throw unusable(folder, 'inconsistent: ca.key does not belong to ca.pem');
  if (!certificate.ca) throw unusable(folder, 'no CA: its certificate may not sign others');
  if (Date.parse(certificate.validTo) <= Date.now()) throw unusable(folder, `expired since ${certificate.validTo}`);
  return { certificate, key };
}

function unusable(folder: string, what: string, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CA', `The CA in ${folder} is ${what}`, {
    cause,
    hint: `Put the right ca.key and ca.pem back, or remove both from ${folder} to have a new CA made (clients must then trust the new one).`,
    data: { folder },
  });
}
