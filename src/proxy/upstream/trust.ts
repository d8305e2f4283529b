import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { setImmediate } from 'node:timers/promises';
import { messageOf, ProxyctlError, systemCode } from '../../errors/index.js';
import type { ClientIdentity } from './client-certificates.js';

/** Where systems keep their roots as one file (Debian, Fedora, SUSE, Alpine and the BSDs, macOS). */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** How long the event loop may be held by parsing certificates at one go, ms. */
const sliceMs = 4;

const contexts = new Map<string, Promise<SecureContext>>();
let systemCertificates: Promise<readonly string[]> | undefined;

/**
 * The TLS context for connections to backends: trusts Node's roots, the system's, those that `SSL_CERT_FILE` and
 * `NODE_EXTRA_CA_CERTS` name, and `extra`; shows `identity` to servers that ask. Shared by all that want the same.
 * Throws `PROXYCTL_CONFIG` for a bad certificate.
 */
export function trustContext(extra: readonly string[], identity?: ClientIdentity): Promise<SecureContext> {
  const hash = createHash('sha256').update(extra.join('\n'));
  const key = `${hash.digest('base64')} ${identity?.id ?? ''}`;
  let context = contexts.get(key);
  if (context === undefined) {
    context = build(extra, identity);
    contexts.set(key, context);
    context.catch(() => contexts.delete(key));
  }
  return context;
}

async function build(extra: readonly string[], identity: ClientIdentity | undefined): Promise<SecureContext> {
  systemCertificates ??= loadSystemCertificates();
  const context = identity === undefined ? createSecureContext({}) : identified(identity);
  for (const certificate of await systemCertificates) await add(context, certificate, undefined);
  for (const pem of extra) {
    const certificates = split(pem);
    if (certificates.length === 0) throw badCertificate('it holds no certificate');
    for (const certificate of certificates) await add(context, certificate, badCertificate);
  }
  return context;
}

function identified({ pem }: ClientIdentity): SecureContext {
  try {
    return createSecureContext({ cert: pem, key: pem });
  } catch (error) {
    throw new ProxyctlError(
      'PROXYCTL_CONFIG',
      `A certificate given with --client-cert cannot be used: ${messageOf(error)}`,
      {
        cause: error,
        hint: 'Give a PEM file that holds the certificate and its private key, the key without a passphrase.',
      },
    );
  }
}

/**
 * Adds to the context's copy of Node's roots. The public way, the `ca` option, replaces those roots and takes 0.7 ms
 * for each of them, together 0.1 s during which nothing else runs.
 */
async function add(
  context: SecureContext,
  certificate: string,
  refuse: ((why: string, cause: unknown) => Error) | undefined,
): Promise<void> {
  const started = performance.now();
  try {
    (context.context as { addCACert(pem: string): void }).addCACert(certificate);
  } catch (error) {
    // A root of the system's that OpenSSL cannot read is one that it cannot use either.
    if (refuse !== undefined) throw refuse(messageOf(error), error);
  }
  sinceYield += performance.now() - started;
  if (sinceYield < sliceMs) return;
  sinceYield = 0;
  await setImmediate();
}
let sinceYield = 0;

function badCertificate(why: string, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CONFIG', `A certificate given with --upstream-ca cannot be used: ${why}`, {
    cause,
    hint: 'Give a file with one or more PEM certificates (-----BEGIN CERTIFICATE-----).',
  });
}

/** What the system and the environment trust besides Node's own roots. */
async function loadSystemCertificates(): Promise<readonly string[]> {
  const texts = [
    ...(await firstReadable(systemBundles)),
    ...(await firstReadable([process.env['SSL_CERT_FILE']])),
    ...(await firstReadable([process.env['NODE_EXTRA_CA_CERTS']])),
  ];
  const known = new Set(rootCertificates.map(essence));
  return texts.flatMap(split).filter((certificate) => {
    const text = essence(certificate);
    return !known.has(text) && known.add(text);
  });
}

async function firstReadable(paths: readonly (string | undefined)[]): Promise<string[]> {
  for (const path of paths) {
    if (path === undefined || path === '') continue;
    try {
      return [await readFile(path, 'latin1')];
    } catch (error) {
      // Most systems have one of the places only; a variable that names a missing file trusts nothing, as in OpenSSL.
      if (systemCode(error) === undefined) throw error;
    }
  }
  return [];
}

function split(pem: string): string[] {
  return (
    pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? []
  );
}

function essence(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s/g, '');
}
