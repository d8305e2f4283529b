import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../core/make-folder.js';
import { messageOf, ProxyctlError } from '../../errors/index.js';
import { javaTrustStore } from './java-key-store.js';
import { distinctCertificates } from '../../core/pem.js';
import { certificatesIn, publicRoots } from './root-certificates.js';

/** Files that tell clients whom to trust. */
export interface TrustFiles {
  /**
   * PEM: the system's roots, Node's, those that proxyctl was started with, and ours. For what replaces its own roots by
   * it.
   */
  bundle: string;
  /** PEM: ours and those that proxyctl was started with. For what adds it to its own roots. */
  additions: string;
  /** The bundle as a Java trust store. */
  javaTrustStore: string;
}

/**
 * Writes the trust files into `folder` and returns their paths. They are named after their content, so that they are
 * written once and any number of processes can do it at the same time. `extraFiles` are PEM files: what `SSL_CERT_FILE`
 * and `NODE_EXTRA_CA_CERTS` named when proxyctl was started, which hosts that pass through untouched may need.
 */
export async function writeTrustFiles(
  folder: string,
  caPem: string,
  extraFiles: readonly (string | undefined)[],
): Promise<TrustFiles> {
  const extra = await certificatesIn(extraFiles);
  const additions = distinctCertificates([caPem, ...extra]);
  const bundle = distinctCertificates([...additions, ...(await publicRoots())]);
  const name = createHash('sha256').update(bundle.join()).digest('hex').slice(0, 16);
  const additionsName = createHash('sha256').update(additions.join()).digest('hex').slice(0, 16);
  const createdAt = new Date(new X509Certificate(caPem).validFrom);
  return {
    additions: await writeOnce(folder, `additions-${additionsName}.pem`, () => toText(additions)),
    bundle: await writeOnce(folder, `bundle-${name}.pem`, () => toText(bundle)),
    javaTrustStore: await writeOnce(folder, `bundle-${name}.jks`, () => javaTrustStore(bundle, createdAt)),
  };
}

function toText(certificates: readonly string[]): string {
  return certificates.map((pem) => `${pem}\n`).join('');
}

async function writeOnce(folder: string, name: string, content: () => string | Buffer): Promise<string> {
  const path = join(folder, name);
  try {
    await access(path);
    return path;
  } catch {
    // Not there yet.
  }
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await makeFolder(folder);
    await writeFile(temporary, content());
    await rename(temporary, path);
    return path;
  } catch (error) {
    throw new ProxyctlError('PROXYCTL_CONFIG', `${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
      hint: 'Set PROXYCTL_HOME to a folder that you can write to.',
      data: { path },
    });
  }
}
