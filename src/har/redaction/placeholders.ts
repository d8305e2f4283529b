import { createHmac, pbkdf2Sync } from 'node:crypto';

/** Shorter ones all look alike: `xxxx`, `0000`. They say nothing, and are the same to whoever compares. */
const minDistinct = 8;
/** Characters at the end of a placeholder by which it is known again. */
const checkLength = 4;
/** A short secret can be guessed by trying; each try is made to cost something. */
const guessable = 24;
const rounds = 2000;

/**
 * What stands for secrets: of the same length, with digits for digits, letters for letters and all else as it is; the same for the same secret and
 * salt. A placeholder stands for itself, so that one that a replay has handed out is known when it comes back.
 */
export class Placeholders {
  readonly #salt: Buffer;
  readonly #known = new Map<string, string>();

  /** `comeBack`: values may be placeholders already. In what was recorded none is, whatever it looks like. */
  constructor(
    salt: string,
    readonly comeBack: boolean,
  ) {
    this.#salt = Buffer.from(salt, 'hex');
  }

  for(secret: string): string {
    const known = this.#known.get(secret);
    if (known !== undefined) return known;
    const placeholder = this.#make(secret);
    this.#known.set(secret, placeholder);
    return placeholder;
  }

  /** Whether `text` stands for a secret; one in some ten thousand other texts looks so by chance. */
  has(text: string): boolean {
    const places = alphanumericPlaces(text);
    return places.length >= minDistinct && this.#withCheck(text, places[places.length - checkLength] as number) === text;
  }

  #make(secret: string): string {
    const places = alphanumericPlaces(secret);
    if (places.length < minDistinct) return secret.replace(/\p{L}|\p{N}/gu, plainCharacter);
    const cut = places[places.length - checkLength] as number;
    if (this.comeBack && this.#withCheck(secret, cut) === secret) return secret;
    const key = secret.length < guessable ? pbkdf2Sync(secret, this.#salt, rounds, 32, 'sha256') : Buffer.from(secret);
    return this.#withCheck(fill(secret, 0, secret.length, this.#bytes('secret', key)), cut);
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
  let filled = text.slice(0, from);
  for (let place = from; place < to; place++) {
    const char = text[place] as string;
    filled += fixed.includes(place) ? char : sameKind(char, hex, next);
  }
  return filled + text.slice(to);
}

function sameKind(char: string, hex: boolean, next: () => number): string {
  // one letter of a hexadecimal text stays a letter, one digit a digit: so the kind of each place is kept
  if (/[0-9]/.test(char)) return pick('0123456789', next());
  if (/[a-z]/.test(char)) return pick(hex ? 'abcdef' : 'abcdefghijklmnopqrstuvwxyz', next());
  if (/[A-Z]/.test(char)) return pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ', next());
  return /[\p{L}\p{N}]/u.test(char) ? 'x' : char;
}

function pick(from: string, byte: number): string {
  return from[byte % from.length] as string;
}

function plainCharacter(char: string): string {
  if (/\p{N}/u.test(char)) return '0';
  return /[A-Z]/.test(char) ? 'X' : 'x';
}

function alphanumericPlaces(text: string): number[] {
  return Array.from(text.matchAll(/[A-Za-z0-9]/g), ({ index }) => index);
}
