import { header } from '../../../http/index.js';
import { textField, type Field } from '../field.js';
import { byWhere } from '../matchers/named-fields.js';
import { parseMediaType, type MediaType } from '../media-type.js';
import { parseMultipart, type Part } from '../text/multipart.js';

/** The fields of a body of this media type: how the content of a part is taken apart. */
type ContentFields = (content: Buffer, mediaType: MediaType) => Field[];

/**
 * A multipart body part by part: the boundary does not show, nor does the order among parts of different names. A part
 * is its name, file name, media type and content. Undefined when it is not multipart after all.
 */
export function multipartFields(
  body: Buffer,
  { parameters }: MediaType,
  contentFields: ContentFields,
): Field[] | undefined {
  const boundary = parameters.get('boundary');
  const parts = boundary === undefined ? undefined : parseMultipart(body, boundary);
  if (parts === undefined) return undefined;
  const seen = new Map<string, number>();
  return parts
    .flatMap((part) => {
      const disposition = parseDisposition(part);
      const name = disposition.get('name') ?? '';
      const repeat = seen.get(name) ?? 0;
      seen.set(name, repeat + 1);
      const where = `part ${name}${repeat === 0 ? '' : `[${repeat}]`}`;
      return partFields(part, { where, name, disposition, contentFields });
    })
    .sort(byWhere);
}

interface PartContext {
  where: string;
  name: string;
  disposition: ReadonlyMap<string, string>;
  contentFields: ContentFields;
}

function partFields(part: Part, { where, name, disposition, contentFields }: PartContext): Field[] {
  const contentType = parseMediaType(header(part.headers, 'content-type'));
  const fileName = disposition.get('filename*') ?? disposition.get('filename');
  const fields = [textField(where, name, 'present')];
  if (fileName !== undefined) fields.push(textField(`${where} filename`, 'filename', fileName));
  if (contentType.essence !== '') fields.push(textField(`${where} content-type`, 'content-type', contentType.essence));
  const content = contentFields(part.content, contentType);
  return [
    ...fields,
    ...content.map((field) => ({
      ...field,
      where: field.where === 'body' ? `${where} content` : `${where} ${field.where}`,
      name: field.name === '' ? name : field.name,
    })),
  ];
}

/** The parameters of `Content-Disposition` (RFC 7578 §4.2); `\"` and `%22` both stand for a quote. */
function parseDisposition(part: Part): Map<string, string> {
  const text = header(part.headers, 'content-disposition') ?? '';
  const pattern = /;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;
  return new Map(
    [...text.matchAll(pattern)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      (quoted?.replace(/\\(["\\])/g, '$1') ?? plain ?? '').replaceAll('%22', '"'),
    ]),
  );
}
