/** What JSON can say and no percent-encoding can. */
const loneSurrogate = /\p{Surrogate}/u;

/** Words, for looking up; characters that are escaped or percent-encoded part them as all others do. */
const word = /%[0-9A-Fa-f]{2}|\\(?:u[0-9A-Fa-f]{4}|[nrtbf])|([A-Za-z0-9]+)/g;

/**
 * Secrets that were found, and what stands for each, to be replaced wherever they stand: as they are, percent-encoded,
 * in base64 and in hexadecimal. A text is gone through once, however many there are: each of its words is looked up,
 * and only where one begins a secret is the rest compared.
 */
export class KnownSecrets {
  /** By their first words: those that begin with it, the longest first. */
  readonly #byFirstWord = new Map<string, { text: string; by: string; offset: number }[]>();
  readonly #known = new Set<string>();

  add(secret: string, placeholder: string): void {
    if (this.#known.has(secret)) return;
    this.#add(secret, placeholder);
    for (const spelled of spellings) {
      const [from, to] = [spelled(secret), spelled(placeholder)];
      if (from !== undefined && to !== undefined && from !== secret) this.#add(from, to);
    }
  }

  /** `text` with what stands for each. */
  replaceIn(text: string): string {
    if (this.#known.size === 0) return text;
    let result = '';
    let at = 0;
    for (const { 1: first = '', index } of text.matchAll(word)) {
      for (const { text: secret, by, offset } of this.#byFirstWord.get(first) ?? []) {
        const start = index - offset;
        if (start < at || !text.startsWith(secret, start) || isInWord(text, start + secret.length)) continue;
        result += text.slice(at, start) + by;
        at = start + secret.length;
        break;
      }
    }
    return at === 0 ? text : result + text.slice(at);
  }

  #add(text: string, by: string): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    const first = /[A-Za-z0-9]+/.exec(text);
    if (first === null) return;
    const others = this.#byFirstWord.get(first[0]) ?? [];
    others.push({ text, by, offset: first.index });
    this.#byFirstWord.set(
      first[0],
      others.sort((a, b) => b.text.length - a.text.length),
    );
  }
}

/** Whether a word goes on at a place. */
function isInWord(text: string, at: number): boolean {
  return /[A-Za-z0-9]/.test(text.charAt(at)) && /[A-Za-z0-9]/.test(text.charAt(at - 1));
}

/** How a secret may be written elsewhere; undefined: not in that way. */
const spellings: ((text: string) => string | undefined)[] = [
  (text) => (loneSurrogate.test(text) ? undefined : encodeURIComponent(text)),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => (loneSurrogate.test(text) ? undefined : Buffer.from(text).toString('base64')),
  (text) => (loneSurrogate.test(text) ? undefined : Buffer.from(text).toString('base64url')),
  (text) => (loneSurrogate.test(text) ? undefined : Buffer.from(text).toString('hex')),
  (text) => text.replace(/[&<>"']/g, (char) => entities[char] ?? char),
];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
