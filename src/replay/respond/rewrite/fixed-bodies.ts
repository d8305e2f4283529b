import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  decodeContent,
  header,
  headerPairs,
  type RawHeaders,
  type RecordedExchanges,
  type StoredBody,
} from '../../../http/index.js';
import type { RecordedBodies } from '../../loaded/recorded-bodies.js';
import { positionsOf } from '../../loaded/recorded-request.js';
import { findDigests, namesOfBody } from './digests.js';

/** Why a body stays as it was recorded. */
export type Fixed = 'named by its digest' | 'signed';

const maxSearchedBytes = 2 * 1024 * 1024;
const sliceSize = 50;

/**
 * The recorded bodies that must not change by a byte: something else in the recording names them by a digest (an
 * `integrity` attribute, a registry's index, a `.sha1` file beside it), or a signature is over them.
 */
export class FixedBodies {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  readonly #known = new Map<number, Fixed | undefined>();
  /** By each text that looks like a digest: the exchange that has it, or that several have it. */
  readonly #digests = new Map<string, number | 'several'>();
  #searched: Promise<void> | undefined;
  #urls: ReadonlySet<string> | undefined;

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
  }

  /** Why the body of the response at a position stays as it is; undefined: it may be told anew. */
  async why(position: number): Promise<Fixed | undefined> {
    if (this.#known.has(position)) return this.#known.get(position);
    const found = await this.#find(position);
    this.#known.set(position, found);
    return found;
  }

  async #find(position: number): Promise<Fixed | undefined> {
    const { response, url } = this.#exchanges.get(position);
    if (response?.body === undefined) return undefined;
    const wire = await this.#bodies.get(response.body);
    if (wire.length === 0) return undefined;
    const plain = response.decoded ? wire : (decodeContent(wire, header(response.headers, 'content-encoding')) ?? wire);
    if (isSignedText(plain) || isSignedByHeader(response.headers, [wire, plain]) || this.#hasSignature(url))
      return 'signed';
    await (this.#searched ??= this.#search());
    if (this.#digests.size === 0) return undefined;
    for (const body of plain.equals(wire) ? [wire] : [wire, plain]) {
      for (const name of namesOfBody(body)) {
        const owner = this.#digests.get(name) ?? this.#digests.get(name.replace(/=+$/, ''));
        if (owner !== undefined && owner !== position) return 'named by its digest';
      }
    }
    return undefined;
  }

  /** A signature of its own was fetched, too: `Release` and `Release.gpg`. */
  #hasSignature(url: string): boolean {
    this.#urls ??= new Set([...positionsOf(this.#exchanges)].map((position) => this.#exchanges.outline(position).url));
    for (const ending of ['.asc', '.sig', '.gpg', '.sign', '.minisig', '.p7s'])
      if (this.#urls.has(url + ending)) return true;
    return false;
  }

  async #search(): Promise<void> {
    for (const position of positionsOf(this.#exchanges)) {
      const { url, headers, body, response } = this.#exchanges.get(position);
      // its own headers are made anew with it, so only its URL counts
      this.#note(url, 'several');
      for (const text of [...values(headers), await this.#textOf(body, headers)]) this.#note(text, 'several');
      if (response === undefined) continue;
      for (const text of values(response.headers)) this.#note(text, position);
      this.#note(await this.#textOf(response.body, response.decoded ? [] : response.headers), position);
      if (position % sliceSize === 0) await nextTurn();
    }
  }

  async #textOf(body: StoredBody | undefined, headers: RawHeaders): Promise<string> {
    if (body === undefined) return '';
    const wire = await this.#bodies.get(body);
    const plain = decodeContent(wire, header(headers, 'content-encoding'));
    return plain === undefined || plain.length > maxSearchedBytes || !isUtf8(plain) ? '' : plain.toString('utf8');
  }

  #note(text: string, owner: number | 'several'): void {
    if (text.length < 22) return;
    for (const [word] of text.matchAll(digestLike)) {
      const digest = word.replace(/^sha\d{1,3}-/, '').replace(/=+$/, '');
      if (!lengths.has(digest.length)) continue;
      const known = this.#digests.get(digest);
      this.#digests.set(digest, known === undefined || known === owner ? owner : 'several');
    }
  }
}

const digestLike = /[A-Za-z0-9+/_-]{22,}/g;
/** Of MD5, SHA-1 and SHA-2 in hexadecimal and in base64 without its end. */
const lengths = new Set([22, 27, 32, 40, 43, 64, 86, 96, 128]);

function values(headers: RawHeaders): string[] {
  return headers.filter((_, i) => i % 2 === 1);
}

const pgp = '-----BEGIN PGP SIGNED MESSAGE-----';
const xmlSignature = /<(?:[\w-]+:)?Signature\b[^>]*http:\/\/www\.w3\.org\/2000\/09\/xmldsig#/;
/** RFC 7515 §7.2. */
const jsonSignature =
  /"(?:protected|payload)"\s*:\s*"[\w-]{4,}"[\s\S]*"signature"\s*:\s*"[\w-]{20,}"|"signature"\s*:\s*"[\w-]{20,}"[\s\S]*"(?:protected|payload)"\s*:\s*"[\w-]{4,}"/;

/** PGP clear text, XML with a signature, JSON with one of JOSE. */
function isSignedText(plain: Buffer): boolean {
  if (plain.length > maxSearchedBytes) return false;
  if (plain.includes(pgp)) return true;
  const [xml, json] = [plain.includes('xmldsig#'), plain.includes('"signature"')];
  if (!xml && !json) return false;
  const text = plain.toString('latin1');
  return (xml && xmlSignature.test(text)) || (json && jsonSignature.test(text));
}

const signatureHeader = /(?:^|-)(?:signature|hmac|mac)(?:-|$)|^x-hub-signature/i;

/** A header that is called a signature and is no digest of the body: a key is needed to make it anew. */
function isSignedByHeader(headers: RawHeaders, bodies: readonly Buffer[]): boolean {
  const signed = headerPairs(headers).filter(
    ({ name, value }) => signatureHeader.test(name) && /[A-Za-z0-9+/_-]{22,}/.test(value),
  );
  if (signed.length === 0) return false;
  const raw = signed.flatMap(({ name, value }) => [name, value]);
  return findDigests(raw, bodies).length < signed.length;
}
