import { createHash } from 'node:crypto';
import { certificateContent } from '../../core/pem.js';

/** A trust store has no secrets; Java's own one has this password too. */
export const trustStorePassword = 'changeit';

const magic = 0xfeedfeed;
const version = 2;
const trustedCertificate = 2;

/**
 * A Java key store of trusted certificates, in the format JKS, which every Java reads as a trust store. Written here so
 * that neither a JDK nor the seconds that `keytool` takes are needed. The layout (big-endian, texts with a 16-bit
 * length in front) is that of `sun.security.provider.JavaKeyStore`: magic, version, count, entries of tag, alias,
 * creation time, certificate type and DER; at the end a SHA-1 over password, a fixed phrase and all of that.
 */
export function javaTrustStore(certificates: readonly string[], createdAt: Date): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(magic, 0);
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(certificates.length, 8);
  const content = Buffer.concat([
    header,
    ...certificates.flatMap((pem, index) => entry(`proxyctl-${index}`, pem, createdAt)),
  ]);
  return Buffer.concat([content, digest(content)]);
}

function entry(alias: string, pem: string, createdAt: Date): Buffer[] {
  const der = Buffer.from(certificateContent(pem), 'base64');
  const tag = Buffer.alloc(4);
  tag.writeUInt32BE(trustedCertificate);
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(createdAt.getTime()));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(der.length);
  return [tag, shortText(alias), time, shortText('X.509'), length, der];
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text, 'ascii');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function digest(content: Buffer): Buffer {
  const password = Buffer.from(trustStorePassword, 'utf16le').swap16();
  return createHash('sha1').update(password).update('Mighty Aphrodite').update(content).digest();
}
