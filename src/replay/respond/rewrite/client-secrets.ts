import { header, type RawHeaders } from '../../../http/index.js';
import { parseJsonText } from '../../request/text/json-text.js';
import { textMember } from '../../request/text/jwks.js';
import { pairsOf } from '../../request/text/urlencoded.js';

/** A secret that a client shares with the server that issues its tokens (RFC 6749 §2.3.1). */
interface ClientSecret {
  clientId: string;
  secret: string;
}

const maxBytes = 64 * 1024;
const maxKept = 100;

/** The secrets that clients of this run have sent: what their tokens are signed with where that is a shared one. */
export class ClientSecrets {
  readonly #known = new Map<string, ClientSecret>();

  /** Looks for one in a request as it was sent. */
  note(headers: RawHeaders, body: Buffer): void {
    const found = inBasic(header(headers, 'authorization')) ?? inBody(body);
    if (found !== undefined && found.secret !== '' && this.#known.size < maxKept)
      this.#known.set(`${found.clientId}\n${found.secret}`, found);
  }

  /** The last one first. */
  known(): ClientSecret[] {
    return [...this.#known.values()].reverse();
  }
}

function inBasic(authorization: string | undefined): ClientSecret | undefined {
  const encoded = /^Basic ([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  return { clientId: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
}

/** Both are to be coded as in forms, which not every client does. */
function decoded(text: string): string {
  return /%[0-9A-F]{2}/i.test(text) ? (pairsOf(`x=${text.replaceAll('+', '%2B')}`)[0]?.value ?? text) : text;
}

function inBody(body: Buffer): ClientSecret | undefined {
  if (body.length === 0 || body.length > maxBytes || !body.includes('client_secret')) return undefined;
  const text = body.toString('utf8');
  const json = parseJsonText(text);
  const pairs = json === undefined ? pairsOf(text) : [];
  const member = (name: string): string | undefined =>
    json === undefined ? pairs.find((pair) => pair.name === name)?.value : textMember(json, name);
  const secret = member('client_secret');
  return secret === undefined ? undefined : { clientId: member('client_id') ?? '', secret };
}
