import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { shellWord } from '../core/shell-word.js';
import { ProxyctlError } from '../errors/index.js';
import {
  createRedactor,
  maxBodyBytes,
  type FoundSecret,
  type RedactionInfo,
  type Redactor,
} from '../har/redaction/index.js';
import { decodeContent, header, type RawHeaders } from '../http/index.js';
import type { JournalBody, JournalEntry } from './journal-reader.js';
import { redactEntry } from './redact-entry.js';

/** A secret that would be published in the clear. */
interface StandingSecret {
  /** The exchange's number. */
  entry: number;
  method: string;
  url: string;
  /** `header authorization`, `json password`, `response body`. */
  where: string;
  /** Characters of it. */
  length: number;
}

/** Of more, the rest is not told one by one. */
const maxTold = 5;
/** Of a body that is read in pieces: as much of each is looked through once more with the next, for what is cut. */
const overlap = 8192;
const pieceBytes = 1 << 20;

/**
 * Looks through what is about to be published, as `recordings scan` does it: what the rules still find in it, and the
 * secrets that they have found, in bodies that redaction leaves as they are (files, pictures, large ones).
 */
export class PublishScan {
  readonly #found: StandingSecret[] = [];

  /** Where rules find something in the exchange that is looked through, and how long that is. */
  readonly #standing = new Map<string, number>();
  readonly #rules: Redactor;

  /** `redactor` has gone through all of it; `info`: by which rules. */
  constructor(
    private readonly redactor: Redactor,
    info: RedactionInfo,
  ) {
    const onSecret = ({ where, value }: FoundSecret): void => void this.#standing.set(where, value.length);
    this.#rules = createRedactor({ ...info, short: redactor.short }, { comeBack: true, onSecret });
  }

  /** Whether nothing was found so far. `entry` is without its secrets. */
  async isClean(entry: JournalEntry): Promise<boolean> {
    this.#standing.clear();
    const { record } = await redactEntry(entry, this.#rules);
    for (const side of ['request', 'response'] as const) {
      const body = entry[side];
      const length = body === undefined ? undefined : await this.#knownIn(body, entry.record[side]?.headers ?? []);
      if (length !== undefined) this.#standing.set(`${side} body`, length);
    }
    const { method, url } = record.request;
    for (const [where, length] of this.#standing) this.#found.push({ entry: record.index, method, url, where, length });
    return this.#found.length === 0;
  }

  /** Throws `PROXYCTL_SECRETS_FOUND` when something was found, with its places. */
  throwIfFound(testId: string, recordingId: string): void {
    const { length } = this.#found;
    if (length === 0) return;
    const told = this.#found.slice(0, maxTold).map(({ entry, method, url, where, length: characters }) => {
      return `#${entry} ${method} ${url}: ${where} (${characters} characters)`;
    });
    const more = length > maxTold ? ` and ${length - maxTold} more` : '';
    const many = length === 1 ? '1 secret' : `${length} secrets`;
    throw new ProxyctlError(
      'PROXYCTL_SECRETS_FOUND',
      `The recording of "${testId}" was not published: ${many} would stand in it in the clear: ${told.join('; ')}${more}`,
      {
        hint: `It is whole on this machine. Name the place under redact in proxyctl.config.yaml, then: proxyctl recordings push ${shellWord(recordingId)}. If all may read it, add --publish-anyway.`,
        data: { recordingId, secrets: this.#found },
      },
    );
  }

  /** The length of a known secret in a body. */
  async #knownIn(body: JournalBody, headers: RawHeaders): Promise<number | undefined> {
    if (body.ref.size > maxBodyBytes) return this.#knownInPieces(body);
    const wire = body.bytes ?? (await buffer(body.open()));
    const plain = decodeContent(wire, header(headers, 'content-encoding'), maxBodyBytes) ?? wire;
    return this.redactor.knownIn(unpacked(plain))[0];
  }

  async #knownInPieces(body: JournalBody): Promise<number | undefined> {
    let piece = Buffer.alloc(0);
    for await (const chunk of body.open() as AsyncIterable<Buffer>) {
      piece = Buffer.concat([piece, chunk]);
      if (piece.length < pieceBytes) continue;
      const [found] = this.redactor.knownIn(piece);
      if (found !== undefined) return found;
      piece = piece.subarray(-overlap);
    }
    return this.redactor.knownIn(piece)[0];
  }
}

/** What a file of gzip holds; other bytes as they are. */
function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBodyBytes });
  } catch {
    return bytes; // no gzip after all, or too large
  }
}
