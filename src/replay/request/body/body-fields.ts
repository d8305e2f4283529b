import { createHash } from 'node:crypto';
import { textField, type Field } from '../field.js';
import { namedFields } from '../matchers/named-fields.js';
import type { MediaType } from '../media-type.js';
import { decodeText } from '../text/charset.js';
import { parseJsonLines } from '../text/json-lines.js';
import { parseJsonText, type JsonNode } from '../text/json-text.js';
import { pairsOf } from '../text/urlencoded.js';
import { parseXml } from '../text/xml-text.js';
import { protobufCarrier, readFrames } from '../../../http/index.js';
import { jsonFields } from './json-fields.js';
import { multipartFields } from './multipart-fields.js';
import { xmlFields } from './xml-fields.js';
import { protobufFields } from './protobuf-fields.js';

/** Parts may have parts, so deep. */
const maxDepth = 8;

/**
 * The values that a body holds, by its media type and its look. None: the body is empty. `grpcEncoding`: of its
 * messages. `depth`: how many bodies it lies in.
 */
export function bodyFields(body: Buffer, mediaType: MediaType, grpcEncoding?: string, depth = 0): Field[] {
  if (body.length === 0) return [];
  const json = jsonBody(body, mediaType);
  if (json !== undefined) return jsonFields(json);
  const proto = protobufBody(body, mediaType, grpcEncoding);
  if (proto !== undefined) return proto;
  if (mediaType.essence.startsWith('multipart/')) {
    const content = (part: Buffer, type: MediaType): Field[] => bodyFields(part, type, undefined, depth + 1);
    return (depth < maxDepth ? multipartFields(body, mediaType, content) : undefined) ?? [bytesField(body)];
  }
  const text = textBody(body, mediaType);
  if (text === undefined) return [bytesField(body)];
  const lines = parseJsonLines(text, mediaType.essence);
  if (lines !== undefined) return lines.flatMap(({ node }, i) => jsonFields(node, `json[${i}] $`));
  if (mediaType.essence === 'application/x-www-form-urlencoded') return namedFields('form', pairsOf(text));
  const xml = looksLikeXml(text, mediaType) ? parseXml(text) : undefined;
  return xml === undefined ? [textField('body', '', text)] : xmlFields(xml);
}

/** The JSON whose leaves are all that `bodyFields` finds in a body; undefined when it finds something else. */
export function jsonBody(body: Buffer, mediaType: MediaType): JsonNode | undefined {
  const { essence } = mediaType;
  if (body.length === 0 || protobufCarrier(essence) !== undefined || essence.startsWith('multipart/')) return undefined;
  const text = textBody(body, mediaType);
  return text !== undefined && looksLikeJson(text, mediaType) ? parseJsonText(text) : undefined;
}

/** Undefined when the bytes are no text. */
function textBody(body: Buffer, mediaType: MediaType): string | undefined {
  const decoded = decodeText(body, mediaType);
  return decoded.isGuess ? undefined : decoded.text;
}

function protobufBody(body: Buffer, { essence }: MediaType, grpcEncoding: string | undefined): Field[] | undefined {
  const carrier = protobufCarrier(essence);
  if (carrier === undefined) return undefined;
  if (carrier === 'bare') return protobufFields(body);
  const frames = readFrames(body, carrier, grpcEncoding);
  return frames?.flatMap(({ message }, i) => {
    const prefix = frames.length === 1 ? 'proto' : `message[${i}] proto`;
    const empty = textField(prefix, '', '');
    return message.length === 0 ? [empty] : (protobufFields(message, prefix) ?? [bytesField(message, prefix)]);
  });
}

/** Some clients send JSON under another media type (curl's `-d` says that it is a form). */
function looksLikeJson(text: string, { essence }: MediaType): boolean {
  return /^\s*[{[]/.test(text) || essence === 'application/json' || essence.endsWith('+json');
}

function looksLikeXml(text: string, { essence }: MediaType): boolean {
  return /^[\s\ufeff]*<[?!\w]/.test(text) && !essence.includes('html');
}

/** Bytes are compared by their hash, and shown by it with their size. */
function bytesField(data: Buffer, where = 'body'): Field {
  const hash = createHash('sha256').update(data).digest('hex');
  return { where, name: '', value: `${data.length} bytes, sha256 ${hash}`, type: 'bytes', data };
}
