import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { header, type RecordedExchanges } from '../../../http/index.js';
import { eachExchange } from '../../loaded/each-exchange.js';
import { plainBody, type RecordedBodies } from '../../loaded/recorded-bodies.js';
import { parseJsonText, type JsonNode } from '../../request/text/json-text.js';
import { publicKeysIn, textMember } from '../../request/text/jwks.js';
import type { Jwt } from '../../request/text/jwt.js';
import type { ClientSecrets } from './client-secrets.js';
import { fitsAlgorithm, isSignedBy, signatureOf, type JwtKey } from './jwt-signing.js';
import { keyInPlaceOf } from './made-keys.js';

interface SigningKeysInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  /** Those that the user has given. */
  given: readonly JwtKey[];
  secrets: ClientSecrets;
  /** Whether a recorded text stands for a secret. */
  isPlaceholder: (text: string) => boolean;
}

/** A public key that a recorded answer told, and the private one that signs in its place. */
interface RecordedKey {
  kid: string | undefined;
  recorded: KeyObject;
  signs: KeyObject;
}

const maxBytes = 1024 * 1024;
/** Recorded tokens whose keys are remembered. */
const maxKnown = 2000;

/**
 * The keys that tokens with new times are signed with: those that were given; in place of each public key of a replayed
 * key set one made here, whose public half is told in the set; and secrets that the client shares with the server.
 */
export class SigningKeys {
  readonly #init: SigningKeysInit;
  /** By kid and public members, as they stand in the set. */
  readonly #recorded = new Map<string, RecordedKey>();
  readonly #byToken = new Map<string, KeyObject | undefined>();
  /** A signature may have chance in it: what was signed once is told the same ever after. */
  readonly #signatures = new Map<string, string>();
  #searched: Promise<void> | undefined;
  #areThere = false;

  constructor(init: SigningKeysInit) {
    this.#init = init;
  }

  /** Resolves once the keys of the recording are there. */
  ready(): Promise<void> {
    return (this.#searched ??= this.#search());
  }

  get areThere(): boolean {
    return this.#areThere;
  }

  /** The signature of a recorded token over what it says now; undefined when no key is known for it. */
  sign(token: Jwt, signed: string): string | undefined {
    const known = this.#signatures.get(signed);
    if (known !== undefined) return known;
    const key = this.#keyOf(token);
    if (key === undefined) return undefined;
    const signature = signatureOf(signed, textMember(token.header, 'alg') ?? '', key);
    this.#signatures.set(signed, signature);
    return signature;
  }

  /** Whether a token has to be signed anew whatever it says: its recorded key is told as another one. */
  hasOtherKey(token: Jwt): boolean {
    const key = this.#keyOf(token);
    return [...this.#recorded.values()].some(({ signs }) => signs === key);
  }

  /** A key of a set, `text`, as it is told now; undefined: as it is. */
  told(text: string): string | undefined {
    const node = parseJsonText(text);
    const known = node && this.#recorded.get(nameOf(node));
    if (node?.type !== 'object' || known === undefined) return undefined;
    const fresh: JsonWebKey = createPublicKey(known.signs).export({ format: 'jwk' });
    const members = node.members.flatMap(({ key, value }) => {
      if (ofCertificate.has(key)) return [];
      const told = ofKey.has(key) ? fresh[key] : undefined;
      return [
        `${JSON.stringify(key)}:${told === undefined ? text.slice(value.start, value.end) : JSON.stringify(told)}`,
      ];
    });
    return `{${members.join()}}`;
  }

  #keyOf(token: Jwt): KeyObject | undefined {
    const name = token.parts.join('.');
    if (this.#byToken.has(name)) return this.#byToken.get(name);
    const key = this.#find(token);
    if (key !== undefined && this.#byToken.size < maxKnown) this.#byToken.set(name, key);
    return key;
  }

  #find(token: Jwt): KeyObject | undefined {
    const [algorithm = '', kid] = [textMember(token.header, 'alg'), textMember(token.header, 'kid')];
    const pair = this.#pairOf(token, algorithm, kid);
    if (pair !== undefined) return pair.signs;
    const given = this.#init.given.find(
      ({ kid: own, key }) =>
        (own === undefined || own === kid) && fitsAlgorithm(algorithm, key) && key.type !== 'public',
    );
    return given?.key ?? this.#secretOf(token, algorithm);
  }

  /**
   * The recorded key that has signed a token. Where its signature is a secret that the recording lacks: the one that it
   * names, or if it names none the only one of its kind.
   */
  #pairOf({ parts }: Jwt, algorithm: string, kid: string | undefined): RecordedKey | undefined {
    const fitting = [...this.#recorded.values()].filter(({ recorded }) => fitsAlgorithm(algorithm, recorded));
    const [head, payload, signature] = parts;
    if (!this.#init.isPlaceholder(signature))
      return fitting.find(({ recorded }) => isSignedBy(`${head}.${payload}`, signature, algorithm, recorded));
    const named = kid === undefined ? fitting : fitting.filter((key) => key.kid === kid);
    return new Set(named.map(({ signs }) => signs)).size === 1 ? named[0] : undefined;
  }

  /** The secret that has signed a token, or that of the client which the token is for. */
  #secretOf({ parts, payload }: Jwt, algorithm: string): KeyObject | undefined {
    const [head, body, signature] = parts;
    for (const { clientId, secret } of this.#init.secrets.known()) {
      const key = createSecretKey(Buffer.from(secret));
      if (!fitsAlgorithm(algorithm, key)) return undefined;
      const isIts = this.#init.isPlaceholder(signature)
        ? audienceOf(payload).includes(clientId)
        : isSignedBy(`${head}.${body}`, signature, algorithm, key);
      if (isIts) return key;
    }
    return undefined;
  }

  async #search(): Promise<void> {
    const { exchanges, bodies, given } = this.#init;
    const found = new Map<string, { kid: string | undefined; recorded: KeyObject }>();
    await eachExchange(exchanges, async ({ response }) => {
      if (noKeySet.test(header(response?.headers ?? [], 'content-type') ?? '')) return;
      const wire = response?.body && (await bodies.readable(response.body));
      const plain = response && wire && plainBody(response, wire);
      if (plain === undefined || plain.length > maxBytes || !plain.includes('"kty"')) return;
      const json = parseJsonText(plain.toString('utf8'));
      for (const node of json === undefined ? [] : publicKeysIn(json)) {
        const recorded = publicKeyOf(node);
        if (recorded !== undefined) found.set(nameOf(node), { kid: textMember(node, 'kid'), recorded });
      }
    });
    for (const [name, { kid, recorded }] of found) {
      const own = given.find(
        (key) =>
          key.key.type === 'private' && (key.kid === undefined || key.kid === kid) && areAlike(key.key, recorded),
      );
      this.#recorded.set(name, { kid, recorded, signs: own?.key ?? (await keyInPlaceOf(recorded)) });
    }
    this.#byToken.clear();
    this.#areThere = true;
  }
}

/** What is never JSON, whatever else it may be called. */
const noKeySet = /^(?:image|audio|video|font)\/|html|css|javascript|zip|pdf/i;

/** Members of a JSON Web Key that are the public key itself, and those of its certificate. */
const ofKey: ReadonlySet<string> = new Set(['n', 'e', 'x', 'y']);
const ofCertificate: ReadonlySet<string> = new Set(['x5c', 'x5t', 'x5t#S256', 'x5u']);

function nameOf(node: JsonNode): string {
  return JSON.stringify(['kid', 'kty', 'crv', ...ofKey].map((name) => textMember(node, name)));
}

function publicKeyOf(node: JsonNode): KeyObject | undefined {
  const members = ['kty', 'crv', ...ofKey].map((name) => [name, textMember(node, name)] as const);
  const jwk: JsonWebKey = Object.fromEntries(members.filter(([, value]) => value !== undefined));
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return ['rsa', 'ec', 'ed25519', 'ed448'].includes(key.asymmetricKeyType ?? '') ? key : undefined;
  } catch {
    return undefined; // of a kind that is not known here, or no key at all: it stays as it is
  }
}

function areAlike(one: KeyObject, other: KeyObject): boolean {
  return (
    one.asymmetricKeyType === other.asymmetricKeyType &&
    one.asymmetricKeyDetails?.namedCurve === other.asymmetricKeyDetails?.namedCurve
  );
}

/** Whom a token is for (RFC 7519 §4.1.3, OpenID Connect Core §2). */
function audienceOf(payload: JsonNode): string[] {
  const list = payload.type === 'object' ? payload.members.find(({ key }) => key === 'aud')?.value : undefined;
  const several =
    list?.type === 'array' ? list.items.flatMap((item) => (item.type === 'string' ? [item.value] : [])) : [];
  return [...several, textMember(payload, 'aud'), textMember(payload, 'azp')].filter((text) => text !== undefined);
}
