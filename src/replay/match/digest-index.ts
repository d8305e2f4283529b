import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeContent, header, type RawHeaders, type RecordedExchanges, type StoredBody } from '../../http/index.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf } from '../loaded/recorded-request.js';
import { namesOfBody } from '../request/digest/digests.js';

const maxSearchedBytes = 2 * 1024 * 1024;
/** How many exchanges are searched before other work has its turn. */
const sliceSize = 50;

/** Which bodies a recording names by their digests, anywhere. Made by one search, when it is asked first. */
export class DigestIndex {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  /** By each text that looks like a digest: the exchange that has it in its answer, or that others have it. */
  readonly #digests = new Map<string, number | 'others'>();
  /** SHA-256 of the bodies that were answered, in hexadecimal. */
  readonly #answered = new Set<string>();
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

  async #search(): Promise<void> {
    for (const position of positionsOf(this.#exchanges)) {
      const { url, headers, body, response } = this.#exchanges.get(position);
      this.#note(url, 'others');
      for (const text of [...valuesOf(headers), await this.#textOf(body, headers)]) this.#note(text, 'others');
      if (response !== undefined) {
        for (const text of valuesOf(response.headers)) this.#note(text, position);
        this.#note(await this.#textOf(response.body, response.decoded ? [] : response.headers), position);
        if (response.body?._sha256 !== undefined) this.#answered.add(response.body._sha256);
      }
      if (position % sliceSize === 0) await nextTurn();
    }
  }

  async #textOf(body: StoredBody | undefined, headers: RawHeaders): Promise<string> {
    const wire = body === undefined ? undefined : await this.#bodies.readable(body);
    if (wire === undefined) return '';
    const plain = decodeContent(wire, header(headers, 'content-encoding'));
    return plain === undefined || plain.length > maxSearchedBytes || !isUtf8(plain) ? '' : plain.toString('utf8');
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

const digestLike = /[A-Za-z0-9+/_-]{22,}/g;
/** Of MD5, SHA-1 and SHA-2 in hexadecimal and in base64 without its end. */
const lengths = new Set([22, 27, 32, 40, 43, 64, 86, 96, 128]);

function valuesOf(headers: RawHeaders): string[] {
  return headers.filter((_, i) => i % 2 === 1);
}
