import { crc32 as zlibCrc32 } from 'node:zlib';

/** A checksum as bytes, the most significant first. */
type Checksum = (data: Buffer) => Buffer;

/** IEEE 802.3, as zip and gzip have it. */
export const crc32: Checksum = (data) => fourBytes(zlibCrc32(data));

/** Castagnoli (RFC 3720), as Google Cloud Storage and S3 have it. */
export const crc32c: Checksum = (data) => {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] as number);
  return fourBytes(~crc >>> 0);
};

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** CRC-64/NVME, which S3 takes by default. */
export const crc64nvme = crc64(0x9a6c9329ac4bc9b5n);
/** CRC-64/XZ, also called ECMA, as Alibaba Cloud's object storage has it. */
export const crc64xz = crc64(0xc96c5795d7870f42n);

/** By its reflected polynomial, with all bits set before and inverted after. */
function crc64(polynomial: bigint): Checksum {
  // The table of 64-bit values in two halves: numbers hold 32 bits at a time.
  const table = Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = (value & 1n) === 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    return value;
  });
  const highs = Uint32Array.from(table, (value) => Number(value >> 32n));
  const lows = Uint32Array.from(table, (value) => Number(value & 0xffffffffn));
  return (data) => {
    let [high, low] = [0xffffffff, 0xffffffff];
    for (const byte of data) {
      const index = (low ^ byte) & 0xff;
      low = (((low >>> 8) | (high << 24)) ^ (lows[index] as number)) >>> 0;
      high = ((high >>> 8) ^ (highs[index] as number)) >>> 0;
    }
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~high >>> 0, 0);
    bytes.writeUInt32BE(~low >>> 0, 4);
    return bytes;
  };
}
