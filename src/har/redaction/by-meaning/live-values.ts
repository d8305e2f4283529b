import { decodeText, percentCoding } from './coded-text.js';

/** Runs in which a secret stands by itself, from the narrowest: letters and digits, then with what joins them. */
const runs = [/\w{8,}/g, /[\w-]{8,}/g, /[\w.~-]{8,}/g, /[\w.~+/=-]{8,}/g, /[^\s"'<>&;,\\]{8,}/g];

/**
 * Finds live values whose placeholders the recording has where no rule names the place: before a rule has found the
 * value, it is told by its placeholder. Only those are tried whose form a placeholder has.
 */
export class LiveValues {
  readonly #forms = new Map<string, Set<string>>();
  readonly #others: { pattern: RegExp; placeholder: string }[] = [];
  readonly #tried = new Set<string>();

  constructor(placeholders: readonly string[]) {
    for (const placeholder of placeholders) {
      const form = formOf(placeholder);
      const known = this.#forms.get(form) ?? new Set();
      this.#forms.set(form, known.add(placeholder));
      if (/[^\w.~+/=-]/.test(placeholder)) this.#others.push({ pattern: patternOf(placeholder), placeholder });
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
    const decoded = text.includes('%') ? decodeText(text, percentCoding) : undefined;
    for (const [value] of runs.flatMap((run) => [...text.matchAll(run), ...(decoded?.matchAll(run) ?? [])])) {
      for (const own of inBytes ? [value, value.slice(1)] : [value]) {
        const known = this.#forms.get(formOf(own));
        if (known !== undefined) take(own, (placeholder) => known.has(placeholder));
      }
    }
    for (const { pattern, placeholder } of this.#others) {
      for (const [value] of (decoded ?? text).matchAll(pattern)) take(value, (one) => one === placeholder);
    }
    return found;
  }
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
