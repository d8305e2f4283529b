import { isUtf8 } from 'node:buffer';
import type { RawHeaders } from '../../http/index.js';
import { Placeholders } from './placeholders.js';
import { KnownSecrets } from './known-secrets.js';
import { isWords, looksRandom, saysNoSecret } from './secret-names.js';
import { redactionRules, type RedactionInfo, type RedactionRules } from './redaction-rules.js';

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

const maxNameLength = 1024;

/** Larger bodies stay as they are; so do those that are not text. */
export const maxBodyBytes = 16 * 1024 * 1024;
const textTypes = /json|xml|text|javascript|x-www-form-urlencoded|graphql|multipart\/form-data/i;

/** A value that a rule found. */
export interface FoundSecret {
  /** `header authorization`, `query token`, `json password`, `jwt signature`, `pattern`. */
  where: string;
  value: string;
  placeholder: string;
}

/**
 * Replaces secrets by placeholders. What a rule has once found is replaced wherever it stands from then on. Only the
 * characters of values change: layout, names and lengths stay.
 */
export class Redactor {
  readonly #rules: RedactionRules;
  readonly #placeholders: Placeholders;
  /** What is replaced wherever it stands, and by what. */
  readonly #elsewhere = new KnownSecrets();
  /** Cookies that a server gave to browsers alone and that hold characters by chance. */
  readonly #cookies = new Set<string>();

  /**
   * `comeBack`: what is redacted may hold placeholders already (requests of a replay). `onSecret` hears of each value
   * that a rule finds.
   */
  constructor(
    info: RedactionInfo,
    private readonly options: { comeBack?: boolean; onSecret?: (found: FoundSecret) => void } = {},
  ) {
    this.#rules = redactionRules(info);
    this.#placeholders = new Placeholders(info.salt, options.comeBack ?? false, info.short);
  }

  /** Short placeholders that were made, for `RedactionInfo`. */
  get short(): string[] {
    return this.#placeholders.short;
  }

  headers(headers: RawHeaders): string[] {
    const redacted = [...headers];
    for (let i = 0; i + 1 < redacted.length; i += 2) {
      redacted[i + 1] = this.#header((redacted[i] as string).toLowerCase(), redacted[i + 1] as string);
    }
    return redacted;
  }

  /** An absolute URL, or what stands after its host. */
  url(url: string): string {
    if (this.#rules.byMeaning) return this.#urlByMeaning(url);
    const mark = url.indexOf('?');
    if (mark === -1) return this.#known(this.#formats(url));
    const hash = url.indexOf('#', mark);
    const end = hash === -1 ? url.length : hash;
    return this.#known(this.#formats(url.slice(0, mark + 1) + this.query(url.slice(mark + 1, end)) + url.slice(end)));
  }

  /** Its user's password, what follows a word like `reset-password` in its path, its query, and its fragment. */
  #urlByMeaning(url: string): string {
    const [, place = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? [];
    const path = place.replace(tokenInPath, (all, before: string, value: string) =>
      looksRandom(decode(value)) ? before + this.#encoded('path token', value) : all,
    );
    const asked = query === undefined ? '' : `?${this.query(query)}`;
    const rest = fragment === undefined ? '' : `#${this.query(fragment)}`;
    return this.#known(this.#formats(path + asked + rest));
  }

  /** `a=1&b=2`, as in a URL or a form. */
  query(query: string): string {
    return this.#parameters(query, 'query');
  }

  /** The text of a body or message, by its media type. */
  text(text: string, mediaType: string): string {
    if (/x-www-form-urlencoded/i.test(mediaType)) return this.#known(this.#formats(this.#parameters(text, 'form')));
    const parts = /multipart\//i.test(mediaType) ? this.#multipart(text) : text;
    if (!this.#rules.byMeaning) return this.#known(this.#formats(this.#members(parts)));
    const members = this.#members(this.#lists(parts));
    const marked = members.includes('<') ? this.#markup(members) : members;
    const pairs = /javascript|css/i.test(mediaType) ? marked : this.#pairs(marked);
    return this.#known(this.#formats(pairs));
  }

  /** Whether bodies of this type are looked into. */
  reads(contentType: string | undefined): boolean {
    return textTypes.test(contentType ?? 'text/plain');
  }

  /** A body without its content coding; undefined when nothing in it is a secret, or it is no text. */
  body(plain: Buffer, contentType: string | undefined): Buffer | undefined {
    const mediaType = contentType ?? 'text/plain';
    if (plain.length === 0 || plain.length > maxBodyBytes || !this.reads(contentType)) return undefined;
    const charset = isUtf8(plain) ? 'utf8' : 'latin1';
    if (charset === 'latin1' && !this.#rules.byMeaning) return undefined;
    const text = plain.toString(charset);
    const redacted = this.text(text, mediaType);
    return redacted === text ? undefined : Buffer.from(redacted, charset);
  }

  /** Whether `text`, recorded, stands for a secret. */
  isPlaceholder(text: string): boolean {
    return this.#placeholders.has(text);
  }

  #header(name: string, value: string): string {
    const known = (text: string): string => this.#known(this.#formats(text));
    if (name === 'authorization' || name === 'proxy-authorization') {
      const credentials = this.#credentials(name, value);
      return this.#rules.byMeaning ? this.#known(credentials) : known(credentials);
    }
    if (name === 'cookie') {
      return known(
        value.replace(/([^=;\s]+)=([^;]*)/g, (all, cookie: string, text: string) => this.#cookie(all, cookie, text)),
      );
    }
    if (name === 'set-cookie') {
      return known(
        value.replace(/^\s*([^=;\s]+)=([^;]*)/, (all, cookie: string, text: string) => {
          if (this.#rules.byMeaning && /;\s*httponly\b/i.test(value) && looksRandom(text)) this.#cookies.add(cookie);
          return this.#cookie(all, cookie, text);
        }),
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
    const isSecret = this.#rules.isSecretCookie(name, value) || (this.#cookies.has(name) && looksRandom(value));
    if (value === '' || !isSecret) return all;
    return all.slice(0, all.length - value.length) + this.#secret(`cookie ${name}`, value);
  }

  #parameters(text: string, where: string): string {
    const redacted = (pair: string): string => {
      const mark = pair.indexOf('=');
      const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
      // a longer one is no name, but what is sent with the wrong type
      if (mark < 1 || value === '' || name.length > maxNameLength) return pair;
      const plain = decode(name);
      return this.#isSecret(plain, decode(value)) ? `${name}=${this.#encoded(`${where} ${plain}`, value)}` : pair;
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
      if (value === undefined || !this.#isSecret(name, value.text)) continue;
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

  /** Whether what stands at a name is one, by the name and by what the value says of itself. */
  #isSecret(name: string, value: string): boolean {
    if (!this.#rules.isSecretField(name)) return false;
    if (!this.#rules.byMeaning || this.#rules.mayBeShort(`field ${name}`))
      return !this.#rules.byMeaning || !isFlag(value);
    return !saysNoSecret(value) && !isWords(value);
  }

  /** Texts in a list that is called by a secret's name: `"passwords": ["a", "b"]`. */
  #lists(text: string): string {
    return text.replace(listOfTexts, (all, before: string, name: string, list: string) =>
      this.#rules.isSecretField(name)
        ? before +
          list.replace(/"((?:[^"\\]|\\.)+)"/g, (whole, value: string) =>
            this.#isSecret(name, value) ? `"${this.#jsonString(`json ${name}`, value)}"` : whole,
          )
        : all,
    );
  }

  /** Elements and attributes of XML and HTML; of a form's field, the value beside its name. */
  #markup(text: string): string {
    const elements = text.replace(element, (all, before: string, name: string, value: string) =>
      this.#isSecret(name, value.trim()) ? before + this.#inText(`xml ${name}`, value) : all,
    );
    const named = elements.replace(namedValue, (all, before: string, name: string, between: string, value: string) =>
      this.#isSecret(name, value) ? before + name + between + this.#inText(`xml ${name}`, value) : all,
    );
    return named.replace(attribute, (all, before: string, name: string, value: string) =>
      this.#isSecret(name, value) ? before + this.#inText(`xml ${name}`, value) : all,
    );
  }

  /** `password=…` and `api_key: "…"` in prose, logs, GraphQL and settings. */
  #pairs(text: string): string {
    return text.replace(pair, (all, before: string, name: string, value: string) =>
      this.#isSecret(name, value) && !/^[[{<&]/.test(value) ? before + this.#inText(`text ${name}`, value) : all,
    );
  }

  /** The characters of a value in a text of any kind, as they are written there. */
  #inText(where: string, value: string): string {
    const inner = value.trim();
    return inner === '' ? value : value.replace(inner, () => this.#secret(where, inner));
  }

  #multipart(text: string): string {
    const part = this.#rules.byMeaning
      ? /(\bname="?([^"\r\n;]{1,64})"?(?:;[^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\n)([^\r\n]{1,4096})(?=\r?\n--)/g
      : /(name="([^"]{1,64})"\r\n(?:[^\r\n]+\r\n)*\r\n)([^\r\n]{1,4096})(?=\r\n--)/g;
    return text.replace(part, (all, before: string, name: string, value: string) =>
      this.#isSecret(name, value) ? before + this.#secret(`form ${name}`, value) : all,
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
        if (secret === '') return all;
        const at = all.lastIndexOf(secret);
        return all.slice(0, at) + this.#secret('pattern', secret) + all.slice(at + secret.length);
      });
    }
    return replaced;
  }

  /** A JWT keeps its header and claims: without its signature it opens nothing. */
  #secret(where: string, value: string): string {
    const jwt = /^(eyJ[\w-]+\.eyJ[\w-]+\.)([\w-]+)$/.exec(value);
    const formatted = jwt === null ? this.#formatOf(value) : undefined;
    const secret = jwt?.[2] ?? formatted ?? value;
    if (secret.replace(/[^A-Za-z0-9]/g, '').length < minSecret && !this.#rules.mayBeShort(where)) return value;
    const placeholder = this.#placeholders.for(secret);
    if (placeholder !== secret) this.options.onSecret?.({ where, value: secret, placeholder });
    this.#replaceElsewhere(secret, placeholder);
    if (formatted !== undefined) return value.slice(0, value.length - formatted.length) + placeholder;
    return (jwt?.[1] ?? '') + placeholder;
  }

  /** The secret part of a value that is of a known format as a whole: its beginning is what clients check. */
  #formatOf(value: string): string | undefined {
    if (!this.#rules.byMeaning || value.length > 256) return undefined;
    for (const pattern of this.#rules.patterns) {
      pattern.lastIndex = 0;
      const found = pattern.exec(value);
      pattern.lastIndex = 0;
      const secret = found?.[1];
      if (secret !== undefined && found?.[0] === value && value.endsWith(secret)) return secret;
    }
    return undefined;
  }

  #replaceElsewhere(secret: string, placeholder: string): void {
    if (secret.length < minElsewhere || placeholder === secret) return;
    // a word stands elsewhere for itself, whoever took it for a password
    if (this.#rules.byMeaning && /^[A-Za-z]+\d{0,4}[!.?]?$/.test(secret)) return;
    this.#elsewhere.add(secret, placeholder);
  }

  /** What rules have found before, wherever it stands, in other codings as well. */
  #known(text: string): string {
    return this.#elsewhere.replaceIn(text);
  }
}

/** Words in a path that are followed by what proves that somebody may go on. */
const tokenInPath =
  /((?:^|\/)(?:tokens?|reset(?:-?password)?|password-?reset|invites?|invitations?|magic(?:-?links?)?|verify(?:-?email)?|confirm(?:ation)?s?|activate|unsubscribe|auth|session|webhooks?|hooks?|bot|key|apikey|api-key|secret)\/)([^/?#]{8,})/gi;
const listOfTexts = /("([^"\\]{1,64})"\s*:\s*)(\[\s*(?:"(?:[^"\\]|\\.)*"\s*,?\s*)+\])/g;
const element = /(<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>)([^<>]{1,4096})(?=<\/)/g;
const namedValue =
  /(\bname\s*=\s*["'])([\w.[\]-]{1,64})(["'][^<>]{0,200}?\b(?:value|content)\s*=\s*["'])([^"'<>]{1,4096})(?=["'])/gi;
const attribute = /(\s([\w.:-]{1,64})\s*=\s*["'])([^"'<>]{1,4096})(?=["'])/g;
const pair =
  /((?<![\w"'$.-])([A-Za-z][\w.-]{1,63})\\?["']?\s*(?:=(?!=)|:(?!:|\/\/)|=>)\s*\\?["']?)([^\s"'<>,;&{}()[\]\\=:]{3,512}={0,2})(?![^\s"'<>,;&{}()[\]\\])/g;

function isFlag(value: string): boolean {
  return /^(?:true|false|null|none|undefined)$/i.test(value);
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
