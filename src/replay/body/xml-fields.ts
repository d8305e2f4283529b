import { textField, type Field } from '../field.js';
import { byWhere } from '../matchers/named-fields.js';
import type { XmlElement } from '../text/xml-text.js';

/**
 * Each attribute and each text of an XML document: layout, comments and the order of attributes do not show, the order of
 * elements does. Fields are called by their names without prefix; an element with nothing in it is a field of its own.
 */
export function xmlFields(root: XmlElement): Field[] {
  const fields: Field[] = [];
  add(root, `xml /${root.name}`, fields);
  return fields;
}

function add({ attributes, text, children, name }: XmlElement, where: string, fields: Field[]): void {
  const own = attributes.map((attribute) =>
    textField(`${where}/@${attribute.name}`, localName(attribute.name), attribute.value),
  );
  fields.push(...own.sort(byWhere));
  if (text !== '' || (children.length === 0 && own.length === 0)) fields.push(textField(where, localName(name), text));
  const seen = new Map<string, number>();
  for (const child of children) {
    const repeat = seen.get(child.name) ?? 0;
    seen.set(child.name, repeat + 1);
    add(child, `${where}/${child.name}${repeat === 0 ? '' : `[${repeat}]`}`, fields);
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
