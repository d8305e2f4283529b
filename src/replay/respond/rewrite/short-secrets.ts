import { createRedactor, type FoundSecret, type RedactionInfo, type Redactor } from '../../../har/redaction/index.js';
import { minDistinctive } from '../../match/value-graph.js';
import type { Replacement } from '../../request/text/replacements.js';

/**
 * Secrets of this run's clients that are so short that their placeholders stand elsewhere by chance: PINs, codes,
 * words. They come back where the recording has them at a place that names a secret, and nowhere else.
 */
export class ShortSecrets {
  readonly #live = new Map<string, string>();
  /** Of each placeholder letters and digits, which stand as they are in any coding. */
  readonly #runs = new Set<string>();
  readonly #redactor: Redactor | undefined;

  /** `info`: how the recording was redacted. */
  constructor(info: RedactionInfo | undefined) {
    const restore = (placeholder: string): string => this.#live.get(placeholder) ?? placeholder;
    this.#redactor = info && createRedactor(info, { comeBack: true, restore });
  }

  note({ placeholder, value }: FoundSecret): void {
    if (placeholder.length >= minDistinctive || this.#live.has(placeholder)) return;
    this.#live.set(placeholder, value);
    this.#runs.add(placeholder.match(/[\p{L}\p{N}]+/u)?.[0] ?? '');
  }

  /** Another number after each that became known. */
  get version(): number {
    return this.#live.size;
  }

  /** Where `text`, recorded, holds them. `header`: it is the value of the header of this name. */
  in(text: string, header?: string): Replacement[] {
    const redactor = this.#redactor;
    if (redactor === undefined || !this.#mayBeIn(text)) return [];
    const restored = header === undefined ? redactor.text(text, 'text/plain') : redactor.headers([header, text])[1];
    return restored === undefined ? [] : differences(text, restored);
  }

  #mayBeIn(text: string): boolean {
    for (const run of this.#runs) if (text.includes(run)) return true;
    return false;
  }
}

/** Stretches in which a text differs from one that was made of it: each by itself where no length has changed. */
function differences(before: string, after: string): Replacement[] {
  if (before === after) return [];
  if (before.length !== after.length) {
    let start = 0;
    while (before[start] === after[start]) start += 1;
    let rest = 0;
    const most = Math.min(before.length, after.length) - start;
    while (rest < most && before[before.length - 1 - rest] === after[after.length - 1 - rest]) rest += 1;
    return [{ start, end: before.length - rest, by: after.slice(start, after.length - rest) }];
  }
  const found: Replacement[] = [];
  for (let at = 0; at < before.length; at += 1) {
    if (before[at] === after[at]) continue;
    const start = at;
    while (at < before.length && before[at] !== after[at]) at += 1;
    found.push({ start, end: at, by: after.slice(start, at) });
  }
  return found;
}
