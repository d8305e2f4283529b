import { between, oneOf } from '../seeded.js';

/** Values at which lengths and codes are often wrong. */
const telling = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x3a, 0x7f, 0x80, 0xff];

/** One to four faults in a copy of `bytes`: changed, lost, doubled, moved or foreign bytes, or an early end. */
export function mutate(random: () => number, bytes: Buffer): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let left = between(random, 1, 4); left > 0; left -= 1) result = fault(random, result);
  return result;
}

function fault(random: () => number, bytes: Buffer): Buffer {
  if (bytes.length === 0) return noise(random, 32);
  const at = between(random, 0, bytes.length - 1);
  const end = Math.min(bytes.length, at + between(random, 1, 24));
  switch (between(random, 0, 7)) {
    case 0:
      bytes[at] = between(random, 0, 255);
      return bytes;
    case 1:
      bytes[at] = oneOf(random, telling);
      return bytes;
    case 2:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << between(random, 0, 7));
      return bytes;
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), noise(random, 48), bytes.subarray(at)]);
    case 6:
      return Buffer.concat([bytes.subarray(end), bytes.subarray(0, end)]);
    default:
      return bytes.subarray(0, at);
  }
}

export function noise(random: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length: between(random, 1, length) }, () => between(random, 0, 255)));
}

/** The same bytes in up to five writes. */
export function pieces(random: () => number, bytes: Buffer): Buffer[] {
  const cuts = Array.from({ length: between(random, 0, 4) }, () => between(random, 0, bytes.length)).sort(
    (a, b) => a - b,
  );
  return [...cuts, bytes.length].map((cut, index) => bytes.subarray(index === 0 ? 0 : cuts[index - 1], cut));
}
