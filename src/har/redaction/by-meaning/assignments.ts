import {
  decodeText,
  jsonCoding,
  markupCoding,
  percentCoding,
  percentCodingAlone,
  throughCoding,
  type Coding,
} from './coded-text.js';
import { endOfString } from './end-of-string.js';
import type { Meaning } from './meaning-of-name.js';
import type { Places } from './places.js';
import { isRandom, isSecretValue, isWordy } from './values.js';

/** A name, perhaps in apostrophes, and what says that a value follows. */
const assigned =
  /(?:(?<![\p{L}\p{M}\w$.%-])|(?<=(?:^|[\s'"`,[(])-{1,2}))([\p{L}\d_][\p{L}\p{M}\w.$-]{1,63}(?:\[[\w.-]{0,64}\]|%5B[\w.-]{0,64}%5D){0,4})'?(\s{0,4}(?::=|=>|=|:)\s{0,4})/giu;

/** A parameter of an address within a text whose name is percent-encoded, and not its brackets alone. */
const encodedParameter =
  /(?<=[?&;])(?=[^=\s]{0,190}%(?!5[BD])[\da-f]{2})([\w.~%[\]-]{3,192})=([^\s"'`<>&;#|\\]{1,4096})/gi;

const quote = /(\\*)(["'`])/y;
const maxQuoted = 4096;
const bare = /[^\s"'`<>&;,|\\(){}[\]]{1,4096}/y;
/** Pairs of cookies, as far as they go. */
const cookiePairs = /(?:[^\s=;,"<>]+=[^\s;,"<>\\]*(?:;[ \t]*)?)+/y;
const restOfLine = /(?:[^\r\n"<\\]|\\(?![rn"]))+/y;

/** What programs hold as a text is no value: `password: form.password`, `token = getToken()`. */
const codeTypes = /javascript|ecmascript|typescript|css|html/i;

/** Settings, of which each line is a name and its value. */
const dataTypes = /yaml|toml|\bini\b|properties|dotenv/i;

interface HeaderLines {
  credentials(value: string): string;
  cookies(name: string, value: string): string;
}

/**
 * `name=value` and `name: value` in any text: queries of URLs within it, attributes, lines of settings and logs, error
 * pages, arguments in GraphQL.
 */
export function redactAssignments(whole: string, mediaType: string, places: Places, headers: HeaderLines): string {
  const isCode = codeTypes.test(mediaType);
  const isData = dataTypes.test(mediaType);
  const text = redactEncoded(whole, places);
  let redacted = '';
  let at = 0;
  for (const { 0: all, 1: written = '', 2: sign = '', index } of text.matchAll(assigned)) {
    if (index < at) continue;
    const name = written.replace(/%5B/gi, '[').replace(/%5D/gi, ']');
    const meaning = places.meaningOf(name);
    if (meaning === undefined) continue;
    const start = index + all.length;
    const line = sign.includes(':') ? headerLine(text, start, name, headers) : undefined;
    const value = line ?? valueAt(text, { start, index, name, sign, meaning, isCode, isData }, places);
    if (value === undefined) continue;
    redacted += text.slice(at, value.start) + value.now;
    at = value.end;
  }
  return at === 0 ? text : redacted + text.slice(at);
}

function redactEncoded(text: string, places: Places): string {
  return text.replace(encodedParameter, (all, written: string, value: string) => {
    const name = decodeText(written, percentCoding);
    const meaning = places.meaningOf(name);
    if (meaning === undefined) return all;
    const coding = meaning === 'made' ? percentCodingAlone : percentCoding;
    return `${written}=${throughCoding(value, coding, (plain) => places.replace(`query ${name}`, plain, meaning))}`;
  });
}

interface Replaced {
  start: number;
  end: number;
  now: string;
}

/** A header in an echo or a log. */
function headerLine(text: string, start: number, name: string, headers: HeaderLines): Replaced | undefined {
  const isCookies = /^(?:set-)?cookie$/i.test(name);
  if (!isCookies && !/^(?:proxy-)?authorization$/i.test(name)) return undefined;
  const pattern = isCookies ? cookiePairs : restOfLine;
  pattern.lastIndex = start;
  const [line] = pattern.exec(text) ?? [];
  if (line === undefined) return undefined;
  const now = isCookies ? headers.cookies(name.toLowerCase(), line) : headers.credentials(line);
  return { start, end: start + line.length, now };
}

interface Assigned {
  start: number;
  index: number;
  name: string;
  sign: string;
  meaning: Meaning | 'own';
  isCode: boolean;
  /** Nothing but names and values stands in it. */
  isData: boolean;
}

function valueAt(text: string, assignment: Assigned, places: Places): Replaced | undefined {
  const { start, index, name, meaning, isCode } = assignment;
  const replace = (value: string, coding: Coding | undefined): string => {
    const change = (plain: string): string => places.replace(`text ${name}`, plain, meaning);
    return coding === undefined ? change(value) : throughCoding(value, coding, change);
  };
  quote.lastIndex = start;
  const [begin, escape = '', mark = ''] = quote.exec(text) ?? [];
  const from = start + (begin?.length ?? 0);
  const inner =
    begin === undefined
      ? ''
      : text.slice(from, Math.max(from, endOfString(text, from, escape.length, mark, maxQuoted)));
  if (inner !== '' && !/[\r\n]/.test(inner)) {
    if (isCode && isWordy(inner) && !/\d{2}/.test(inner)) return undefined;
    const isEscaped = inner.includes('\\') && escape === '';
    const now = replace(
      inner,
      isEscaped ? jsonCoding : inner.includes('&') && text.includes('<') ? markupCoding : undefined,
    );
    return { start: from, end: from + inner.length, now };
  }
  if (assignment.sign.includes('\n')) return undefined; // what follows in the next line is a name of its own
  bare.lastIndex = start;
  const [value] = bare.exec(text) ?? [];
  if (value === undefined) return undefined;
  const inQuery = assignment.sign === '=' && /[?&#;]/.test(text[index - 1] ?? '') && !/\s/.test(assignment.sign);
  const end = start + value.length;
  if (inQuery) return { start, end, now: replace(value, meaning === 'made' ? percentCodingAlone : percentCoding) };
  const plain = /[.:!?]$/.test(value) ? value.replace(/[.:!?]+$/, '') : value;
  if (!isAssignedValue(plain, text[end], text.slice(Math.max(0, index - 32), index), assignment)) return undefined;
  return { start, end: start + plain.length, now: replace(plain, undefined) };
}

/** Without quotes much looks like a value: a word of the sentence, the name of a variable, a call. */
function isAssignedValue(
  value: string,
  next: string | undefined,
  before: string,
  { sign, meaning, isCode, isData }: Assigned,
): boolean {
  if (next === '(' || next === '[' || next === '{') return false;
  if (/^[\p{L}_$][\w$]*(?:\??\.[\p{L}_$][\w$]*)+$/u.test(value) && !isRandom(value)) return false;
  if (meaning !== 'own' && !isSecretValue(value, meaning)) return false;
  if (meaning === 'code') return /^\d{3,19}$/.test(value) || (/^[A-Z\d-]{6,}$/.test(value) && /\d/.test(value));
  if (isData) return meaning !== 'made' || isSecretValue(value, meaning);
  if (isCode || meaning === 'made') return isRandom(value, 12);
  if (sign.trim() === ':' || sign.trim() === '=>') {
    return /[A-Za-z]/.test(value) && /[\d!@#$%^*]/.test(value) && value.length >= 6;
  }
  return /^\S/.test(sign) || !isWordy(value) || /(?:^|\n)\s*$/.test(before);
}
