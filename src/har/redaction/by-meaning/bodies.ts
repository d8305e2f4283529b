import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import { protobufCarrier, readFrames, writeFrames } from '../../../http/index.js';
import { maxBodyBytes } from '../redactor.js';

interface Change {
  /** Of compressed messages in a gRPC stream. */
  messageEncoding: string | undefined;
  text: (text: string, mediaType: string) => string;
  bytes: (bytes: Buffer) => Buffer | undefined;
}

const textTypes = /json|xml|text|javascript|x-www-form-urlencoded|graphql|yaml|toml|csv|sql|ndjson|html/i;

/** Media types of files: archives, programs, documents. */
const fileTypes = /octet-stream|zip|tar|compressed|archive|pdf|wasm|executable|x-msdownload|\.package|debian|rpm/i;

/** A body with its texts changed, in the charset that it is in; undefined when nothing changed. */
export function changeBody(body: Buffer, contentType: string | undefined, change: Change): Buffer | undefined {
  const mediaType = contentType ?? 'text/plain';
  const essence = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  const carrier = protobufCarrier(essence);
  if (carrier !== undefined && carrier !== 'bare') {
    const frames = readFrames(body, carrier, change.messageEncoding);
    if (frames === undefined) return change.bytes(body);
    const changed = frames.map(({ message }) => changeMessage(message, essence, change));
    if (changed.every((message) => message === undefined)) return undefined;
    const written = frames.map(({ flags, message }, i) => ({ flags, message: changed[i] ?? message }));
    return writeFrames(written, carrier, change.messageEncoding);
  }
  if (body[0] === 0x1f && body[1] === 0x8b) return changeGzip(body, change);
  const charset = charsetOf(body, mediaType);
  // a file is what it is to the last byte: whoever downloads it may know its digest
  if (charset === undefined) return fileTypes.test(essence) ? undefined : change.bytes(body);
  const text = charset.decode(body);
  const changed = change.text(text, mediaType);
  return changed === text ? undefined : charset.encode(changed);
}

function changeMessage(message: Buffer, essence: string, change: Change): Buffer | undefined {
  if (!essence.endsWith('json') && !isText(message)) return change.bytes(message);
  return changeBody(message, 'application/json', change);
}

function changeGzip(body: Buffer, change: Change): Buffer | undefined {
  try {
    const plain = gunzipSync(body, { maxOutputLength: maxBodyBytes });
    const changed = isText(plain) ? changeBody(plain, undefined, change) : undefined;
    return changed === undefined ? undefined : gzipSync(changed);
  } catch {
    return undefined; // no gzip after all, or too large
  }
}

interface Charset {
  decode: (bytes: Buffer) => string;
  encode: (text: string) => Buffer;
}

const utf8: Charset = { decode: (bytes) => bytes.toString('utf8'), encode: (text) => Buffer.from(text) };
/** Also for the charsets of one byte that are beside it: what is replaced is ASCII. */
const latin1: Charset = {
  decode: (bytes) => bytes.toString('latin1'),
  encode: (text) => Buffer.from(text, 'latin1'),
};
const utf16: Charset = {
  decode: (bytes) => bytes.toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le'),
};
const utf16be: Charset = {
  decode: (bytes) => utf16.decode(swapped(bytes)),
  encode: (text) => swapped(utf16.encode(text)),
};

/** How the bytes are characters; undefined where they are none. */
function charsetOf(body: Buffer, mediaType: string): Charset | undefined {
  if (body.length % 2 === 0) {
    if (body[0] === 0xff && body[1] === 0xfe) return utf16;
    if (body[0] === 0xfe && body[1] === 0xff) return utf16be;
    const [, order] = /charset="?utf-16(le|be)?/i.exec(mediaType) ?? [];
    if (order !== undefined) return order.toLowerCase() === 'le' ? utf16 : utf16be;
  }
  if (!textTypes.test(mediaType)) return isText(body) ? utf8 : undefined;
  if (isUtf8(body)) return utf8;
  return hasNoControls(body) ? latin1 : undefined; // a type is a claim: servers call text what they know nothing of
}

/** UTF-8 without what no text has. */
function isText(body: Buffer): boolean {
  return isUtf8(body) && hasNoControls(body.subarray(0, 4096));
}

/** But for those of line ends, tabs, and terminals. */
function hasNoControls(body: Buffer): boolean {
  return body.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13) || byte === 0x1b);
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}
