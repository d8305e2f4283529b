import { hostMatcher, type HostMatcher } from '../core/host-pattern.js';
import type { Logger } from '../core/logger.js';
import { messageOf } from '../errors/index.js';
import type { FaultReceipt } from '../http/index.js';
import type { OwnToxic, OwnToxicState } from '../protocol/worker-protocol.js';
import type { ConnectionFate, Lookup, ToxicDefinition, ToxicState } from '../toxics/index.js';
import { definitionOf } from '../toxics/lookup.js';
import type { Toxic } from '../toxics/toxic.js';

interface OwnToxicsOptions {
  logger: Logger;
  /** Called when one may have done something. */
  onChange: () => void;
  /** Default: by the declarations. */
  definitionOf?: (toxic: Toxic) => ToxicDefinition | undefined;
}

/** What one of them delays, ms. */
export interface ToxicDelay {
  toxic: Toxic;
  delayMs: number;
}

interface ActiveToxic extends OwnToxic {
  definition: ToxicDefinition;
  state: ToxicState;
  /** `state` at first, as JSON: what is still like it has done nothing. */
  initial: string;
  isFor: HostMatcher;
}

/** The toxics of a session that act in this process: what they were told, and what each has done so far. */
export class OwnToxics {
  readonly #options: OwnToxicsOptions;
  #active: ActiveToxic[] = [];

  constructor(options: OwnToxicsOptions) {
    this.#options = options;
  }

  /** Those that stand from now on. `states`: what they had done before this process was started. */
  set(toxics: readonly OwnToxic[], states: readonly OwnToxicState[] = []): void {
    const before = this.#active;
    this.#active = toxics.flatMap(({ toxic, run }) => {
      const definition = (this.#options.definitionOf ?? definitionOf)(toxic);
      if (definition === undefined) return [];
      const isSame = (other: { run: number }): boolean => other.run === run;
      const initial = definition.state?.() ?? {};
      const state = (before.find(isSame) ?? states.find(isSame))?.state ?? initial;
      const isFor = toxic.host === undefined ? () => true : hostMatcher([toxic.host]);
      return [{ toxic, run, definition, state, initial: JSON.stringify(definition.state?.() ?? {}), isFor }];
    });
  }

  /** What becomes of a connection that was accepted for these hosts; `undefined`: for any. Each toxic sees it. */
  connection(pattern: string | undefined): { fate: ConnectionFate | undefined; delays: ToxicDelay[] } {
    const delays: ToxicDelay[] = [];
    let isReset = false;
    for (const { toxic, definition, state } of this.#active) {
      if (definition.onConnection === undefined || toxic.host !== pattern) continue;
      const fate = this.#ask(toxic, () => definition.onConnection?.(toxic.attributes, state));
      if (fate === 'reset') isReset = true;
      else if (fate !== undefined) delays.push({ toxic, delayMs: fate.delayMs });
    }
    if (isReset) return { fate: 'reset', delays: [] };
    const delayMs = sum(delays);
    return { fate: delayMs > 0 ? { delayMs } : undefined, delays };
  }

  /** What delays the resolution of a name, for a connection to this host and port. */
  lookup(lookup: Lookup, { host, port }: { host: string; port: number }): ToxicDelay[] {
    return this.#active.flatMap(({ toxic, definition, state, isFor }) => {
      if (definition.onLookup === undefined || !isFor(host, port)) return [];
      const delayMs = this.#ask(toxic, () => definition.onLookup?.(toxic.attributes, state, lookup)) ?? 0;
      return delayMs > 0 ? [{ toxic, delayMs }] : [];
    });
  }

  /** Of those that have done anything. */
  states(): OwnToxicState[] {
    return this.#active
      .filter(({ state, initial }) => JSON.stringify(state) !== initial)
      .map(({ toxic: { name }, run, state }) => ({ name, run, state }));
  }

  /** A toxic that fails does nothing. */
  #ask<T>(toxic: Toxic, hook: () => T): T | undefined {
    try {
      return hook();
    } catch (error) {
      this.#options.logger.error(`The toxic ${toxic.name} failed`, { error: messageOf(error) });
      return undefined;
    } finally {
      this.#options.onChange();
    }
  }
}

export function sum(delays: readonly ToxicDelay[]): number {
  return delays.reduce((total, { delayMs }) => total + delayMs, 0);
}

/** What an exchange says of a delay that it met. */
export function delayReceipt({ name, type, stream, attributes }: Toxic, delayMs: number): FaultReceipt {
  return {
    toxic: name,
    type,
    kind: 'modelled',
    ...(stream === undefined ? {} : { stream }),
    delayMs: Math.round(delayMs * 10) / 10,
    settings: attributes,
  };
}
