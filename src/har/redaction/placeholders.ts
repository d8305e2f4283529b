import { createHmac, pbkdf2Sync } from 'node:crypto';

/** Shorter placeholders have no room for a check: those that were made are listed. */
const minChecked = 8;
/** Characters at the end of a placeholder by which it is known again. */
const checkLength = 4;
/** A short secret can be guessed by trying; each try is made to cost something. */
const guessable = 24;
const rounds = 2000;
const roundsOfShort = 20_000;

/**
 * What stands for secrets: of the same length, with digits for digits, letters for letters and all else as it is; the
 * same for the same secret and salt. A placeholder stands for itself, so that one that a replay has handed out is known
 * when it comes back.
 */
export class Placeholders {
  readonly #salt: Buffer;
  readonly #known = new Map<string, string>();
  readonly #short: Set<string>;

  /**
   * `comeBack`: values may be placeholders already, of the short ones these. In what was recorded none is, whatever it
   * looks like. `tells`: the short ones that are made are listed; left out: unless values come back.
   */
  constructor(
    salt: string,
    readonly comeBack: boolean,
    short: readonly string[] = [],
    readonly tells = !comeBack,
  ) {
    this.#salt = Buffer.from(salt, 'hex');
    this.#short = new Set(short);
  }

  /** Those that were made, or given, and have no check: short ones above all. */
  get short(): string[] {
    return [...this.#short];
  }

  /** `kept`: so many characters at the beginning say what kind of secret it is, and stay. */
  for(secret: string, kept = 0): string {
    const known = this.#known.get(secret);
    if (known !== undefined) return known;
    const placeholder = this.#make(secret, kept);
    this.#known.set(secret, placeholder);
    return placeholder;
  }

  /** Whether `text` stands for a secret; one in some ten thousand other texts looks so by chance. */
  has(text: string): boolean {
    const places = alphanumericPlaces(text);
    return places.length >= minChecked && this.#withCheck(text, places[places.length - checkLength] as number) === text;
  }

  #make(secret: string, kept: number): string {
    const places = alphanumericPlaces(secret);
    if (places.length < minChecked) return this.#makeShort(secret);
    if (places.length - alphanumericPlaces(secret.slice(0, kept)).length < minChecked) kept = 0;
    const cut = places[places.length - checkLength] as number;
    if (this.comeBack && (this.#withCheck(secret, cut) === secret || this.#short.has(secret))) return secret;
    const key = secret.length < guessable ? pbkdf2Sync(secret, this.#salt, rounds, 32, 'sha256') : Buffer.from(secret);
    const placeholder = this.#withCheck(fill(secret, kept, secret.length, this.#bytes('secret', key)), cut);
    if (!this.comeBack && !this.has(placeholder)) this.#short.add(placeholder); // a letter of another script became one
    return placeholder;
  }

  /** A placeholder that is written otherwise, by which it is to be known as well. */
  add(placeholder: string): void {
    if (!this.comeBack) this.#short.add(placeholder);
  }

  #makeShort(secret: string): string {
    if (this.comeBack && this.#short.has(secret)) return secret;
    const key = pbkdf2Sync(secret, this.#salt, roundsOfShort, 32, 'sha256');
    const placeholder = fill(secret, 0, secret.length, this.#bytes('secret', key));
    if (this.tells) this.#short.add(placeholder);
    return placeholder;
  }

  #withCheck(text: string, cut: number): string {
    return fill(text, cut, text.length, this.#bytes('check', Buffer.from(text.slice(0, cut))));
  }

  /** Any number of bytes that depend on the salt and `data`. */
  #bytes(purpose: string, data: Buffer): () => number {
    let block = Buffer.alloc(0);
    let [at, count] = [0, 0];
    return () => {
      if (at === block.length) {
        block = createHmac('sha256', this.#salt).update(`${purpose} ${count++} `).update(data).digest();
        at = 0;
      }
      return block[at++] as number;
    };
  }
}

/** `text` with the letters and digits between two places chosen by `next`, each of the kind that stood there. */
function fill(text: string, from: number, to: number, next: () => number): string {
  const hex = /^[0-9a-f-]+$/.test(text) && /[a-f]/.test(text) && /\d/.test(text);
  const fixed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? [14, 19] : []; // version and variant of a UUID
  const last = lastOfBase64(text);
  let filled = text.slice(0, from);
  for (let place = from; place < to; place++) {
    const char = text[place] as string;
    if (fixed.includes(place)) filled += char;
    else filled += sameKind(char, hex, place === last?.place ? last.mayBe : () => true, next);
  }
  return filled + text.slice(to);
}

function sameKind(char: string, hex: boolean, mayBe: (char: string) => boolean, next: () => number): string {
  // one letter of a hexadecimal text stays a letter, one digit a digit: so the kind of each place is kept
  const kinds = [
    { kind: /[0-9]/, from: '0123456789' },
    { kind: /[a-z]/, from: hex ? 'abcdef' : 'abcdefghijklmnopqrstuvwxyz' },
    { kind: /[A-Z]/, from: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  ];
  const found = kinds.find(({ kind }) => kind.test(char));
  if (found === undefined) return /[\p{L}\p{N}]/u.test(char) ? 'x' : char;
  return pick([...found.from].filter(mayBe).join(''), next());
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * The bits of the last character of Base64 that stand for nothing are zero (RFC 4648 §3.5), and there are decoders that
 * insist on it. Where they are zero in what may be Base64 they stay so, and where they are not they stay that.
 */
function lastOfBase64(text: string): { place: number; mayBe: (char: string) => boolean } | undefined {
  const length = /^([\w+/-]+)={0,2}$/.exec(text)?.[1]?.length ?? 0;
  if (length % 4 < 2) return undefined;
  const step = length % 4 === 2 ? 16 : 4;
  const isWhole = (char: string): boolean => base64.indexOf(char) % step === 0;
  const whole = isWhole(text[length - 1] as string);
  return { place: length - 1, mayBe: (char) => isWhole(char) === whole };
}

function pick(from: string, byte: number): string {
  return from[byte % from.length] as string;
}

function alphanumericPlaces(text: string): number[] {
  return Array.from(text.matchAll(/[A-Za-z0-9]/g), ({ index }) => index);
}

/** The placeholders of a recording that says this of itself, for requests that come back to it or for more of it. */
export function placeholdersOf(
  { salt, short }: { salt: string; short?: readonly string[] | undefined },
  { comeBack = false, continues = false }: { comeBack?: boolean; continues?: boolean },
): Placeholders {
  return new Placeholders(salt, comeBack || continues, short, !comeBack);
}
