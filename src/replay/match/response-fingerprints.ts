import { forLongTexts } from '../../core/for-long-texts.js';
import { decodeContent, header, type RecordedExchanges } from '../../http/index.js';
import { hashTexts } from '../request/field.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';

/** What differs between two readings of the same state: ids of the request, times, long numbers. */
const volatile = forLongTexts(
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}[T ][\d:.,]+|\d{2}:\d{2}:\d{2}|\d{10,}(?:\.\d+)?|[\w-]{24,}/gi,
);

/** Tells recorded responses apart by what they say, volatile values aside. Each is read once. */
export class ResponseFingerprints {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  readonly #known = new Map<number, number>();

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
  }

  of(position: number): number | Promise<number> {
    return this.#known.get(position) ?? this.#read(position);
  }

  async #read(position: number): Promise<number> {
    const { response, error } = this.#exchanges.get(position);
    const wire = await this.#bodies.get(response?.body);
    const data = decodeContent(wire, response && header(response.headers, 'content-encoding')) ?? wire;
    const location = response && header(response.headers, 'location');
    const said = data.toString('latin1').replace(volatile, '#');
    const fingerprint = hashTexts([
      String(response?.status ?? 0),
      error?.kind ?? '',
      location?.replace(volatile, '#') ?? '',
      said,
    ]);
    this.#known.set(position, fingerprint);
    return fingerprint;
  }
}
