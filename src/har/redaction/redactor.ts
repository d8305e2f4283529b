import type { RawHeaders } from '../../http/index.js';

/** Larger bodies stay as they are. */
export const maxBodyBytes = 16 * 1024 * 1024;

/** A value that a rule found. */
export interface FoundSecret {
  /** `header authorization`, `query token`, `json password`, `jwt signature`, `pattern`. */
  where: string;
  value: string;
  placeholder: string;
}

export interface RedactorOptions {
  /** What is redacted may hold placeholders already: requests of a replay, recordings that are looked through. */
  comeBack?: boolean;
  /**
   * A recording that was redacted before, by the same rules and salt, is redacted once more: placeholders stay, and the
   * new ones are told with the old ones.
   */
  continues?: boolean;
  /** The way back: what stands for a value that a rule finds is not made, but this. */
  restore?: (placeholder: string) => string;
  /** Hears of each value that a rule finds. */
  onSecret?: (found: FoundSecret) => void;
}

/**
 * Replaces secrets by placeholders. What a rule has once found is replaced wherever it stands from then on. Only the
 * characters of values change: layout, names and lengths stay.
 */
export interface Redactor {
  /** Placeholders that were made, or given, of fewer than 8 letters and digits, for `RedactionInfo`. */
  readonly short: string[];
  /** Placeholders that stand where no rule names the place, for `RedactionInfo`. */
  readonly elsewhere: string[];
  /** Another number after each secret that became known. */
  readonly version: number;
  headers(headers: RawHeaders): string[];
  /** An absolute URL, or what stands after its host. */
  url(url: string): string;
  /** `a=1&b=2`, as in a URL or a form. */
  query(query: string): string;
  /** The text of a body or message, by its media type. */
  text(text: string, mediaType: string): string;
  /** Whether bodies of this type are looked into. */
  reads(contentType: string | undefined): boolean;
  /** A body without its content coding; undefined when nothing in it is a secret. */
  body(plain: Buffer, contentType: string | undefined, messageEncoding?: string): Buffer | undefined;
  /** Long secrets that rules have found and that stand in `bytes`, in whatever coding: of each its length. */
  knownIn(bytes: Buffer): number[];
  /** Whether `text`, recorded, stands for a secret. */
  isPlaceholder(text: string): boolean;
}

/** Headers with another value for each name (in lower case), value, and name as it is written. */
export function withValues(
  headers: RawHeaders,
  valueOf: (name: string, value: string, written: string) => string,
): string[] {
  return headers.map((text, i) => {
    if (i % 2 === 0) return text;
    const written = headers[i - 1] as string;
    return valueOf(written.toLowerCase(), text, written);
  });
}
