import { UserPattern } from '../../../core/user-pattern.js';
import { canonicalName } from '../canonical-name.js';
import type { RedactionOptions } from '../redaction-info.js';
import { meaningOfName, type Meaning } from './meaning-of-name.js';
import { mayNameSecret } from './places.js';

/** Names whose meaning is kept; after that they are found out anew. */
const maxKnown = 20_000;

/** What names mean in a project: by its own rules, and by default. */
export class Names {
  readonly #own: ReadonlySet<string>;
  readonly #keep: ReadonlySet<string>;
  readonly #known = new Map<string, Meaning | 'own' | undefined>();

  constructor(own: readonly string[], keep: readonly string[]) {
    this.#own = new Set(own.map(canonicalName));
    this.#keep = new Set(keep.map(canonicalName));
  }

  readonly meaningOf = (name: string): Meaning | 'own' | undefined => {
    if (this.#known.has(name)) return this.#known.get(name);
    if (this.#known.size >= maxKnown) this.#known.clear();
    const meaning = this.#find(name);
    this.#known.set(name, meaning);
    return meaning;
  };

  /** Whether a text may hold a name of a secret. */
  mayBeIn(text: string): boolean {
    return this.#own.size > 0 || mayNameSecret(text);
  }

  #find(name: string): Meaning | 'own' | undefined {
    const plain = canonicalName(name);
    if (this.#keep.has(plain)) return undefined;
    return this.#own.has(plain) ? 'own' : meaningOfName(name);
  }
}

export function ownPatterns({ patterns }: Pick<RedactionOptions, 'patterns'>): UserPattern[] {
  return patterns.flatMap((source) => UserPattern.parse(source) ?? []);
}
