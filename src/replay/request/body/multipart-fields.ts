import { header, headerPairs } from '../../../http/index.js';
import { textField, type Field } from '../field.js';
import { byWhere } from '../matchers/named-fields.js';
import { parseMediaType, parseParameters, type MediaType } from '../media-type.js';
import { parseMultipart, type Part } from '../text/multipart.js';
import { decodeTransfer } from '../text/transfer-encoding.js';

/** The fields of a body of this media type: how the content of a part is taken apart. */
type ContentFields = (content: Buffer, mediaType: MediaType) => Field[];

/**
 * A multipart body part by part: the boundary does not show, nor does the order among parts of different names. A part
 * is all that its headers say, and its content; what they leave out is what the standards say it is. Undefined when it
 * is not multipart after all.
 */
export function multipartFields(body: Buffer, mediaType: MediaType, contentFields: ContentFields): Field[] | undefined {
  const boundary = mediaType.parameters.get('boundary');
  const parts = boundary === undefined ? undefined : parseMultipart(body, boundary);
  if (parts === undefined) return undefined;
  const described = parts.map(describe);
  const defaults = defaultsOf(mediaType, described);
  const seen = new Map<string, number>();
  const fields = described.flatMap((part) => {
    const { name } = part;
    const repeat = seen.get(name) ?? 0;
    seen.set(name, repeat + 1);
    const where = name === '' ? `part[${repeat}]` : `part ${name}${repeat === 0 ? '' : `[${repeat}]`}`;
    return partFields(part, { where, defaults, contentFields });
  });
  return [...rootField(mediaType, described), ...fields].sort(byWhere);
}

interface DescribedPart {
  part: Part;
  name: string;
  disposition: { type: string; parameters: ReadonlyMap<string, string> };
}

interface PartDefaults {
  contentType: string;
  disposition: string;
  /** Of text that says none. */
  charset: string | undefined;
}

interface PartContext {
  where: string;
  defaults: PartDefaults;
  contentFields: ContentFields;
}

function describe(part: Part): DescribedPart {
  const text = header(part.headers, 'content-disposition') ?? '';
  const type = /^\s*([^\s;]+)/.exec(text)?.[1]?.toLowerCase() ?? '';
  const parameters = parseDisposition(text);
  return { part, name: parameters.get('name') ?? '', disposition: { type, parameters } };
}

/** RFC 2046 §5.1.5 and §5.2, RFC 2183 §2, RFC 7578 §4.2 and §4.6. */
function defaultsOf({ essence }: MediaType, parts: readonly DescribedPart[]): PartDefaults {
  const isForm = essence === 'multipart/form-data';
  const charset = isForm ? parts.find(({ name }) => name === '_charset_')?.part.content.toString('latin1') : undefined;
  return {
    contentType: essence === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
    disposition: isForm ? 'form-data' : '',
    charset,
  };
}

/** Which part is the one that the others belong to (RFC 2387 §3.2): the first, unless `start` names another. */
function rootField({ essence, parameters }: MediaType, parts: readonly DescribedPart[]): Field[] {
  const start = essence === 'multipart/related' ? parameters.get('start') : undefined;
  if (start === undefined) return [];
  const root = parts.findIndex(({ part }) => bareId(header(part.headers, 'content-id') ?? '') === bareId(start));
  return root <= 0 ? [] : [textField('part start', 'start', String(root))];
}

function partFields(
  { part, name, disposition }: DescribedPart,
  { where, defaults, contentFields }: PartContext,
): Field[] {
  const declared = parseMediaType(header(part.headers, 'content-type'));
  const essence = declared.essence === '' ? defaults.contentType : declared.essence;
  const charset = declared.parameters.get('charset') ?? (essence.startsWith('text/') ? defaults.charset : undefined);
  const mediaType: MediaType = {
    essence,
    parameters: charset === undefined ? declared.parameters : new Map([...declared.parameters, ['charset', charset]]),
  };
  const content = decodeTransfer(part.content, header(part.headers, 'content-transfer-encoding'));
  return [
    textField(where, name, 'present'),
    ...typeFields(where, mediaType, defaults),
    ...dispositionFields(where, disposition, defaults),
    ...headerFields(where, part),
    ...contentFields(content, mediaType).map((field) => ({
      ...field,
      where: field.where === 'body' ? `${where} content` : `${where} ${field.where}`,
      name: field.name === '' ? name : field.name,
    })),
  ];
}

function typeFields(where: string, { essence, parameters }: MediaType, defaults: PartDefaults): Field[] {
  const fields = essence === defaults.contentType ? [] : [textField(`${where} content-type`, 'content-type', essence)];
  for (const [name, value] of parameters)
    if (!ofLayout.has(name)) fields.push(textField(`${where} content-type ${name}`, name, value));
  return fields;
}

/** The boundary of a part that has parts does not show, nor in which bytes its text was written. */
const ofLayout: ReadonlySet<string> = new Set(['boundary', 'charset', 'start']);

function dispositionFields(
  where: string,
  { type, parameters }: DescribedPart['disposition'],
  defaults: PartDefaults,
): Field[] {
  const fields: Field[] = [];
  if (type !== '' && type !== defaults.disposition) fields.push(textField(`${where} disposition`, 'disposition', type));
  for (const [name, value] of parameters)
    if (name === 'filename') fields.push(textField(`${where} filename`, 'filename', value));
    else if (name !== 'name') fields.push(textField(`${where} disposition ${name}`, name, value));
  return fields;
}

/** Every other header; of those that stand twice, each. */
function headerFields(where: string, { headers }: Part): Field[] {
  const seen = new Map<string, number>();
  return headerPairs(headers).flatMap(({ name, value }) => {
    const lower = name.toLowerCase();
    if (ownFields.has(lower) || (lower === encodingHeader && value.toLowerCase() === '7bit')) return [];
    const repeat = seen.get(lower) ?? 0;
    seen.set(lower, repeat + 1);
    const told = lower === 'content-id' ? bareId(value) : lower === encodingHeader ? value.toLowerCase() : value;
    return [textField(`${where} ${lower}${repeat === 0 ? '' : `[${repeat}]`}`, lower, told)];
  });
}

const encodingHeader = 'content-transfer-encoding';
/** They have fields of their own, or say no more than the content does. */
const ownFields: ReadonlySet<string> = new Set(['content-type', 'content-disposition', 'content-length']);

/** An id without its brackets (RFC 2045 §7): what URLs of `cid:` name. */
function bareId(text: string): string {
  return text.trim().replace(/^<(.*)>$/, '$1');
}

/**
 * The parameters of `Content-Disposition` (RFC 7578 §4.2); `\"` and `%22` both stand for a quote. A name in its
 * extended form (RFC 8187) has the other's place.
 */
function parseDisposition(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const extended = new Map<string, string>();
  for (const [name, value] of parseParameters(text)) {
    if (name.endsWith('*')) extended.set(name.slice(0, -1), fromExtended(value));
    else found.set(name, value.replaceAll('%22', '"'));
  }
  return new Map([...found, ...extended]);
}

function fromExtended(value: string): string {
  const [, charset = '', encoded] = /^([^']*)'[^']*'(.*)$/.exec(value) ?? [];
  if (encoded === undefined) return value;
  const bytes = encoded.replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString(/^utf-?8$/i.test(charset) ? 'utf8' : 'latin1');
}
