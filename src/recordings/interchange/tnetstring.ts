/**
 * A value of a tnetstring (tnetstrings.info, with mitmproxy's `;` for Unicode text): bytes are Buffers, text is string.
 */
export type Tnet = null | boolean | number | string | Buffer | Tnet[] | { [name: string]: Tnet };

/** Numbers that must be written as floats, whole or not. */
export class Float {
  constructor(readonly value: number) {}
}
export type Writable =
  null | boolean | number | string | Buffer | Float | readonly Writable[] | { readonly [name: string]: Writable };

export function writeTnet(value: Writable): Buffer {
  if (value === null) return Buffer.from('0:~');
  if (typeof value === 'boolean') return sized(Buffer.from(String(value)), '!');
  if (typeof value === 'number') return sized(Buffer.from(String(value)), Number.isInteger(value) ? '#' : '^');
  if (typeof value === 'string') return sized(Buffer.from(value), ';');
  if (Buffer.isBuffer(value)) return sized(value, ',');
  if (value instanceof Float) return sized(Buffer.from(decimal(value.value)), '^');
  if (isList(value)) return sized(Buffer.concat(value.map(writeTnet)), ']');
  return sized(Buffer.concat(Object.entries(value).flatMap(([name, each]) => [writeTnet(name), writeTnet(each)])), '}');
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}

function sized(payload: Buffer, tag: string): Buffer {
  return Buffer.concat([Buffer.from(`${payload.length}:`), payload, Buffer.from(tag)]);
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

export interface Parsed {
  value: Tnet;
  /** Where the next one begins. */
  end: number;
}

/**
 * The value at `start`; undefined when not all of it is there yet. Throws `SyntaxError` with the place when it is none.
 */
export function parseTnet(data: Buffer, start = 0, depth = 0): Parsed | undefined {
  const colon = data.indexOf(0x3a, start);
  const digits = data.subarray(start, colon < 0 ? start + 11 : colon).toString('latin1');
  if (!/^\d{0,10}$/.test(digits) || (colon >= 0 && digits === '')) {
    throw new SyntaxError(`no length of a tnetstring at byte ${start}`);
  }
  if (colon < 0) return undefined;
  const end = colon + 1 + Number(digits);
  if (end >= data.length) return undefined;
  if (depth > maxDepth) throw new SyntaxError(`a tnetstring within ${maxDepth} others at byte ${start}`);
  return { value: valueOf(data.subarray(colon + 1, end), data[end] as number, colon + 1, depth), end: end + 1 };
}

/** A flow has a handful; of what is nested without end none is read. */
const maxDepth = 100;

function valueOf(payload: Buffer, tag: number, at: number, depth: number): Tnet {
  switch (String.fromCharCode(tag)) {
    case '~':
      return null;
    case '!':
      return payload.toString('latin1') === 'true';
    case '#':
    case '^':
      return Number(payload.toString('latin1'));
    case ',':
      return payload;
    case ';':
      return payload.toString('utf8');
    case ']':
      return listOf(payload, at, depth);
    case '}':
      return objectOf(listOf(payload, at, depth));
    default:
      throw new SyntaxError(`no type of a tnetstring at byte ${at + payload.length}`);
  }
}

function listOf(payload: Buffer, at: number, depth: number): Tnet[] {
  const items: Tnet[] = [];
  for (let place = 0; place < payload.length;) {
    const parsed = parseTnet(payload, place, depth + 1);
    if (parsed === undefined) throw new SyntaxError(`a tnetstring that is too long at byte ${at + place}`);
    items.push(parsed.value);
    place = parsed.end;
  }
  return items;
}

/** Names that old versions wrote as bytes are names all the same. */
function objectOf(items: Tnet[]): { [name: string]: Tnet } {
  const pairs: [string, Tnet][] = [];
  for (let i = 0; i + 1 < items.length; i += 2) pairs.push([nameOf(items[i]), items[i + 1] as Tnet]);
  return Object.fromEntries(pairs);
}

function nameOf(value: Tnet | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : '';
}
