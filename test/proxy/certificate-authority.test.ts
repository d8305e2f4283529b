import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../../src/proxy/certificate-authority.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { makeTestCertificate } from '../helpers/test-certificate.js';

const day = 24 * 60 * 60 * 1000;

describe('the authority', () => {
  test('is made once: a second start on the same folder has the same one', async () => {
    const folder = await tempFolder('ca');
    const first = await CertificateAuthority.open(folder);
    const second = await CertificateAuthority.open(folder);
    expect(second.fingerprint256).toBe(first.fingerprint256);
    expect(second.certPem).toBe(await readFile(join(folder, 'ca.pem'), 'latin1'));
    expect(second.certPath).toBe(join(folder, 'ca.pem'));
  });

  test('may sign servers only, for ten years, and two of them have different names', async () => {
    const one = new X509Certificate((await CertificateAuthority.open(await tempFolder('ca'))).certPem);
    const other = new X509Certificate((await CertificateAuthority.open(await tempFolder('ca'))).certPem);
    expect(one.ca).toBe(true);
    expect(one.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(Date.parse(one.validTo) - Date.now()).toBeGreaterThan(9.9 * 365 * day);
    expect(one.subject).not.toBe(other.subject);
    expect(one.subject).toMatch(/^CN=proxyctl CA [0-9a-f]{8}\nO=proxyctl$/);
    expect(one.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test.skipIf(process.platform === 'win32')('keeps its key to its owner, also when others had access', async () => {
    const folder = await tempFolder('ca');
    await CertificateAuthority.open(folder);
    const key = join(folder, 'ca.key');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    await chmod(key, 0o644);
    await chmod(folder, 0o755);
    await CertificateAuthority.open(folder);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('is one and the same for processes that start at once on an empty folder', { timeout: 60_000 }, async () => {
    const folder = join(await tempFolder('ca'), 'home', 'ca');
    const started = await Promise.all(Array.from({ length: 4 }, () => openInProcess(folder)));
    expect(new Set(started.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(started[0]?.fingerprint).toMatch(/^[0-9A-F:]{95}$/);
    expect((await readdir(folder)).sort()).toEqual(['ca.key', 'ca.pem']);
  });

  test('has its certificate put back when only the key file is left', async () => {
    const folder = await tempFolder('ca');
    const { fingerprint256 } = await CertificateAuthority.open(folder);
    await rm(join(folder, 'ca.pem'));
    expect((await CertificateAuthority.open(folder)).fingerprint256).toBe(fingerprint256);
    expect(await readFile(join(folder, 'ca.pem'), 'latin1')).toContain('BEGIN CERTIFICATE');
  });

  test.each([
    [
      'a key that is cut off',
      async (folder: string) =>
        writeFile(join(folder, 'ca.key'), '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n'),
      /damaged/,
    ],
    ['a certificate that is garbage', async (folder: string) => writeFile(join(folder, 'ca.pem'), 'hello'), /damaged/],
    ['a missing key', async (folder: string) => rm(join(folder, 'ca.key')), /its key .*ca\.key is missing/],
    [
      'a folder in place of the key',
      async (folder: string) => {
        await rm(join(folder, 'ca.key'));
        await mkdir(join(folder, 'ca.key'));
      },
      /cannot be read or made: EISDIR/,
    ],
    [
      'a key of another authority',
      async (folder: string) => {
        const other = await tempFolder('ca');
        await CertificateAuthority.open(other);
        await writeFile(join(folder, 'ca.key'), await readFile(join(other, 'ca.key')));
      },
      /ca\.key does not belong to ca\.pem/,
    ],
    [
      'a certificate that may not sign',
      async (folder: string) => {
        const { cert, key } = await makeTestCertificate(['a.test']);
        await writeFile(join(folder, 'ca.pem'), cert);
        await writeFile(join(folder, 'ca.key'), key);
      },
      /may not sign others/,
    ],
    [
      'an expired authority',
      async (folder: string) => {
        const { ca } = await makeTestCertificate(['a.test'], Date.now() - 2 * day);
        await writeFile(join(folder, 'ca.pem'), ca);
      },
      /ca\.key does not belong|expired since/,
    ],
  ])('refuses %s, and says what to do', async (_, damage, message) => {
    const folder = await tempFolder('ca');
    await CertificateAuthority.open(folder);
    await damage(folder);
    const opened = CertificateAuthority.open(folder);
    await expect(opened).rejects.toMatchObject({ code: 'PROXYCTL_CA', hint: expect.stringMatching(/\S/) as string });
    await expect(opened).rejects.toThrow(message);
  });
});

describe('a leaf', () => {
  test.each([
    'a.example.test',
    'xn--bcher-kva.example',
    '127.0.0.1',
    '::1',
    '2001:db8::ff00:42:8329',
    '::ffff:192.0.2.1',
    'localhost',
  ])('for %s is accepted by a TLS client that trusts the authority', async (name) => {
    const authority = await CertificateAuthority.open(await tempFolder('ca'));
    const certificate = await handshake(authority, name);
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBeLessThan(200 * day);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 0.9 * day);
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test('for a name too long for a common name is accepted too', async () => {
    const authority = await CertificateAuthority.open(await tempFolder('ca'));
    const certificate = await handshake(authority, `${'a'.repeat(60)}.${'b'.repeat(60)}.test`);
    expect(certificate.subject).toBe(undefined);
    expect(certificate.subjectAltName).toContain('b'.repeat(60));
  });

  test('is refused under another name', async () => {
    const authority = await CertificateAuthority.open(await tempFolder('ca'));
    await expect(handshake(authority, 'a.test', 'b.test')).rejects.toThrow(/altnames|does not match/i);
  });

  test('keeps its context until the limit pushes the least recently used out', async () => {
    const authority = await CertificateAuthority.open(await tempFolder('ca'), { maxContexts: 2 });
    const first = authority.contextFor('a.test');
    authority.contextFor('b.test');
    expect(authority.contextFor('a.test')).toBe(first);
    authority.contextFor('c.test');
    expect(authority.contextFor('a.test')).toBe(first);
    const second = authority.contextFor('b.test');
    expect(authority.contextFor('b.test')).toBe(second);
    expect(authority.contextFor('a.test')).toBe(first);
  });
});

/** The certificate that a client sees of a server with the context for `name`. */
function handshake(authority: CertificateAuthority, name: string, expected = name): Promise<X509Certificate> {
  const server = createServer((socket) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext: authority.contextFor(name) });
    tls.on('error', () => undefined).resume();
  });
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const isAddress = /^[\d.]+$|:/.test(expected);
      const client = connect({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        ca: authority.certPem,
        ...(isAddress ? { checkServerIdentity: () => undefined } : { servername: expected }),
      });
      client.once('secureConnect', () => {
        const certificate = client.getPeerX509Certificate() as X509Certificate;
        const matches = isAddress ? certificate.checkIP(expected) : certificate.checkHost(expected);
        client.destroy();
        if (matches === undefined) reject(new Error(`the certificate does not match ${expected}`));
        else resolve(certificate);
      });
      client.once('error', reject);
    });
  }).finally(() => server.close()) as Promise<X509Certificate>;
}

/** Another process of the built package that opens the authority. */
async function openInProcess(folder: string): Promise<{ fingerprint: string }> {
  const module = fileURLToPath(new URL('../../dist/src/proxy/certificate-authority.js', import.meta.url));
  const script = `const { CertificateAuthority } = await import(${JSON.stringify(module)});
    console.log((await CertificateAuthority.open(${JSON.stringify(folder)})).fingerprint256);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await once(child, 'close');
  return { fingerprint: text.trim() };
}

test('the fingerprint is the SHA-256 of the certificate', async () => {
  const authority = await CertificateAuthority.open(await tempFolder('ca'));
  const digest = createHash('sha256').update(new X509Certificate(authority.certPem).raw).digest('hex').toUpperCase();
  expect(authority.fingerprint256.replaceAll(':', '')).toBe(digest);
});
