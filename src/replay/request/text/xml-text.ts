/**
 * An element of XML, as far as requests are compared by it: prefixes as they are written, comments and layout left out.
 */
export interface XmlElement {
  name: string;
  attributes: { name: string; value: string }[];
  /** Its own text, pieces between children joined by a space, white space at the ends left out. */
  text: string;
  children: XmlElement[];
}

const maxDepth = 256;
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<!DOCTYPE[^<>[\]]*>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Parses a document (XML 1.0, no internal DTD); undefined when `text` is not well-formed, so that it is compared as it
 * is.
 */
export function parseXml(text: string): XmlElement | undefined {
  const root: XmlElement = { name: '', attributes: [], text: '', children: [] };
  const open: XmlElement[] = [root];
  token.lastIndex = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let at = token.lastIndex;
  while (at < text.length) {
    const match = token.exec(text);
    if (match === null) return undefined;
    at = token.lastIndex;
    const element = open.at(-1) as XmlElement;
    const [, cdata, closed, opened, attributes = '', empty, plain] = match;
    if (closed !== undefined) {
      if (open.length < 2 || element.name !== closed) return undefined;
      open.pop();
    } else if (opened !== undefined) {
      const child = { name: opened, attributes: attributesOf(attributes), text: '', children: [] };
      element.children.push(child);
      if (empty === '') open.push(child);
      if (open.length > maxDepth) return undefined;
    } else addText(element, cdata ?? (plain === undefined ? '' : unescaped(plain)));
  }
  const [document, ...others] = root.children;
  return open.length === 1 && others.length === 0 && root.text === '' ? document : undefined;
}

function addText(element: XmlElement, text: string): void {
  const trimmed = text.trim();
  if (trimmed !== '') element.text += element.text === '' ? trimmed : ` ${trimmed}`;
}

function attributesOf(text: string): XmlElement['attributes'] {
  return Array.from(text.matchAll(attribute), ([, name = '', double, single]) => ({
    name,
    value: unescaped(double ?? single ?? ''),
  }));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
    if (name !== undefined) return entities[name] ?? whole;
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
