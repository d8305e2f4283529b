import { hash } from 'node:crypto';
import { header } from '../../http/index.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { FieldRules } from '../rules/rule-set.js';
import type { VolatileValue } from '../volatile/volatile-value.js';

/** What looking up and comparing need of a body; its fields are only for explaining. */
export interface BodyParts {
  key: number;
  volatileValues: readonly VolatileValue[];
}

/** Smaller bodies are prepared as fast as they are looked up. */
const minBytes = 1024;
/** Kept in all: about 300 bytes of memory each. */
const maxVolatileValues = 100_000;

/**
 * What was found in bodies, by their bytes: one is met by the index, by the search for its values, by the writes of its
 * host, and by each request that sends the same. Those used longest ago are forgotten first.
 */
export class PreparedBodies {
  readonly #byRules = new Map<FieldRules | undefined, Map<string, BodyParts>>();
  #volatileValues = 0;

  of(request: ComparableRequest, rules: FieldRules | undefined, prepare: () => BodyParts): BodyParts {
    const { body, headers } = request;
    if (body.length < minBytes) return prepare();
    const key = [
      hash('sha256', body, 'base64'),
      header(headers, 'content-type'),
      header(headers, 'grpc-encoding'),
    ].join();
    const known = this.#byRules.get(rules) ?? new Map<string, BodyParts>();
    this.#byRules.set(rules, known);
    const found = known.get(key) ?? prepare();
    // and to the end: a Map keeps the order of insertion
    if (!known.delete(key)) this.#volatileValues += sizeOf(found);
    known.set(key, found);
    if (this.#volatileValues > maxVolatileValues) this.#forget(known);
    return found;
  }

  #forget(known: Map<string, BodyParts>): void {
    for (const [key, oldest] of known) {
      if (this.#volatileValues <= maxVolatileValues || known.size === 1) return;
      known.delete(key);
      this.#volatileValues -= sizeOf(oldest);
    }
  }
}

function sizeOf({ volatileValues }: BodyParts): number {
  return volatileValues.length + 1;
}
