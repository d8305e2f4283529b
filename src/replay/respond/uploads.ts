import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { decodeContent, header, type RawHeaders, type RecordedExchange } from '../../http/index.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import type { Correlation } from '../match/correlation.js';
import { contentsOf, type DigestIndex } from '../match/digest-index.js';
import { UploadSizes } from './upload-sizes.js';
import { findDigests, namesOfBody, withNewDigests } from '../request/digest/digests.js';

interface UploadsInit {
  bodies: RecordedBodies;
  correlation: Correlation;
  digests: DigestIndex;
}

/** What the client has sent is kept for its own downloads, up to so many bytes. */
const maxKeptBytes = 64 * 1024 * 1024;

/**
 * What this client uploads in place of what was uploaded when it was recorded. The digests that the recording has of
 * the one are told as those of the other, and whoever asks for the one back gets the other.
 */
export class Uploads {
  readonly #init: UploadsInit;
  /** By the SHA-256 of the recorded body, in hexadecimal. */
  readonly #live = new LRUCache<string, Buffer>({
    maxSize: maxKeptBytes,
    sizeCalculation: ({ length }) => Math.max(1, length),
  });

  readonly sizes = new UploadSizes();

  constructor(init: UploadsInit) {
    this.#init = init;
  }

  /** A write of the client stands for a recorded one. `data`: its body as it was sent. */
  async note(recorded: RecordedExchange, headers: RawHeaders, data: Buffer): Promise<void> {
    if (data.length === 0 || recorded.body === undefined) return;
    const { bodies, digests } = this.#init;
    const wire = await bodies.get(recorded.body);
    if (wire.equals(data)) return;
    await digests.ready();
    const past = decodeContent(wire, header(recorded.headers, 'content-encoding')) ?? wire;
    const present = decodeContent(data, header(headers, 'content-encoding')) ?? data;
    const [recordedContents, liveContents] = [contentsOf(past, recorded.headers), contentsOf(present, headers)];
    if (recordedContents.length !== liveContents.length) return;
    recordedContents.forEach(({ length }, i) => this.sizes.note(length, liveContents[i]?.length ?? length));
    recordedContents.forEach((content, i) => this.#stand(content, liveContents[i] as Buffer, recorded.response));
  }

  #stand(past: Buffer, present: Buffer, response: RecordedExchange['response']): void {
    if (past.equals(present)) return;
    const { correlation, digests } = this.#init;
    const announce = (from: string, to: string): void =>
      correlation.announce({ recorded: from, incoming: to, isPiece: false });
    const named = new Set(digests.namesOf(past));
    if (named.size > 0) {
      const liveNames = [...namesOfBody(present)];
      [...namesOfBody(past)].forEach((name, i) => {
        if (named.has(name)) announce(name, liveNames[i] as string);
      });
    }
    const answered = response?.headers ?? [];
    withNewDigests(answered, findDigests(answered, [past]), [present], announce);
    if (digests.isAnswered(past)) this.#live.set(createHash('sha256').update(past).digest('hex'), present);
  }

  /** What the client uploaded in place of the body of a recorded answer; undefined: it is none that was uploaded. */
  inPlaceOf({ response }: RecordedExchange): Buffer | undefined {
    const hash = response?.body?._sha256;
    return hash === undefined || this.#live.size === 0 ? undefined : this.#live.get(hash);
  }
}
