import { isUtf8 } from 'node:buffer';
import type { UserPattern } from '../../../core/user-pattern.js';
import type { RawHeaders } from '../../../http/index.js';
import { placeholdersOf, type Placeholders } from '../placeholders.js';
import type { RedactionByMeaning } from '../redaction-info.js';
import { maxBodyBytes, withValues, type Redactor, type RedactorOptions } from '../redactor.js';
import { redactAssignments } from './assignments.js';
import { changeBase64Texts } from './base64-texts.js';
import { changeBody } from './bodies.js';
import { percentCoding, percentCodingAlone, throughCoding } from './coded-text.js';
import { redactCredentials } from './credentials.js';
import { redactColumns } from './csv.js';
import { redactFormats } from './find-formats.js';
import { keptPrefix } from './formats.js';
import { redactMembers } from './json-members.js';
import { KnownSecrets } from './known-secrets.js';
import { LiveValues } from './live-values.js';
import { redactMarkup } from './markup.js';
import type { Meaning } from './meaning-of-name.js';
import { changeParts, type Part } from './multipart.js';
import { redactSegments } from './path-segments.js';
import { changeRuns } from './printable-runs.js';
import type { Places } from './places.js';
import { redactPairs } from './protobuf-pairs.js';
import { Names, ownPatterns } from './rules.js';
import { isFilledIn, isRandom, isSecretValue } from './values.js';

const maxNameLength = 1024;
/** Bodies that hold no text: pictures, sound, fonts. */
const mediaTypes = /^\s*(?:image|audio|video|font)\/(?!svg)/i;
const urlHeaders = new Set(['location', 'referer', 'content-location']);
const jwt = /^(eyJ[\w-]+\.eyJ[\w-]+\.)([\w-]+)$/;
/** What stands before a value that a machine made: how it was made. */
const madeBefore = /^(?:(?:Bearer|Token|JWT|ApiKey|Basic|OAuth)\s+|(?:sha\d{1,3}|md5|hmac-\w{3,8}|v\d)[=:])/i;

/** Redacts by the meaning of names, by formats, and by what these have found (`formatVersion` 2). */
export class MeaningRedactor implements Redactor {
  readonly #placeholders: Placeholders;
  readonly #known = new KnownSecrets();
  readonly #patterns: readonly UserPattern[];
  readonly #fields: Places;
  readonly #headerNames: Names;
  readonly #fieldNames: Names;
  readonly #live: LiveValues;
  /** Placeholders that were made here, which stand for themselves. */
  readonly #made = new Set<string>();
  readonly #elsewhere: Set<string>;
  #isInner = false;

  constructor(
    info: RedactionByMeaning,
    private readonly options: RedactorOptions = {},
  ) {
    this.#placeholders = placeholdersOf(info, options);
    this.#patterns = ownPatterns(info);
    this.#headerNames = new Names(info.headers, info.keep);
    this.#fieldNames = new Names(info.fields, info.keep);
    this.#fields = {
      meaningOf: this.#fieldNames.meaningOf,
      replace: (...place) => this.#replace(...place),
      writtenAs: (placeholder) => this.#placeholders.add(placeholder),
    };
    this.#elsewhere = new Set(info.elsewhere);
    this.#live = new LiveValues(options.comeBack === true ? [...this.#elsewhere] : []);
  }

  get short(): string[] {
    return this.#placeholders.short;
  }

  get elsewhere(): string[] {
    return [...this.#elsewhere];
  }

  get version(): number {
    return this.#known.size;
  }

  headers(headers: RawHeaders): string[] {
    return withValues(headers, (name, value, written) => this.#header(name, value, written));
  }

  url(url: string): string {
    const hash = url.indexOf('#');
    const whole = hash === -1 ? url.length : hash;
    const mark = url.slice(0, whole).indexOf('?');
    const pathEnd = mark === -1 ? whole : mark;
    const path = this.#path(url.slice(0, pathEnd));
    const query = mark === -1 ? '' : `?${this.query(url.slice(mark + 1, whole))}`;
    const fragment = hash === -1 ? '' : `#${this.#parameters(url.slice(hash + 1), 'fragment')}`;
    return this.#anywhere(path + query + fragment);
  }

  query(query: string): string {
    return this.#parameters(query, 'query');
  }

  text(text: string, mediaType: string): string {
    if (/multipart\//i.test(mediaType)) {
      return this.#anywhere(this.#multipart(Buffer.from(text), mediaType)?.toString('utf8') ?? text);
    }
    if (/x-www-form-urlencoded/i.test(mediaType)) return this.#anywhere(this.#parameters(text, 'form'));
    return this.#plain(text, mediaType);
  }

  reads(contentType: string | undefined): boolean {
    return !mediaTypes.test(contentType ?? '');
  }

  body(plain: Buffer, contentType: string | undefined, messageEncoding?: string): Buffer | undefined {
    if (plain.length === 0 || plain.length > maxBodyBytes || !this.reads(contentType)) return undefined;
    if (/multipart\//i.test(contentType ?? '')) {
      const redacted = this.#multipart(plain, contentType as string) ?? plain;
      const known = this.#knownInBytes(redacted.toString('latin1'), redacted) ?? redacted;
      return known === plain ? undefined : known;
    }
    return changeBody(plain, contentType, {
      messageEncoding,
      text: (text, mediaType) => this.text(text, mediaType),
      bytes: (bytes) => this.#bytes(bytes),
    });
  }

  knownIn(bytes: Buffer): number[] {
    return this.#known.longIn(bytes.toString('latin1')).map((secret) => secret.length);
  }

  isPlaceholder(text: string): boolean {
    return this.#placeholders.has(text);
  }

  #header(name: string, value: string, written: string): string {
    if (name === 'authorization' || name === 'proxy-authorization')
      return this.#anywhere(this.#credentials(name, value));
    if (name === 'cookie' || name === 'set-cookie') return this.#anywhere(this.#cookies(name, value));
    if (urlHeaders.has(name)) return this.url(value);
    if (name === 'sec-websocket-protocol') return this.#anywhere(this.#protocols(value));
    const meaning = this.#headerNames.meaningOf(written) ?? this.#headerNames.meaningOf(name);
    const redacted = meaning === undefined ? value : this.#replace(`header ${name}`, value, meaning);
    return redacted === value ? this.#plain(value, 'text/plain') : this.#anywhere(redacted);
  }

  #credentials(name: string, value: string): string {
    return redactCredentials(value, {
      password: (secret) => this.#secret(`header ${name} password`, secret),
      token: (secret) =>
        isLongEnough(secret) && !isFilledIn(secret) ? this.#secret(`header ${name}`, secret) : secret,
      parameter: (parameter, secret) => {
        const meaning = this.#fieldNames.meaningOf(parameter);
        return meaning === undefined ? secret : this.#replace(`header ${name} ${parameter}`, secret, meaning);
      },
    });
  }

  /** Browsers send credentials as a subprotocol, since they may set no header: what is no word is one. */
  #protocols(value: string): string {
    return value.replace(/[^\s,.]{16,}(?:\.[^\s,.]{16,})*/g, (item) =>
      isRandom(item) ? this.#secret('header sec-websocket-protocol', item) : item,
    );
  }

  /** Pairs of a `Cookie` or the one of a `Set-Cookie`, with attributes. */
  #cookies(header: string, value: string): string {
    const httpOnly = header === 'set-cookie' && /;\s*httponly\b/i.test(value);
    const pair = header === 'set-cookie' ? /^(\s*)([^=;\s]+)=([^;]*)/ : /(^|[;,]\s*)([^=;\s]+)=([^;]*)/g;
    return value.replace(pair, (all: string, before: string, name: string, text: string) => {
      const redacted = this.#cookie(name, text, httpOnly);
      return redacted === text ? all : `${before}${name}=${redacted}`;
    });
  }

  /**
   * A cookie is a secret by the meaning of its name, or when its server hides it from scripts and its value looks made.
   */
  #cookie(name: string, value: string, httpOnly: boolean): string {
    const meaning = this.#headerNames.meaningOf(name);
    return throughCoding(value, percentCodingAlone, (plain) => {
      if (meaning !== undefined && meaning !== 'cookies') return this.#replace(`cookie ${name}`, plain, meaning);
      if ((httpOnly || /log(?:ged)?_?in|remember/i.test(name)) && isRandom(plain))
        return this.#secret(`cookie ${name}`, plain);
      return /["{=]/.test(plain) ? this.#structured(plain, 'text/plain') : plain;
    });
  }

  #path(path: string): string {
    const segments = redactSegments(path, (where, secret) => this.#secret(where, secret));
    return segments.replace(/;([\w.-]{2,64})=([^;/?#]{1,1024})/g, (all, name: string, value: string) => {
      const meaning = this.#fieldNames.meaningOf(name);
      return meaning === undefined ? all : `;${name}=${this.#encoded(`path ${name}`, value, meaning)}`;
    });
  }

  #parameters(text: string, where: string): string {
    const redacted = (pair: string): string => {
      const mark = pair.indexOf('=');
      const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
      // a longer one is no name, but what is sent with the wrong type
      if (mark < 1 || value === '' || name.length > maxNameLength) return pair;
      const plain = throughPercent(name);
      const meaning = this.#fieldNames.meaningOf(plain);
      if (meaning !== undefined) return `${name}=${this.#encoded(`${where} ${plain}`, value, meaning)}`;
      if (!/%|["{<:=/]|^[\w+-]{20}/.test(value)) return pair;
      return `${name}=${throughCoding(value, percentCoding, (inner) => this.#plain(inner, 'text/plain'))}`;
    };
    return text.split('&').map(redacted).join('&');
  }

  #encoded(where: string, value: string, meaning: Meaning | 'own'): string {
    const coding = meaning === 'made' ? percentCodingAlone : percentCoding;
    return throughCoding(value, coding, (plain) => this.#replace(where, plain, meaning));
  }

  #multipart(body: Buffer, contentType: string): Buffer | undefined {
    return changeParts(body, contentType, (part) => this.#part(part));
  }

  #part({ name, contentType, isFile, content }: Part): Buffer | undefined {
    if (content.length === 0) return undefined;
    const meaning = name === undefined || isFile ? undefined : this.#fieldNames.meaningOf(name);
    const encoding = isUtf8(content) ? 'utf8' : 'latin1';
    if (meaning !== undefined && content.length <= 65_536) {
      const text = content.toString(encoding);
      const redacted = this.#replace(`form ${name ?? ''}`, text, meaning);
      if (redacted !== text) return Buffer.from(redacted, encoding);
    }
    return this.body(content, contentType ?? (isFile ? 'application/octet-stream' : 'text/plain'));
  }

  /** Any text: by what it has of JSON, markup, assignments and URLs, then by formats and what is known. */
  #plain(text: string, mediaType: string): string {
    return this.#anywhere(this.#structured(text, mediaType));
  }

  #structured(text: string, mediaType: string): string {
    const linked = redactSegments(text, (where, secret) => this.#secret(where, secret));
    const inBase64 = changeBase64Texts(linked, (plain) => this.#inner(plain));
    if (!this.#fieldNames.mayBeIn(inBase64)) return inBase64;
    const columns = /\b(?:csv|tab-separated-values)\b/i.test(mediaType)
      ? redactColumns(inBase64, this.#fields)
      : inBase64;
    const members = redactMembers(columns, this.#fields);
    const elements = redactMarkup(members, this.#fields);
    return redactAssignments(elements, mediaType, this.#fields, {
      credentials: (value) => this.#credentials('authorization', value),
      cookies: (name, value) => this.#cookies(name, value),
    });
  }

  /** A text within another one, in a coding of its own; one within that is not looked for. */
  #inner(plain: string): string {
    if (this.#isInner) return plain;
    this.#isInner = true;
    try {
      return this.#plain(plain, 'text/plain');
    } finally {
      this.#isInner = false;
    }
  }

  /** What is a secret wherever it stands. */
  #anywhere(text: string): string {
    let redacted = redactFormats(text, { replace: (where, secret) => this.#secret(where, secret) });
    for (const pattern of this.#patterns) {
      redacted = redacted.replace(pattern, (all: string, ...groups: unknown[]) => {
        const secret = typeof groups[0] === 'string' ? groups[0] : all;
        return secret === '' ? all : all.replace(secret, () => this.#secret('pattern', secret));
      });
    }
    this.#tellLive(redacted);
    return this.#known.replaceIn(redacted, ({ placeholder }) => this.#elsewhere.add(placeholder));
  }

  /** Values of this client whose placeholders are known, before a rule has found them. */
  #tellLive(text: string, inBytes = false): void {
    const values = this.#live.in(text, (value) => this.#placeholderOf(value), inBytes);
    for (const value of values) this.#secret('elsewhere', value);
  }

  /** What is no text: lengths stand in it, which must stay right. */
  #bytes(bytes: Buffer): Buffer | undefined {
    const runs = changeRuns(bytes.toString('latin1'), (run) => {
      const redacted = this.#structured(run, 'text/plain');
      return redacted.length === run.length ? redacted : run;
    });
    return this.#knownInBytes(redactPairs(runs, this.#fields), bytes);
  }

  /** By formats and by what is known. `text`: the bytes as Latin-1, perhaps changed already. */
  #knownInBytes(text: string, bytes: Buffer): Buffer | undefined {
    const formats = redactFormats(text, { isBinary: true, replace: (where, secret) => this.#secret(where, secret) });
    this.#tellLive(formats, true);
    const redacted = this.#known.replaceIn(formats, ({ placeholder }) => this.#elsewhere.add(placeholder), true);
    if (redacted.length !== bytes.length) return undefined;
    const now = Buffer.from(redacted, 'latin1');
    return now.equals(bytes) ? undefined : now;
  }

  #replace(where: string, value: string, meaning: Meaning | 'own'): string {
    if (meaning === 'own') return this.#secret(where, value);
    if (meaning === 'cookies') return this.#cookies('cookie', value);
    if (meaning !== 'made') return isSecretValue(value, meaning) ? this.#secret(where, value) : value;
    if (/\bauthorization$/i.test(where)) return this.#credentials(where.slice(where.indexOf(' ') + 1), value);
    if (/^t=\d+,/.test(value)) return value.replace(/(?<=[,=]v\d=)[\da-f]{16,}/g, (one) => this.#secret(where, one));
    const before = madeBefore.exec(value)?.[0] ?? '';
    const own = value.slice(before.length);
    return isSecretValue(own, 'made') ? before + this.#secret(where, own) : value;
  }

  /** A JWT keeps its header and claims: without its signature it opens nothing. */
  #secret(where: string, value: string): string {
    const [, claims = '', signature] = jwt.exec(value) ?? [];
    const secret = signature ?? value;
    if (secret === '' || this.#made.has(secret)) return value;
    const placeholder = this.#placeholderOf(secret);
    if (placeholder !== secret) this.options.onSecret?.({ where, value: secret, placeholder });
    if (isLongEnough(placeholder)) this.#made.add(placeholder);
    this.#known.add(secret, placeholder);
    return claims + placeholder;
  }

  #placeholderOf(secret: string): string {
    return this.options.restore?.(secret) ?? this.#placeholders.for(secret, keptPrefix(secret));
  }
}

function throughPercent(name: string): string {
  return name.includes('%') || name.includes('+') ? decodeName(name) : name;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

function isLongEnough(value: string): boolean {
  return (value.match(/[A-Za-z0-9]/g)?.length ?? 0) >= 8;
}
