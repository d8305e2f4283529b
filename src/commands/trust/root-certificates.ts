import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { distinctCertificates } from '../../core/pem.js';
import { systemCode } from '../../errors/index.js';

/** Where systems keep their roots as one file: Debian and Alpine, Fedora, SUSE, the BSDs and macOS. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The system's roots and Node's, each once. */
export async function publicRoots(): Promise<string[]> {
  return distinctCertificates([...(await firstReadable(systemBundles)), ...rootCertificates]);
}

/** The certificates in these files. A file that is not there holds none, as OpenSSL and Node see it. */
export async function certificatesIn(files: readonly (string | undefined)[]): Promise<string[]> {
  const named = files.filter((file) => file !== undefined);
  return distinctCertificates((await Promise.all(named.map((file) => firstReadable([file])))).flat());
}

async function firstReadable(paths: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    try {
      return [await readFile(path, 'latin1')];
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
    }
  }
  return [];
}
