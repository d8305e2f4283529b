import { X509Certificate } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { certificatesIn } from '../../../src/commands/trust/root-certificates.js';
import { writeTrustFiles } from '../../../src/commands/trust/trust-files.js';
import { run } from '../../helpers/processes.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { makeTestCertificate } from '../../helpers/test-certificate.js';

async function fingerprints(file: string): Promise<string[]> {
  return (await certificatesIn([file])).map((pem) => new X509Certificate(pem).fingerprint256);
}

async function written() {
  const folder = await tempFolder('trust');
  const [{ ca }, { ca: extra }] = await Promise.all([makeTestCertificate(['a.test']), makeTestCertificate(['b.test'])]);
  const extraFile = join(folder, 'extra file.pem');
  await writeFile(extraFile, `# a comment\n${extra}\n${extra}`);
  const files = await writeTrustFiles(folder, ca, [extraFile, undefined, join(folder, 'missing.pem')]);
  return {
    folder,
    files,
    ca: new X509Certificate(ca).fingerprint256,
    extra: new X509Certificate(extra).fingerprint256,
  };
}

test('the bundle holds our CA, what proxyctl was started with, and the public roots, each once', async () => {
  const { files, ca, extra } = await written();
  const found = await fingerprints(files.bundle);
  expect(found.slice(0, 2)).toEqual([ca, extra]);
  expect(new Set(found).size).toBe(found.length);
  expect(found).toContain(new X509Certificate(rootCertificates[0] ?? '').fingerprint256);
  expect(found.length).toBeGreaterThanOrEqual(rootCertificates.length + 2);
});

test('the additions hold our CA and what proxyctl was started with, no public root', async () => {
  const { files, ca, extra } = await written();
  expect(await fingerprints(files.additions)).toEqual([ca, extra]);
});

test('Java’s own tool reads the trust store and finds our CA in it', async (context) => {
  const { files, ca } = await written();
  const args = ['-list', '-keystore', files.javaTrustStore, '-storepass', 'changeit', '-alias', 'proxyctl-0'];
  const listed = await run('keytool', args).catch(() => context.skip('no JDK here'));
  expect(listed.stdout.replaceAll(':', '')).toContain(ca.replaceAll(':', ''));
  const all = await run('keytool', args.slice(0, 5));
  expect(all.stdout).toContain(`contains ${(await fingerprints(files.bundle)).length} entries`);
});

test('the same content gives the same files, written once, also by several at a time', async () => {
  const folder = await tempFolder('trust');
  const { ca } = await makeTestCertificate(['a.test']);
  const all = await Promise.all(Array.from({ length: 8 }, () => writeTrustFiles(folder, ca, [])));
  expect(new Set(all.map((files) => JSON.stringify(files))).size).toBe(1);
  expect(await readdir(folder)).toHaveLength(3);
  expect(await readFile(all[0]?.bundle ?? '', 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
});

test('a folder that cannot be written to is named, with what to do', async () => {
  const file = join(await tempFolder('trust'), 'file');
  await writeFile(file, '');
  const { ca } = await makeTestCertificate(['a.test']);
  await expect(writeTrustFiles(join(file, 'trust'), ca, [])).rejects.toMatchObject({
    code: 'PROXYCTL_CONFIG',
    message: expect.stringContaining(file) as string,
    hint: expect.stringContaining('PROXYCTL_HOME') as string,
  });
});
