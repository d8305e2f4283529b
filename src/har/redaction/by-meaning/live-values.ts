import { forLongTexts } from '../../../core/for-long-texts.js';
import { decodeText, percentCoding } from './coded-text.js';

/** Runs in which a secret stands by itself, from the narrowest: letters and digits, then with what joins them. */
const runs = [/\w{8,}/g, /[\w-]{8,}/g, /[\w.~-]{8,}/g, /[\w.~+/=-]{8,}/g, /[^\s"'<>&;,\\]{8,}/g].map(forLongTexts);

/**
 * Finds live values whose placeholders the recording has where no rule names the place: before a rule has found the
 * value, it is told by its placeholder. Only those are tried whose form a placeholder has.
 */
export class LiveValues {
  readonly #forms = new Map<string, Set<string>>();
  /** By their source: placeholders of one form share one. */
  readonly #others = new Map<string, { pattern: RegExp; placeholders: Set<string> }>();
  readonly #tried = new Set<string>();

  constructor(placeholders: readonly string[]) {
    for (const placeholder of placeholders) {
      const form = formOf(placeholder);
      const known = this.#forms.get(form) ?? new Set();
      this.#forms.set(form, known.add(placeholder));
      if (!/[^\w.~+/=-]/.test(placeholder)) continue;
      const pattern = patternOf(placeholder);
      const other = this.#others.get(pattern.source) ?? { pattern, placeholders: new Set() };
      this.#others.set(pattern.source, other);
      other.placeholders.add(placeholder);
    }
  }

  /**
   * Those in a text, each told once. `placeholderOf` costs something. `inBytes`: the length of a text stands before it,
   * and may look like a letter of it.
   */
  in(text: string, placeholderOf: (value: string) => string, inBytes = false): string[] {
    if (this.#forms.size === 0) return [];
    const found: string[] = [];
    const take = (value: string, wanted: (placeholder: string) => boolean): void => {
      if (this.#tried.has(value)) return;
      if (this.#tried.size > 10_000) this.#tried.clear();
      this.#tried.add(value);
      const placeholder = placeholderOf(value);
      if (placeholder !== value && wanted(placeholder)) found.push(value);
    };
    const texts = decodings(text);
    for (const [value] of runs.flatMap((run) => texts.flatMap((each) => [...each.matchAll(run)]))) {
      for (const own of new Set([value, value.replace(/^\W+/, ''), ...(inBytes ? [value.slice(1)] : [])])) {
        const known = this.#forms.get(formOf(own));
        if (known !== undefined) take(own, (placeholder) => known.has(placeholder));
      }
    }
    for (const { pattern, placeholders } of this.#others.values()) {
      for (const each of texts)
        for (const [value] of each.matchAll(pattern)) take(value, (one) => placeholders.has(one));
    }
    return found;
  }
}

/** A text, and what it is without percent-encoding, which is put around what has one already. */
function decodings(text: string): string[] {
  const texts = [text];
  for (let last = text; last.includes('%') && texts.length < 3;) {
    const decoded = decodeText(last, percentCoding);
    if (decoded === last) break;
    texts.push(decoded);
    last = decoded;
  }
  return texts;
}

/** The kinds of its characters, which a placeholder has of its secret. */
function formOf(text: string): string {
  return text
    .replace(/[0-9]/g, '0')
    .replace(/[A-Z]/g, 'A')
    .replace(/[a-z]|(?![A0])[\p{L}\p{N}]/gu, 'a');
}

function patternOf(placeholder: string): RegExp {
  const kinds = Array.from(placeholder, (one) => {
    if (/[0-9]/.test(one)) return '[0-9]';
    if (one === 'x') return String.raw`(?:[a-z]|(?![A-Za-z\d])[\p{L}\p{N}])`;
    if (/[a-z]/.test(one)) return '[a-z]';
    return /[A-Z]/.test(one) ? '[A-Z]' : one.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  });
  return new RegExp(kinds.join(''), 'gu');
}
