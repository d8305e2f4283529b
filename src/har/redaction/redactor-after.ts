import type { RawHeaders } from '../../http/index.js';
import type { Redactor } from './redactor.js';

/** Redacts by one set of rules and then by another, as a recording was that newer rules were applied to later. */
export class RedactorAfter implements Redactor {
  constructor(
    private readonly first: Redactor,
    private readonly second: Redactor,
  ) {}

  get short(): string[] {
    return [...new Set([...this.first.short, ...this.second.short])];
  }

  get elsewhere(): string[] {
    return this.second.elsewhere;
  }

  get version(): number {
    return this.first.version + this.second.version;
  }

  headers(headers: RawHeaders): string[] {
    return this.second.headers(this.first.headers(headers));
  }

  url(url: string): string {
    return this.second.url(this.first.url(url));
  }

  query(query: string): string {
    return this.second.query(this.first.query(query));
  }

  text(text: string, mediaType: string): string {
    return this.second.text(this.first.text(text, mediaType), mediaType);
  }

  reads(contentType: string | undefined): boolean {
    return this.first.reads(contentType) || this.second.reads(contentType);
  }

  body(plain: Buffer, contentType: string | undefined, messageEncoding?: string): Buffer | undefined {
    const first = this.first.body(plain, contentType);
    return this.second.body(first ?? plain, contentType, messageEncoding) ?? first;
  }

  knownIn(bytes: Buffer): number[] {
    return [...this.first.knownIn(bytes), ...this.second.knownIn(bytes)];
  }

  isPlaceholder(text: string): boolean {
    return this.first.isPlaceholder(text) || this.second.isPlaceholder(text);
  }
}
