import { encodedForms } from './encoded-forms.js';
import { base64Alphabet, replaceInBase64 } from './inside-base64.js';
import { TextSearch } from './text-search.js';
import { reachOf } from './values.js';

/** What replaces a secret where it was found, in its coding. */
interface KnownForm {
  secret: string;
  placeholder: string;
  /** Only where no letter or digit stands beside it, and never as a name. */
  wholeWord: boolean;
  /** How it is written; undefined: as it is. */
  coding?: ((plain: string) => string) | { base64Offset: number } | undefined;
}

/** The secrets that rules have found, in every coding in which they may stand elsewhere. */
export class KnownSecrets {
  readonly #secrets = new Set<string>();
  readonly #search = new TextSearch<KnownForm>();

  get size(): number {
    return this.#secrets.size;
  }

  /** A word, and what is short, is not looked for: it stands elsewhere by chance. */
  add(secret: string, placeholder: string): void {
    if (this.#secrets.has(secret) || placeholder === secret) return;
    const reach = reachOf(secret);
    if (reach === 'nowhere') return;
    this.#secrets.add(secret);
    const wholeWord = reach === 'whole words';
    const form = { secret, placeholder, wholeWord };
    this.#search.add(secret, form);
    for (const [text, coding] of encodedForms(secret)) {
      // a long run of hexadecimal digits is nothing else, whatever stands beside it
      const isHex =
        text.length >= 16 && /^(?:[\da-f]+|[\dA-F]+)$/.test(text) && text.length === 2 * Buffer.byteLength(secret);
      if (text.length >= 8) this.#search.add(text, { ...form, wholeWord: wholeWord && !isHex, coding });
    }
    for (const base64Offset of [0, 1, 2]) {
      for (const text of base64Alphabet.coresOf(secret, base64Offset)) {
        if (text.length >= 8) this.#search.add(text, { ...form, wholeWord: false, coding: { base64Offset } });
      }
    }
  }

  /** Those that stand in a text of any kind and are too long to stand there by chance. */
  longIn(text: string): string[] {
    const found = this.#search.in(text).filter(({ value }) => reachOf(value.secret) === 'anywhere');
    return [...new Set(found.map(({ value }) => value.secret))];
  }

  /** `onFound` hears of each that was replaced. `keepLength`: in bytes, each has as many as it had. */
  replaceIn(text: string, onFound?: (form: KnownForm) => void, keepLength = false): string {
    const found = this.#search.in(text);
    if (found.length === 0) return text;
    let replaced = '';
    let at = 0;
    for (const { start, end, value } of found) {
      if (start < at || (value.wholeWord && !isWholeValue(text, start, end))) continue;
      onFound?.(value);
      const { coding, placeholder, secret } = value;
      if (typeof coding === 'object') {
        const inside = replaceInBase64(text, { start, end, secret, placeholder, offset: coding.base64Offset });
        if (inside.start < at) continue;
        replaced += text.slice(at, inside.start) + inside.text;
        at = inside.end;
      } else {
        const coded = coding === undefined ? placeholder : coding(placeholder);
        replaced += text.slice(at, start) + (keepLength ? coded.padEnd(end - start, 'x').slice(0, end - start) : coded);
        at = end;
      }
    }
    return replaced + text.slice(at);
  }
}

const wordCharacter = /[\p{L}\p{N}_]/u;
/** An escape that stands for a character which is part of no word. */
const escapeBefore = /(?:%[\da-f]{2}|\\[nrtbf]|\\u[\da-f]{4}|&#?\w{1,8};)$/i;

/** A word of its own, and not the name of something: of a member, an element, a parameter. */
function isWholeValue(text: string, start: number, end: number): boolean {
  const before = text[start - 1] ?? ' ';
  if (wordCharacter.test(before) && !escapeBefore.test(text.slice(Math.max(0, start - 8), start))) return false;
  const after = text[end] ?? ' ';
  if (wordCharacter.test(after)) return false;
  const rest = text.slice(end, end + 16);
  if (/^\\*["']\s*:/.test(rest) || (after === '=' && /[?&;\s]/.test(before))) return false;
  return !(before === '<' || (before === '/' && text[start - 2] === '<'));
}
