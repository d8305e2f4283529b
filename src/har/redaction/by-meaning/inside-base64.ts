const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const bitsOf = new Map([...standard].map((character, bits) => [character, bits]));
bitsOf.set('-', 62).set('_', 63);

/** What Base64 (RFC 4648 §4 and §5) says of a secret whose neighbours are not known. */
export const base64Alphabet = {
  /** The characters that the secret alone decides when `offset` bytes of a group of three stand before it. */
  coresOf(secret: string, offset: number): string[] {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const core = bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return [...new Set([core, core.replaceAll('+', '-').replaceAll('/', '_')])];
  },
};

interface Found {
  /** Where the characters stand that the secret alone decides. */
  start: number;
  end: number;
  secret: string;
  placeholder: string;
  offset: number;
}

/**
 * The Base64 of a text in which a placeholder stands for a secret. The characters at its ends say something of its
 * neighbours, too, which stays.
 */
export function replaceInBase64(text: string, { start, end, secret, placeholder, offset }: Found) {
  const urlSafe = /[-_]/.test(text.slice(start, end));
  const [from, to] = [offset * 8, (offset + Buffer.byteLength(secret)) * 8];
  const first = Math.floor(from / 6);
  const last = Math.ceil(to / 6);
  const begin = start - (Math.ceil(from / 6) - first);
  const stop = end + (last - Math.floor(to / 6));
  const bytes = sameLength(Buffer.from(placeholder), Buffer.byteLength(secret));
  let written = '';
  for (let place = first; place < last; place += 1) {
    const at = begin + place - first;
    const present = bitsOf.get(text[at] ?? '');
    if (present === undefined) {
      if (at >= start && at < end) throw new RangeError('No Base64');
      written += text[at] ?? '';
      continue;
    }
    written += characterOf(mixed(present, place * 6, { bytes, from, to }), urlSafe);
  }
  return { start: Math.max(0, begin), end: Math.min(stop, text.length), text: written };
}

/** Six bits: those between `from` and `to` are of `bytes`, the others as they were. */
function mixed(present: number, at: number, { bytes, from, to }: { bytes: Buffer; from: number; to: number }): number {
  let bits = 0;
  for (let bit = at; bit < at + 6; bit += 1) {
    const was = (present >> (at + 5 - bit)) & 1;
    const isOurs = bit >= from && bit < to;
    const ours = isOurs ? ((bytes[(bit - from) >> 3] ?? 0) >> (7 - ((bit - from) & 7))) & 1 : was;
    bits = (bits << 1) | ours;
  }
  return bits;
}

function characterOf(bits: number, urlSafe: boolean): string {
  const character = standard[bits] as string;
  return urlSafe ? character.replace('+', '-').replace('/', '_') : character;
}

/** Letters that are none of ASCII have one character in a placeholder and several bytes in the secret. */
function sameLength(bytes: Buffer, length: number): Buffer {
  if (bytes.length === length) return bytes;
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length), 'x')]).subarray(0, length);
}
