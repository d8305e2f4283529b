import { isAscii, isUtf8 } from 'node:buffer';
import type { MediaType } from '../media-type.js';
import { tableOf, type CharsetTable } from './charset-table.js';

/** Bytes read as text, and the way back. */
export interface DecodedText {
  /** Without a byte order mark. */
  readonly text: string;
  /** Another text in the same charset, with the mark that the bytes had; of what it lacks, question marks. */
  encode: (text: string) => Buffer;
  /** Nothing says that it is text, and its bytes are no UTF-8: each is a character, so that none is lost. */
  isGuess: boolean;
  /** Its characters have two bytes or four: zeros among them are no sign of data. */
  isWide: boolean;
}

interface Codec {
  decode: (bytes: Buffer) => string;
  encode: (text: string) => Buffer;
  isWide?: true;
}

/**
 * A body as text: by its byte order mark, by the charset that its header names, by what it declares itself, by its
 * bytes. What is not in that charset after all is read byte by byte.
 */
export function decodeText(bytes: Buffer, { essence, parameters }: MediaType): DecodedText {
  const marked = firstOfMarks.has(bytes[0] ?? -1)
    ? marks.find(({ mark }) => bytes.subarray(0, mark.length).equals(mark))
    : undefined;
  if (marked !== undefined) return decodedWith(marked.codec, bytes, marked.mark) ?? byteByByte(bytes);
  const named = parameters.get('charset') ?? (isAscii(bytes) ? undefined : declaredIn(bytes, essence));
  const codec = (named === undefined ? undefined : codecNamed(named, bytes)) ?? wideLike(bytes);
  const decoded = codec === undefined ? undefined : decodedWith(codec, bytes);
  if (decoded !== undefined) return decoded;
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), encode: utf8.encode, ...narrow } : byteByByte(bytes);
}

const narrow = { isGuess: false, isWide: false };

function byteByByte(bytes: Buffer): DecodedText {
  return {
    // of data, nobody asks for it
    get text() {
      return latin1.decode(bytes);
    },
    ...{ encode: latin1.encode, isGuess: true, isWide: false },
  };
}

/** Undefined when the bytes are not in this charset: they could not be told as they were. */
function decodedWith(codec: Codec, bytes: Buffer, mark: Buffer = noBytes): DecodedText | undefined {
  const rest = bytes.subarray(mark.length);
  const text = codec.decode(rest);
  const whole = codec.encode(text);
  // the last character of a body that broke off may lack bytes
  const tail = codec.isWide === true ? rest.subarray(whole.length) : noBytes;
  if (!rest.subarray(0, rest.length - tail.length).equals(whole)) return undefined;
  const encode = (other: string): Buffer => Buffer.concat([mark, codec.encode(other), tail]);
  return { text, encode, isGuess: false, isWide: codec.isWide === true };
}

const noBytes = Buffer.alloc(0);

const utf8: Codec = { decode: (bytes) => bytes.toString('utf8'), encode: (text) => Buffer.from(text, 'utf8') };
const latin1: Codec = { decode: (bytes) => bytes.toString('latin1'), encode: (text) => Buffer.from(text, 'latin1') };
const utf16le: Codec = {
  decode: (bytes) => bytes.toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le'),
  isWide: true,
};
const utf16be: Codec = {
  decode: (bytes) => utf16le.decode(swapped(bytes, 2)),
  encode: (text) => swapped(utf16le.encode(text), 2),
  isWide: true,
};
const utf32le: Codec = {
  decode: (bytes) => {
    const points = Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(4 * i));
    return points.every((point) => point <= 0x10ffff)
      ? points.map((point) => String.fromCodePoint(point)).join('')
      : '';
  },
  encode: (text) => {
    const points = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    const bytes = Buffer.alloc(4 * points.length);
    points.forEach((point, i) => bytes.writeUInt32LE(point, 4 * i));
    return bytes;
  },
  isWide: true,
};
const utf32be: Codec = {
  decode: (bytes) => utf32le.decode(swapped(bytes, 4)),
  encode: (text) => swapped(utf32le.encode(text), 4),
  isWide: true,
};

/** Whole characters, their bytes the other way round. */
function swapped(bytes: Buffer, size: 2 | 4): Buffer {
  const copy = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % size)));
  return size === 2 ? copy.swap16() : copy.swap32();
}

/** The longer ones first: one of UTF-32 begins like one of UTF-16. */
const marks: readonly { mark: Buffer; codec: Codec }[] = [
  { mark: Buffer.from('fffe0000', 'hex'), codec: utf32le },
  { mark: Buffer.from('0000feff', 'hex'), codec: utf32be },
  { mark: Buffer.from('efbbbf', 'hex'), codec: utf8 },
  { mark: Buffer.from('fffe', 'hex'), codec: utf16le },
  { mark: Buffer.from('feff', 'hex'), codec: utf16be },
];

const firstOfMarks: ReadonlySet<number> = new Set(marks.map(({ mark }) => mark[0] ?? 0));

const wide: Readonly<Record<string, Codec>> = {
  'utf-16le': utf16le,
  'utf-16be': utf16be,
  'utf-32le': utf32le,
  'utf-32be': utf32be,
};

function codecNamed(name: string, bytes: Buffer): Codec | undefined {
  const label = name
    .trim()
    .toLowerCase()
    .replace(/^utf_?(?=\d)/, 'utf-')
    .replace('_', '-');
  if (Object.hasOwn(wide, label)) return wide[label];
  if (label === 'utf-16' || label === 'utf-32') return wideLike(bytes) ?? wide[`${label}le`];
  if (label === 'utf-8' || isAscii(bytes)) return utf8;
  const table = tableOf(label);
  return table && tableCodec(table);
}

function tableCodec({ decoder, bytesOf }: CharsetTable): Codec {
  return {
    decode: (bytes) => decoder.decode(bytes),
    encode: (text) => Buffer.from(Array.from(text, (char) => bytesOf(char) ?? [questionMark]).flat()),
  };
}

const questionMark = 0x3f;

/**
 * UTF-16 and UTF-32 without a mark: of the first characters, which are of ASCII in all that declares anything, all but
 * one byte are zero (RFC 4627 §3), and no text has the control characters that data has.
 */
function wideLike(bytes: Buffer): Codec | undefined {
  const zeros = Array.from(bytes.subarray(0, 4), (byte) => (byte === 0 ? '0' : 'x')).join('');
  const codec = byZeros[zeros];
  return codec === undefined || controls.test(codec.decode(bytes.subarray(0, 1024))) ? undefined : codec;
}

const byZeros: Readonly<Record<string, Codec>> = { x000: utf32le, '000x': utf32be, x0x0: utf16le, '0x0x': utf16be };
// eslint-disable-next-line no-control-regex -- it is control characters that are looked for
const controls = /[\0-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]/;

/** What XML, HTML and CSS say of themselves. */
function declaredIn(bytes: Buffer, essence: string): string | undefined {
  const head = bytes.subarray(0, 1024).toString('latin1');
  const xml = /^\s*<\?xml\b[^>]*\bencoding\s*=\s*["']([\w.:-]+)/.exec(head)?.[1];
  if (xml !== undefined) return xml;
  if (essence.includes('html') || essence === '') return /<meta\b[^>]*\bcharset\s*=\s*["']?([\w.:-]+)/i.exec(head)?.[1];
  return essence === 'text/css' ? /^@charset "([\w.:-]+)"/.exec(head)?.[1] : undefined;
}
