import { isIP } from 'node:net';

/**
 * What an address is for, where that is of no concern to a client on another machine: this machine itself, its link, or
 * the service that tells a virtual machine its credentials.
 */
export type ReservedKind = 'loopback' | 'link-local' | 'metadata';

interface Range {
  kind: ReservedKind;
  prefix: readonly number[];
  bits: number;
}

/** RFC 6890; “this host” (0.0.0.0/8, ::) is loopback too, as systems connect it there. */
const ranges: readonly Range[] = [
  range('metadata', '169.254.169.254', 32), // AWS, Google, Azure, DigitalOcean, OpenStack
  range('metadata', '169.254.170.2', 32), // AWS ECS
  range('metadata', '100.100.100.200', 32), // Alibaba
  range('metadata', '168.63.129.16', 32), // Azure
  range('metadata', '192.0.0.192', 32), // Oracle
  range('metadata', 'fd00:ec2::254', 128), // AWS
  range('metadata', 'fd20:ce::254', 128), // Google
  range('loopback', '127.0.0.0', 8),
  range('loopback', '0.0.0.0', 8),
  range('loopback', '::', 128),
  range('loopback', '::1', 128),
  range('link-local', '169.254.0.0', 16),
  range('link-local', 'fe80::', 10),
];

/** Prefixes of IPv6 behind which an IPv4 address stands, and where it begins. */
const embeddings: readonly { prefix: readonly number[]; bits: number; at: number }[] = [
  { ...range('loopback', '::ffff:0:0', 96), at: 12 }, // mapped, RFC 4291
  { ...range('loopback', '::ffff:0:0:0', 96), at: 12 }, // translated, RFC 2765
  { ...range('loopback', '64:ff9b::', 96), at: 12 }, // NAT64, RFC 6052
  { ...range('loopback', '64:ff9b:1::', 48), at: 12 }, // NAT64 of a network's own, RFC 8215
  { ...range('loopback', '2002::', 16), at: 2 }, // 6to4, RFC 3056
  { ...range('loopback', '::', 96), at: 12 }, // compatible, RFC 4291
];

/** What an IP address is reserved for, however it is written; `undefined` for all others and for what is no address. */
export function reservedKind(address: string): ReservedKind | undefined {
  const bytes = addressBytes(address);
  return bytes === undefined ? undefined : kindOf(bytes);
}

/** The bytes of an address, 4 or 16; `undefined` for what is none. A zone (`%eth0`) is no part of it. */
export function addressBytes(address: string): readonly number[] | undefined {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 4) return plain.split('.').map(Number);
  if (family !== 6) return undefined;
  const short = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [before = '', after] = short.split('::');
  const head = groups(before);
  const tail = after === undefined ? [] : groups(after);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 255]);
}

/** The same address in one spelling, an IPv4 address that stands in an IPv6 one as IPv4. */
export function canonicalAddress(address: string): string | undefined {
  const bytes = addressBytes(address);
  if (bytes === undefined) return undefined;
  const mapped = bytes.length === 16 && startsWith(bytes, range('loopback', '::ffff:0:0', 96));
  if (mapped || bytes.length === 4) return bytes.slice(-4).join('.');
  return new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
}

function kindOf(bytes: readonly number[]): ReservedKind | undefined {
  const own = ranges.find((each) => startsWith(bytes, each))?.kind;
  if (own !== undefined || bytes.length === 4) return own;
  const within = embeddings.find((each) => startsWith(bytes, each));
  return within === undefined ? undefined : kindOf(bytes.slice(within.at, within.at + 4));
}

/** Whether the first `bits` of an address are those of a prefix of the same family. */
export function startsWith(
  bytes: readonly number[],
  { prefix, bits }: { prefix: readonly number[]; bits: number },
): boolean {
  if (bytes.length !== prefix.length) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 255 : 255 << (8 - (bits - bit));
    if ((((bytes[bit >> 3] ?? 0) ^ (prefix[bit >> 3] ?? 0)) & mask & 255) !== 0) return false;
  }
  return true;
}

function range(kind: ReservedKind, prefix: string, bits: number): Range {
  return { kind, prefix: addressBytes(prefix) ?? [], bits };
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
