import { headerPairs, type RawHeaders, type RecordedExchanges } from '../../../http/index.js';
import { plainBody, type RecordedBodies } from '../../loaded/recorded-bodies.js';
import { positionsOf } from '../../loaded/recorded-request.js';
import type { DigestIndex } from '../../match/digest-index.js';
import { findDigests } from '../../request/digest/digests.js';

/** Why a body stays as it was recorded. */
export type Fixed = 'named by its digest' | 'signed';

const maxSearchedBytes = 2 * 1024 * 1024;

/**
 * The recorded bodies that must not change by a byte: something else in the recording names them by a digest (an
 * `integrity` attribute, a registry's index, a `.sha1` file beside it), or a signature is over them.
 */
export class FixedBodies {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  readonly #digests: DigestIndex;
  readonly #known = new Map<number, Fixed | undefined>();
  #urls: ReadonlySet<string> | undefined;

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies, digests: DigestIndex) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
    this.#digests = digests;
  }

  /**
   * Why the body of the response at a position stays as it is; undefined: it may be told anew. At once where it was
   * asked before.
   */
  why(position: number): Fixed | undefined | Promise<Fixed | undefined> {
    if (this.#known.has(position)) return this.#known.get(position);
    return this.#find(position).then((found) => {
      this.#known.set(position, found);
      return found;
    });
  }

  async #find(position: number): Promise<Fixed | undefined> {
    const { response, url } = this.#exchanges.get(position);
    if (response?.body === undefined) return undefined;
    const wire = await this.#bodies.get(response.body);
    if (wire.length === 0) return undefined;
    const plain = plainBody(response, wire) ?? wire;
    if (isSignedText(plain) || isSignedByHeader(response.headers, [wire, plain]) || this.#hasSignature(url))
      return 'signed';
    await this.#digests.ready();
    const named = [wire, plain].some((body) => this.#digests.namesOf(body, position).length > 0);
    return named ? 'named by its digest' : undefined;
  }

  /** A signature of its own was fetched, too: `Release` and `Release.gpg`. */
  #hasSignature(url: string): boolean {
    this.#urls ??= new Set([...positionsOf(this.#exchanges)].map((position) => this.#exchanges.outline(position).url));
    for (const ending of ['.asc', '.sig', '.gpg', '.sign', '.minisig', '.p7s'])
      if (this.#urls.has(url + ending)) return true;
    return false;
  }
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
