import { isUtf8 } from 'node:buffer';
import type { RawHeaders } from '../../../http/index.js';
import { placeholdersOf, type Placeholders } from '../placeholders.js';
import type { RedactionByName } from '../redaction-info.js';
import { maxBodyBytes, withValues, type Redactor, type RedactorOptions } from '../redactor.js';
import { redactionRules, type RedactionRules } from './rules.js';

/** Shorter secrets are replaced where a rule names them, and not wherever the same characters stand. */
const minElsewhere = 8;

/** Tokens of fewer letters and digits are no secrets. */
const minSecret = 8;

/**
 * From the first of its backslashes on, or a text of many would be gone through once for each. What stands first is
 * nothing that follows the end of a string, whose quote would be taken for a beginning.
 */
const memberName = /(?<!\\)(\\*)"((?![\s,:[\]{}])(?:[^"\\\p{Cc}]|\\{1,7}u[\da-fA-F]{4}){1,64})\1"\s*:\s*/gu;
const escapedCharacter = /\\+u([\da-fA-F]{4})/g;

/** What JSON can say and no percent-encoding can. */
const loneSurrogate = /\p{Surrogate}/u;

const maxNameLength = 1024;

/** Bodies of other types stay as they are. */
const textTypes = /json|xml|text|javascript|x-www-form-urlencoded|graphql|multipart\/form-data/i;

/**
 * Redacts by exact names, as recordings of `formatVersion` 1 were redacted. It never changes: what it does to a request
 * has to be what was done to the recorded one.
 */
export class NameRedactor implements Redactor {
  readonly #rules: RedactionRules;
  readonly #placeholders: Placeholders;
  /** What is replaced wherever it stands, and by what. */
  readonly #elsewhere = new Map<string, string>();
  #everywhere: RegExp | undefined;

  constructor(
    info: RedactionByName,
    private readonly options: RedactorOptions = {},
  ) {
    this.#rules = redactionRules(info);
    this.#placeholders = placeholdersOf(info, options);
  }

  get short(): string[] {
    return this.#placeholders.short;
  }

  get elsewhere(): string[] {
    return [];
  }

  get version(): number {
    return this.#elsewhere.size;
  }

  headers(headers: RawHeaders): string[] {
    return withValues(headers, (name, value) => this.#header(name, value));
  }

  url(url: string): string {
    const mark = url.indexOf('?');
    if (mark === -1) return this.#known(this.#formats(url));
    const hash = url.indexOf('#', mark);
    const end = hash === -1 ? url.length : hash;
    return this.#known(this.#formats(url.slice(0, mark + 1) + this.query(url.slice(mark + 1, end)) + url.slice(end)));
  }

  query(query: string): string {
    return this.#parameters(query, 'query');
  }

  text(text: string, mediaType: string): string {
    if (/x-www-form-urlencoded/i.test(mediaType)) return this.#known(this.#formats(this.#parameters(text, 'form')));
    const parts = /multipart\/form-data/i.test(mediaType) ? this.#multipart(text) : text;
    return this.#known(this.#formats(this.#members(parts)));
  }

  reads(contentType: string | undefined): boolean {
    return textTypes.test(contentType ?? 'text/plain');
  }

  body(plain: Buffer, contentType: string | undefined): Buffer | undefined {
    const mediaType = contentType ?? 'text/plain';
    if (plain.length === 0 || plain.length > maxBodyBytes || !this.reads(contentType) || !isUtf8(plain))
      return undefined;
    const text = plain.toString('utf8');
    const redacted = this.text(text, mediaType);
    return redacted === text ? undefined : Buffer.from(redacted);
  }

  knownIn(bytes: Buffer): number[] {
    const text = bytes.toString('latin1');
    return [...this.#elsewhere.keys()]
      .filter((secret) => secret.length >= 16 && text.includes(secret))
      .map((each) => each.length);
  }

  isPlaceholder(text: string): boolean {
    return this.#placeholders.has(text);
  }

  #header(name: string, value: string): string {
    const known = (text: string): string => this.#known(this.#formats(text));
    if (name === 'authorization' || name === 'proxy-authorization') return known(this.#credentials(name, value));
    if (name === 'cookie') {
      return known(
        value.replace(/([^=;\s]+)=([^;]*)/g, (all, cookie: string, text: string) => this.#cookie(all, cookie, text)),
      );
    }
    if (name === 'set-cookie') {
      return known(
        value.replace(/^\s*([^=;\s]+)=([^;]*)/, (all, cookie: string, text: string) => this.#cookie(all, cookie, text)),
      );
    }
    if (name === 'location' || name === 'referer' || name === 'content-location') return this.url(value);
    return known(this.#rules.isSecretHeader(name) ? this.#secret(`header ${name}`, value) : value);
  }

  /**
   * `Bearer TOKEN`, `Basic USER:PASSWORD` in base64, `AWS KEY:SIGNATURE`, and schemes with parameters, of which
   * signatures and tokens are secrets.
   */
  #credentials(name: string, value: string): string {
    const [, scheme = '', gap = '', rest = ''] = /^(\S+)(\s+)([\s\S]*)$/.exec(value) ?? [];
    if (rest === '') return this.#secret(`header ${name}`, value);
    if (/^basic$/i.test(scheme)) return scheme + gap + this.#basic(name, rest);
    const signed = /^([\w.@/+-]{1,128}:)([\w+/-]{20,}={0,2})$/.exec(rest);
    if (signed !== null && !/^(bearer|token)$/i.test(scheme))
      return scheme + gap + (signed[1] ?? '') + this.#secret(`header ${name}`, signed[2] ?? '');
    if (!/^[\w-]+\s*=\s*\S/.test(rest) || /^(bearer|token)$/i.test(scheme))
      return scheme + gap + this.#secret(`header ${name}`, rest);
    const secret = /((?:signature|response|token|secret|oauth_signature|oauth_token)\s*=\s*"?)([^",\s]+)/gi;
    return (
      scheme +
      gap +
      rest.replace(secret, (_, before: string, text: string) => before + this.#secret(`header ${name}`, text))
    );
  }

  #basic(name: string, base64: string): string {
    const decoded = Buffer.from(base64, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon === -1) return this.#secret(`header ${name}`, base64);
    const password = this.#secret(`header ${name} password`, decoded.slice(colon + 1));
    const redacted = Buffer.from(decoded.slice(0, colon + 1) + password).toString('base64');
    this.#replaceElsewhere(base64, redacted);
    return redacted;
  }

  #cookie(all: string, name: string, value: string): string {
    if (value === '' || !this.#rules.isSecretCookie(name, value)) return all;
    return all.slice(0, all.length - value.length) + this.#secret(`cookie ${name}`, value);
  }

  #parameters(text: string, where: string): string {
    const redacted = (pair: string): string => {
      const mark = pair.indexOf('=');
      const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
      // a longer one is no name, but what is sent with the wrong type
      if (mark < 1 || value === '' || name.length > maxNameLength) return pair;
      const plain = decode(name);
      return this.#rules.isSecretField(plain) ? `${name}=${this.#encoded(`${where} ${plain}`, value)}` : pair;
    };
    return text.split('&').map(redacted).join('&');
  }

  /** A percent-encoded value: its characters are replaced, what is encoded stays so. */
  #encoded(where: string, value: string): string {
    const decoded = decode(value);
    const placeholder = this.#secret(where, decoded);
    return decoded === value ? placeholder : encodeURIComponent(placeholder);
  }

  /** Members of JSON at any depth, and of JSON within a string of JSON, without parsing: the layout stays. */
  #members(text: string): string {
    let redacted = '';
    let at = 0;
    for (const { 0: begin, 1: escape = '', 2: written = '', index } of text.matchAll(memberName)) {
      const name = written.replace(escapedCharacter, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
      if (index < at || !this.#rules.isSecretField(name)) continue;
      const value = memberValue(text, index + begin.length, escape);
      if (value === undefined) continue;
      redacted += text.slice(at, value.start) + this.#member(`json ${name}`, value);
      at = value.start + value.text.length;
    }
    return redacted + text.slice(at);
  }

  #member(where: string, { text, isNumber }: { text: string; isNumber: boolean }): string {
    return isNumber
      ? this.#secret(where, text).replace(/^(-?)0/, (_, sign: string) => `${sign}1`)
      : this.#jsonString(where, text);
  }

  #jsonString(where: string, value: string): string {
    if (!value.includes('\\')) return this.#secret(where, value);
    try {
      return JSON.stringify(this.#secret(where, JSON.parse(`"${value}"`) as string)).slice(1, -1);
    } catch {
      return this.#secret(where, value.replaceAll('\\', '')); // no JSON after all
    }
  }

  #multipart(text: string): string {
    const part = /(name="([^"]{1,64})"\r\n(?:[^\r\n]+\r\n)*\r\n)([^\r\n]{1,4096})(?=\r\n--)/g;
    return text.replace(part, (all, before: string, name: string, value: string) =>
      this.#rules.isSecretField(name) ? before + this.#secret(`form ${name}`, value) : all,
    );
  }

  /** Signatures of JWTs, and what patterns find, wherever they stand. */
  #formats(text: string): string {
    let replaced = text;
    if (text.includes('eyJ')) {
      const jwt = /\b(eyJ[\w-]{5,}\.eyJ[\w-]{2,}\.)([\w-]{16,})/g;
      replaced = replaced.replace(
        jwt,
        (_, claims: string, signature: string) => claims + this.#secret('jwt signature', signature),
      );
    }
    for (const pattern of this.#rules.patterns) {
      replaced = replaced.replace(pattern, (all: string, ...groups: unknown[]) => {
        const secret = typeof groups[0] === 'string' ? groups[0] : all;
        return secret === '' ? all : all.replace(secret, () => this.#secret('pattern', secret));
      });
    }
    return replaced;
  }

  /** A JWT keeps its header and claims: without its signature it opens nothing. */
  #secret(where: string, value: string): string {
    const jwt = /^(eyJ[\w-]+\.eyJ[\w-]+\.)([\w-]+)$/.exec(value);
    const secret = jwt?.[2] ?? value;
    if (secret.replace(/[^A-Za-z0-9]/g, '').length < minSecret && !this.#rules.mayBeShort(where)) return value;
    const placeholder = this.options.restore?.(secret) ?? this.#placeholders.for(secret);
    if (placeholder !== secret) this.options.onSecret?.({ where, value: secret, placeholder });
    this.#replaceElsewhere(secret, placeholder);
    return (jwt?.[1] ?? '') + placeholder;
  }

  #replaceElsewhere(secret: string, placeholder: string): void {
    if (secret.length < minElsewhere || placeholder === secret || this.#elsewhere.has(secret)) return;
    this.#elsewhere.set(secret, placeholder);
    this.#everywhere = undefined;
  }

  /** What rules have found before, wherever it stands; percent-encoded as well. */
  #known(text: string): string {
    if (this.#elsewhere.size === 0) return text;
    this.#everywhere ??= new RegExp(
      [...this.#elsewhere.keys()]
        .flatMap((secret) => (loneSurrogate.test(secret) ? [secret] : [secret, encodeURIComponent(secret)]))
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
        .join('|'),
      'g',
    );
    return text.replace(
      this.#everywhere,
      (found) => this.#elsewhere.get(found) ?? encodeURIComponent(this.#elsewhere.get(decode(found)) ?? ''),
    );
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What stands in a string (without its quotes) or as a number at a place. */
function memberValue(text: string, place: number, escape: string) {
  const found = /(?:(\\*)"((?:[^"\\]|\\.)*?)\1"|(-?\d[\d.]*))/y;
  found.lastIndex = place;
  const [, quote, inner, number] = found.exec(text) ?? [];
  if (number !== undefined) return { start: place, text: number, isNumber: true };
  if (quote !== escape || inner === undefined || inner === '') return undefined;
  return { start: place + quote.length + 1, text: inner, isNumber: false };
}
