import { textField, type Field } from '../field.js';
import { byWhere } from '../matchers/named-fields.js';
import type { XmlElement } from '../text/xml-text.js';

/**
 * Each attribute and each text of an XML document: layout, comments and the order of attributes do not show, the order
 * of elements does. Fields are called by their names without prefix: which one stands for a namespace is the writer's
 * choice, so an element of another namespace than its parent's has that as a field. An element with nothing in it is a
 * field of its own.
 */
export function xmlFields(root: XmlElement): Field[] {
  const fields: Field[] = [];
  add(root, `xml /${localName(root.name)}`, { prefixes: new Map(), namespace: '' }, fields);
  return fields;
}

/** What holds where an element stands: the namespaces by prefix, and the one of its parent. */
interface Scope {
  prefixes: ReadonlyMap<string, string>;
  namespace: string;
}

function add(element: XmlElement, where: string, outer: Scope, fields: Field[]): void {
  const { text, children, name } = element;
  const prefixes = declared(element, outer.prefixes);
  const namespaceOf = (prefix: string): string => prefixes.get(prefix) ?? prefix;
  const namespace = namespaceOf(prefixOf(name));
  const own = element.attributes
    .filter((attribute) => !isDeclaration(attribute.name))
    .map((attribute) => {
      const [prefix, local] = [prefixOf(attribute.name), localName(attribute.name)];
      return textField(`${where}/@${prefix === '' ? '' : `{${namespaceOf(prefix)}}`}${local}`, local, attribute.value);
    });
  if (namespace !== outer.namespace) own.push(textField(`${where}/@xmlns`, 'xmlns', namespace));
  fields.push(...own.sort(byWhere));
  if (text !== '' || (children.length === 0 && own.length === 0)) fields.push(textField(where, localName(name), text));
  const seen = new Map<string, number>();
  for (const child of children) {
    const local = localName(child.name);
    const repeat = seen.get(local) ?? 0;
    seen.set(local, repeat + 1);
    add(child, `${where}/${local}${repeat === 0 ? '' : `[${repeat}]`}`, { prefixes, namespace }, fields);
  }
}

function declared({ attributes }: XmlElement, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = attributes.filter(({ name }) => isDeclaration(name));
  if (own.length === 0) return outer;
  return new Map([...outer, ...own.map(({ name, value }): [string, string] => [name.slice('xmlns:'.length), value])]);
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function prefixOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(':')));
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
