import { forLongTexts } from '../../core/for-long-texts.js';
import { createHash } from 'node:crypto';
import {
  decodeContent,
  header,
  headerPairs,
  type RawHeaders,
  type RecordedExchanges,
  type StoredBody,
} from '../../http/index.js';
import { eachExchange } from '../loaded/each-exchange.js';
import { plainBody, type RecordedBodies } from '../loaded/recorded-bodies.js';
import { parseMediaType, type MediaType } from '../request/media-type.js';
import { parseMultipart } from '../request/text/multipart.js';
import { decodeText } from '../request/text/charset.js';
import { namesOfBody } from '../request/digest/digests.js';

const maxSearchedBytes = 2 * 1024 * 1024;

/** Which bodies a recording names by their digests, anywhere. Made by one search, when it is asked first. */
export class DigestIndex {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  /** By each text that looks like a digest: the exchange that has it in its answer, or that others have it. */
  readonly #digests = new Map<string, number | 'others'>();
  /** SHA-256 of the bodies that were answered, in hexadecimal. */
  readonly #answered = new Set<string>();
  /** Of what was sent, and of its parts: digests by length. */
  readonly #sent = new Map<number, string[]>();
  #searched: Promise<void> | undefined;

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
  }

  /** Resolves once the questions below can be answered. */
  ready(): Promise<void> {
    return (this.#searched ??= this.#search());
  }

  /** The digests of a body that stand in the recording, elsewhere than in the answer at `position`. */
  namesOf(body: Buffer, position?: number): string[] {
    if (this.#digests.size === 0) return [];
    return [...namesOfBody(body)].filter((name) => {
      const owner = this.#digests.get(name.replace(/=+$/, ''));
      return owner !== undefined && owner !== position;
    });
  }

  /** Whether some answer has these very bytes as its body. */
  isAnswered(body: Buffer): boolean {
    return this.#answered.has(createHash('sha256').update(body).digest('hex'));
  }

  /**
   * Whether some request has sent so many bytes, as its body or as a part of it, that were kept: under a digest, or to
   * be given out again.
   */
  isKeptSize(size: number): boolean {
    return this.#sent.get(size)?.some((digest) => this.#digests.has(digest) || this.#answered.has(digest)) ?? false;
  }

  async #search(): Promise<void> {
    await eachExchange(this.#exchanges, async ({ url, headers, body, response }, position) => {
      this.#note(url, 'others');
      for (const { value } of headerPairs(headers)) this.#note(value, 'others');
      const sent = await this.#plain(body, (wire) => decodeContent(wire, header(headers, 'content-encoding')));
      this.#noteBody(sent, typeOf(headers), 'others');
      for (const content of sent === undefined || sent.length === 0 ? [] : contentsOf(sent, headers)) {
        const digests = ['sha256', 'md5'].map((name) => createHash(name).update(content).digest('hex'));
        this.#sent.set(content.length, [...(this.#sent.get(content.length) ?? []), ...digests]);
      }
      if (response === undefined) return;
      for (const { value } of headerPairs(response.headers)) this.#note(value, position);
      const plain = await this.#plain(response.body, (wire) => plainBody(response, wire));
      this.#noteBody(plain, typeOf(response.headers), position);
      if (response.body?._sha256 !== undefined) this.#answered.add(response.body._sha256);
    });
  }

  async #plain(
    body: StoredBody | undefined,
    decode: (wire: Buffer) => Buffer | undefined,
  ): Promise<Buffer | undefined> {
    const wire = body === undefined ? undefined : await this.#bodies.readable(body);
    return wire && decode(wire);
  }

  #noteBody(plain: Buffer | undefined, mediaType: MediaType, owner: number | 'others'): void {
    if (plain === undefined || plain.length > maxSearchedBytes) return;
    const text = decodeText(plain, mediaType);
    if (!text.isGuess) this.#note(text.text, owner);
  }

  #note(text: string, owner: number | 'others'): void {
    if (text.length < 22) return;
    for (const [word] of text.matchAll(digestLike)) {
      const digest = word.replace(/^sha\d{1,3}-/, '');
      if (!lengths.has(digest.length)) continue;
      const known = this.#digests.get(digest);
      this.#digests.set(digest, known === undefined || known === owner ? owner : 'others');
    }
  }
}

/** A body, and the contents of its parts where it has some. */
export function contentsOf(body: Buffer, headers: RawHeaders): Buffer[] {
  const { essence, parameters } = typeOf(headers);
  const boundary = essence.startsWith('multipart/') ? parameters.get('boundary') : undefined;
  const parts = boundary === undefined ? undefined : parseMultipart(body, boundary);
  return [body, ...(parts ?? []).map(({ content }) => content)];
}

function typeOf(headers: RawHeaders): MediaType {
  return parseMediaType(header(headers, 'content-type'));
}

const digestLike = forLongTexts(/[A-Za-z0-9+/_-]{22,}/g);
/** Of MD5, SHA-1 and SHA-2 in hexadecimal and in base64 without its end. */
const lengths = new Set([22, 27, 32, 40, 43, 64, 86, 96, 128]);
