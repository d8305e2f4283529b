import { createHash, randomBytes, sign, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { der, oid, readDer, sequence, tags, time } from './der.js';

const day = 24 * 60 * 60 * 1000;
/** Under the 200 days that public CAs are held to from 2026 on, which some clients apply to every certificate. */
const leafDays = 190;

/** Whoever signs: the fields that a leaf repeats from the CA's certificate, and its key. */
export interface Issuer {
  key: KeyObject;
  subject: Buffer;
  subjectKeyId: Buffer | undefined;
  notBefore: number;
  notAfter: number;
}

export interface Leaf {
  pem: string;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

/** Reads what a leaf needs from the CA's certificate. */
export function issuerOf(certificate: X509Certificate, key: KeyObject): Issuer {
  const [tbs] = readDer(child(certificate.raw));
  const fields = readDer(tbs?.content ?? Buffer.alloc(0));
  // version [0], serial, algorithm, issuer, validity, subject, key, …, extensions [3] (RFC 5280 §4.1)
  const subject = fields[5]?.raw;
  if (fields[0]?.tag !== 0xa0 || subject === undefined) throw new RangeError('not an X.509 version 3 certificate');
  const extensions = fields.find(({ tag }) => tag === 0xa3);
  return {
    key,
    subject,
    subjectKeyId: extensions === undefined ? undefined : subjectKeyId(child(extensions.content)),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  };
}

/** A server certificate for one DNS name or IP address, for the public key given as SubjectPublicKeyInfo. */
export function signLeaf(issuer: Issuer, name: string, publicKey: Buffer, now: number): Leaf {
  // Backdated, as a device's clock may be slow; never outside the CA's own time.
  const notBefore = Math.max(now - day, issuer.notBefore);
  const notAfter = Math.min(now + leafDays * day, issuer.notAfter);
  const algorithm = issuer.key.asymmetricKeyType === 'rsa' ? sha256WithRsa : ecdsaWithSha256;
  const tbs = sequence(
    der(0xa0, der(tags.integer, Uint8Array.of(2))),
    der(tags.integer, positiveSerial()),
    algorithm,
    issuer.subject,
    sequence(time(notBefore), time(notAfter)),
    commonName(name),
    publicKey,
    der(0xa3, sequence(...extensionsFor(issuer, name, publicKey))),
  );
  const signature = sign('sha256', tbs, issuer.key);
  const certificate = sequence(tbs, algorithm, der(tags.bitString, Uint8Array.of(0), signature));
  return { pem: toPem(certificate), notBefore, notAfter };
}

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const sha256WithRsa = sequence(oid('2a864886f70d01010b'), der(0x05));
const serverAuth = sequence(oid('2b06010505070301'));
const digitalSignature = der(tags.bitString, Uint8Array.of(7, 0x80));

function extensionsFor(issuer: Issuer, name: string, publicKey: Buffer): Buffer[] {
  const address = addressBytes(name);
  const alternativeName = address === undefined ? der(0x82, Buffer.from(dnsName(name))) : der(0x87, address);
  const keyId = createHash('sha1').update(publicKey).digest();
  return [
    // Critical where the subject is empty (RFC 5280 §4.2.1.6).
    extension('551d11', sequence(alternativeName), dnsName(name).length > 64),
    extension('551d0f', digitalSignature, true),
    extension('551d25', serverAuth, false),
    extension('551d13', sequence(), true),
    extension('551d0e', der(tags.octetString, keyId), false),
    ...(issuer.subjectKeyId === undefined
      ? []
      : [extension('551d23', sequence(der(0x80, issuer.subjectKeyId)), false)]),
  ];
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  const flag = critical ? [der(tags.boolean, Uint8Array.of(0xff))] : [];
  return sequence(oid(id), ...flag, der(tags.octetString, value));
}

/** 16 bytes, neither negative nor starting with a zero byte: Go refuses the first, DER the second. */
function positiveSerial(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return serial;
}

/** A name over 64 characters cannot be a common name; the subject is then empty. */
function commonName(name: string): Buffer {
  const text = dnsName(name);
  if (text.length > 64) return sequence();
  return sequence(der(tags.set, sequence(oid('550403'), der(tags.utf8String, Buffer.from(text)))));
}

/** As certificates have it: ASCII, without a final dot. */
function dnsName(name: string): string {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return domainToASCII(bare) || bare;
}

function addressBytes(name: string): Buffer | undefined {
  const address = name.split('%', 1)[0] ?? name;
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  return ipv6Bytes(address);
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser writes an embedded IPv4 part and all shortenings in one way.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function subjectKeyId(extensions: Buffer): Buffer | undefined {
  const wanted = oid('551d0e');
  for (const { content } of readDer(extensions)) {
    const parts = readDer(content);
    const value = parts.at(-1);
    if (parts[0]?.raw.equals(wanted) && value !== undefined) return child(value.content);
  }
  return undefined;
}

/** The content of the one TLV in `data`. */
function child(data: Buffer): Buffer {
  return readDer(data)[0]?.content ?? Buffer.alloc(0);
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
