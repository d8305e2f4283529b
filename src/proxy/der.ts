/*
 * Just enough DER (ITU-T X.690) to write a leaf certificate and to find the few fields of our own CA that it repeats.
 * The general library takes 3 ms of JavaScript for each certificate and 0.2 s to load; a leaf written here takes 0.1
 * ms.
 */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** One tag-length-value of the given contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of contents) length += part.length;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x1_0000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Uint8Array.from(header), ...contents], header.length + length);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...contents);
}

/** An object identifier, given as its content bytes in hex. */
export function oid(hex: string): Buffer {
  return der(tags.objectIdentifier, Buffer.from(hex, 'hex'));
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). Whole seconds. */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const year = Number(digits.slice(0, 4));
  return year < 2050
    ? der(tags.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : der(tags.generalizedTime, Buffer.from(`${digits}Z`));
}

interface DerNode {
  tag: number;
  /** The whole TLV. */
  raw: Buffer;
  content: Buffer;
}

/** The TLVs that follow one another in `data`. Throws a `RangeError` when they do not fill it. */
export function readDer(data: Buffer): DerNode[] {
  const nodes: DerNode[] = [];
  for (let offset = 0; offset < data.length;) {
    const tag = data.readUInt8(offset);
    const first = data.readUInt8(offset + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : data.readUIntBE(offset + 2, lengthBytes);
    const start = offset + 2 + lengthBytes;
    const end = start + length;
    if (end > data.length) throw new RangeError('DER value is longer than its container');
    nodes.push({ tag, raw: data.subarray(offset, end), content: data.subarray(start, end) });
    offset = end;
  }
  return nodes;
}
