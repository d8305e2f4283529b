import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

const day = 24 * 60 * 60 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * A new authority: ECDSA P-256, for the next ten years. It starts two years back, since a test may run with its clock
 * set back to when its traffic was recorded. A random part in its name tells two of them apart in a trust store.
 */
export async function makeAuthority(now = Date.now()): Promise<{ keyPem: string; certPem: string }> {
  // Loaded here only: it takes 0.2 s, and an authority is made once.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: `CN=proxyctl CA ${randomBytes(4).toString('hex')}, O=proxyctl`,
    notBefore: new Date(now - 730 * day),
    notAfter: new Date(now + 3652 * day),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const keyPem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { keyPem, certPem: `${certificate.toString('pem').trim()}\n` };
}
