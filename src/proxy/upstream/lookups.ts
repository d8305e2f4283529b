import type { ExchangeNotes } from '../../http/index.js';
import type { Target } from './failures.js';

/** Sees names of hosts before they are resolved. */
export interface Lookups {
  /** `target`: what the connection is to. Resolves when the name may be resolved; `undefined`: at once. */
  before(name: string, target: Target, notes?: ExchangeNotes): Promise<void> | undefined;
  /** The name has an address. */
  resolved(name: string): void;
}
