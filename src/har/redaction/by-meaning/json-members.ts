import { jsonCoding, nestedJsonCoding, decodeText, throughCoding } from './coded-text.js';
import { endOfString } from './end-of-string.js';
import type { Places } from './places.js';
import { isRandom } from './values.js';

/**
 * From the first of its backslashes on, or a text of many would be gone through once for each. What stands first is
 * nothing that follows the end of a string, whose quote would be taken for a beginning.
 */
const memberName = /(?<!\\)(\\*)"((?![\s,:[\]{}])(?:[^"\\\p{Cc}]|\\{1,7}u[\da-fA-F]{4}){1,64})\1"\s*:\s*/gu;

/** Members that hold what is shown to people of other members: `errors.password` is no password. */
const tellsPeople =
  /^(?:errors?|error_?messages?|field_?errors|validation(?:_?errors)?|violations|labels?|translations?|i18n|locales?|placeholders|hints|tooltips)$/i;

/** Members of which one says what the other one is: `{"name": "password", "value": "…"}`. */
const namesOther = /^(?:name|key|field|header|param|parameter|attribute|property|variable|id|path|pointer)$/i;
/** `path` of a JSON Patch (RFC 6902), `pointer` of others: its last part is the name. */
const isPointer = /^(?:path|pointer)$/i;
const isOther = String.raw`(?:value|val|content|stringValue|data)`;
/** Members of an object that are the secret which the object's name says. */
const isItself = /^(?:value|val|raw|plain|plaintext|text|content|data|current|old|new|access|refresh|bearer|secret)$/i;

const maxValues = 10_000;

interface Span {
  start: number;
  text: string;
  isNumber: boolean;
}

interface Member {
  name: string;
  escape: string;
  /** Where its value begins. */
  at: number;
}

/**
 * Members of JSON at any depth, and of JSON within a string of JSON, without parsing: the layout stays, and so does all
 * that is no JSON around it.
 */
export function redactMembers(text: string, places: Places): string {
  if (!text.includes('"')) return text;
  const found: (Span & { escape: string; with: string })[] = [];
  let quietUntil = 0;
  let after = 0;
  for (const { 0: begin, 1: escape = '', 2: written = '', index } of text.matchAll(memberName)) {
    if (index < after) continue;
    const name = decodeText(written, escape === '' ? jsonCoding : nestedJsonCoding);
    const member = { name, escape, at: index + begin.length };
    if (tellsPeople.test(name) && /[{[]/.test(text[member.at] ?? '')) {
      quietUntil = Math.max(quietUntil, endOf(text, member.at, escape));
    }
    const secret = secretOf(text, member, places);
    if (secret === undefined) continue;
    for (const span of secret.spans) {
      if (index < quietUntil && !isRandom(span.text)) continue;
      const replace = (plain: string): string => places.replace(`json ${secret.name}`, plain, secret.meaning);
      const redacted = span.isNumber ? redactNumber(span.text, replace, places) : redactValue(span, escape, replace);
      if (redacted !== span.text) found.push({ ...span, escape, with: redacted });
      after = Math.max(after, span.start + span.text.length);
    }
  }
  return replaced(text, found);
}

/** What a member is the name of, with the meaning of that. */
function secretOf(text: string, { name, escape, at }: Member, places: Places) {
  const meaning = places.meaningOf(name);
  if (meaning !== undefined) return { name, meaning, spans: valuesAt(text, at, escape) };
  if (!namesOther.test(name)) return undefined;
  const said = stringAt(text, at, escape);
  if (said === undefined) return undefined;
  const told = isPointer.test(name) ? said.text.slice(said.text.lastIndexOf('/') + 1) : said.text;
  const other = places.meaningOf(told);
  if (other === undefined) return undefined;
  const spans = [besideIt(text, said, escape), beforeIt(text, at, escape)].filter((span) => span !== undefined);
  return { name: told, meaning: other, spans };
}

/** `"value": "…"` right after a name. */
function besideIt(text: string, said: Span, escape: string): Span | undefined {
  const quote = `${escape.replaceAll('\\', '\\\\')}"`;
  const next = new RegExp(String.raw`${quote}\s*,\s*${quote}${isOther}${quote}\s*:\s*`, 'y');
  next.lastIndex = said.start + said.text.length;
  const found = next.exec(text);
  return found === null ? undefined : valuesAt(text, next.lastIndex, escape)[0];
}

/** `"value": "…"` right before a name. */
function beforeIt(text: string, at: number, escape: string): Span | undefined {
  const before = text.slice(Math.max(0, at - 4096), at);
  const quote = `${escape.replaceAll('\\', '\\\\')}"`;
  const pattern = new RegExp(
    String.raw`${quote}${isOther}${quote}\s*:\s*${quote}((?:[^"\\{}]|\\.)*)${quote}\s*,\s*${quote}\w+${quote}\s*:\s*$`,
  );
  const [whole, value = ''] = pattern.exec(before) ?? [];
  if (whole === undefined || value === '') return undefined;
  const start = at - whole.length + whole.indexOf(value, whole.indexOf(':'));
  return { start, text: value, isNumber: false };
}

/** What stands at a place: a string or number, those of an array, or those of an object that are the secret itself. */
function valuesAt(text: string, at: number, escape: string): Span[] {
  const first = text[at];
  if (first === '[') return [...inArray(text, at, escape)];
  if (first === '{') return [...inObject(text, at, escape)];
  const one = stringAt(text, at, escape) ?? numberAt(text, at);
  return one === undefined ? [] : [one];
}

function* inArray(text: string, begin: number, escape: string): Generator<Span> {
  let depth = 0;
  for (let [at, count] = [begin, 0]; at < text.length && count < maxValues; count += 1) {
    const char = text[at] as string;
    if (char === '[') depth += 1;
    if (char === ']') depth -= 1;
    if (depth === 0 || char === '{') return;
    const value = /[[\],\s]/.test(char) ? undefined : (stringAt(text, at, escape) ?? numberAt(text, at));
    if (value !== undefined) yield value;
    at = value === undefined ? at + 1 : value.start + value.text.length + (value.isNumber ? 0 : escape.length + 1);
  }
}

function* inObject(text: string, begin: number, escape: string): Generator<Span> {
  const end = Math.min(endOf(text, begin, escape), begin + 65_536);
  for (const { 0: all, 1: quote, 2: name = '', index } of text.slice(begin, end).matchAll(memberName)) {
    if (quote !== escape || !isItself.test(name)) continue;
    const value = stringAt(text, begin + index + all.length, escape);
    if (value !== undefined) yield value;
  }
}

function stringAt(text: string, at: number, escape: string): Span | undefined {
  if (!text.startsWith(`${escape}"`, at)) return undefined;
  const start = at + escape.length + 1;
  const end = endOfString(text, start, escape.length);
  return end <= start ? undefined : { start, text: text.slice(start, end), isNumber: false };
}

function numberAt(text: string, at: number): Span | undefined {
  const found = /-?\d[\d.]*(?![\w.+-])/y;
  found.lastIndex = at;
  const [number] = found.exec(text) ?? [];
  return number === undefined ? undefined : { start: at, text: number, isNumber: true };
}

/** Where the array or object ends that begins here. */
function endOf(text: string, begin: number, escape: string): number {
  const piece = /(\\*)"|[[\]{}]/g;
  piece.lastIndex = begin;
  let depth = 0;
  let inString = false;
  for (let found = piece.exec(text); found !== null; found = piece.exec(text)) {
    const [all, quote] = found;
    if (quote !== undefined) inString = quote === escape ? !inString : inString;
    else if (!inString) depth += all === '[' || all === '{' ? 1 : -1;
    if (depth === 0) return piece.lastIndex;
  }
  return text.length;
}

/** No number of JSON begins with a zero. */
function redactNumber(text: string, replace: (plain: string) => string, places: Places): string {
  const redacted = replace(text);
  const written = redacted === text ? text : redacted.replace(/^(-?)0/, (_, sign: string) => `${sign}1`);
  if (written !== redacted) places.writtenAs(written);
  return written;
}

function redactValue({ text }: Span, escape: string, replace: (plain: string) => string): string {
  if (!text.includes('\\')) return replace(text);
  return throughCoding(text, escape === '' ? jsonCoding : nestedJsonCoding, replace);
}

function replaced(text: string, found: readonly (Span & { with: string })[]): string {
  let result = '';
  let at = 0;
  for (const { start, text: was, with: now } of [...found].sort((a, b) => a.start - b.start)) {
    if (start < at) continue;
    result += text.slice(at, start) + now;
    at = start + was.length;
  }
  return found.length === 0 ? text : result + text.slice(at);
}
