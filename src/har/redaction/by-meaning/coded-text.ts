/** A text in a coding: its characters, and how each of them stands there. */
interface CodedText {
  plain: string;
  sources: readonly string[];
}

/** A way to write characters as others: of one that may stand for itself, and of one that is written. */
export interface Coding {
  /** What stands for one character or more. Sticky. */
  unit: RegExp;
  decode: (unit: string) => string;
  encode: (character: string) => string;
}

/**
 * Changes a text behind its coding. What does not change stands as it stood, however it was written; `change` keeps the
 * number of characters, or what it returns is written anew as a whole.
 */
export function throughCoding(text: string, coding: Coding, change: (plain: string) => string): string {
  const { plain, sources } = decoded(text, coding);
  const changed = change(plain);
  if (changed === plain) return text;
  if (changed.length !== plain.length) return Array.from(changed, coding.encode).join('');
  return sources.map((source, i) => (plain[i] === changed[i] ? source : coding.encode(changed[i] as string))).join('');
}

export function decodeText(text: string, coding: Coding): string {
  return decoded(text, coding).plain;
}

/** One source for each UTF-16 unit of the plain text; that of a pair stands with its first half. */
function decoded(text: string, { unit, decode }: Coding): CodedText {
  let plain = '';
  const sources: string[] = [];
  for (let at = 0; at < text.length;) {
    unit.lastIndex = at;
    const written = unit.exec(text)?.[0];
    const source = written ?? text.charAt(at);
    const characters = written === undefined ? source : decode(written);
    plain += characters;
    sources.push(source, ...Array.from({ length: characters.length - 1 }, () => ''));
    at += source.length;
  }
  return { plain, sources };
}

/** Percent-encoding, with `+` for a space (WHATWG URL §5); bytes that are no UTF-8 are Latin-1. */
export const percentCoding: Coding = {
  unit: /(?:%[c-f][\da-f](?:%[89ab][\da-f]){1,3}|%[\da-f]{2}|\+)/iy,
  decode: (unit) => {
    if (unit === '+') return ' ';
    try {
      return decodeURIComponent(unit);
    } catch {
      const bytes = Buffer.from(unit.replaceAll('%', ''), 'hex');
      return bytes.toString('latin1');
    }
  },
  encode: (character) => (/[\w.~-]/.test(character) ? character : percentEncoded(character)),
};

/** Percent-encoding where `+` stands for itself: in paths and cookies, and in tokens that were not encoded. */
export const percentCodingAlone: Coding = {
  ...percentCoding,
  unit: /(?:%[c-f][\da-f](?:%[89ab][\da-f]){1,3}|%[\da-f]{2})/iy,
};

function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}

/** Escapes within a string of JSON (RFC 8259 §7). */
export const jsonCoding: Coding = {
  unit: /\\(?:u[\da-fA-F]{4}|[^u])/y,
  decode: (unit) => {
    const escape = unit.slice(1);
    if (escape.length === 5) return String.fromCharCode(parseInt(escape.slice(1), 16));
    return jsonEscapes[escape] ?? escape;
  },
  encode: (character) => JSON.stringify(character).slice(1, -1),
};

/** Escapes within a string of JSON within a string of JSON: all backslashes of one are one escape. */
export const nestedJsonCoding: Coding = {
  unit: /\\+(?:u[\da-fA-F]{4}|[^u\\])/y,
  decode: (unit) => jsonCoding.decode(unit.replace(/^\\+/, '\\')),
  encode: (character) => JSON.stringify(JSON.stringify(character).slice(1, -1)).slice(1, -1),
};

const jsonEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** References to characters in HTML and XML. */
export const markupCoding: Coding = {
  unit: /&(?:#\d{1,7}|#x[\da-f]{1,6}|amp|lt|gt|quot|apos|sol|equals|plus);/iy,
  decode: (unit) => {
    const [, base, digits, name = ''] = /^&(?:#(x?)([\da-f]+)|(\w+));$/i.exec(unit) ?? [];
    if (digits === undefined) return entities[name.toLowerCase()] ?? unit;
    const code = parseInt(digits, base === '' ? 10 : 16);
    return code > 0x10ffff ? unit : String.fromCodePoint(code);
  },
  encode: (character) => character.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`),
};

const entities: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", sol: '/', equals: '=', plus: '+' },
};
