import { hostMatcher } from '../../core/host-pattern.js';
import { memoizeText } from '../../core/memoize.js';
import { wildcard } from '../../core/wildcard.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { ReplayRule, RuleEffect } from './replay-rule.js';

/** What rules say of the fields of one request. */
export interface FieldRules {
  /**
   * How the field at a place is compared, where it has this value; undefined: as its matcher and the normalizers have
   * it.
   */
  effectOn(where: string, value?: string): RuleEffect | undefined;
  /** Whether a rule keeps this normalizer from it. */
  isOff(where: string, normalizer: string): boolean;
  /** Whether a rule keeps some normalizer from it: what stands there was said to mean something. */
  isMeant(where: string): boolean;
}

interface Compiled {
  rule: ReplayRule;
  concerns: (request: Pick<ComparableRequest, 'method' | 'host' | 'port' | 'path'>) => boolean;
  isAt: (where: string) => boolean;
}

/** Rules ready to be asked. Of several about one place, the first decides. */
export class RuleSet {
  readonly #rules: readonly Compiled[];
  /** By which of the rules concern a request. */
  readonly #known = new Map<string, FieldRules>();

  constructor(rules: readonly ReplayRule[]) {
    this.#rules = rules.map((rule) => {
      const { method, host, path, where } = rule;
      const isHost = hostMatcher([host]);
      const [isMethod, isPath] = [wildcard(method), wildcard(path)];
      return {
        rule,
        concerns: (request) =>
          isMethod(request.method) && isPath(request.path) && (host === '*' || isHost(request.host, request.port)),
        isAt: memoizeText(wildcard(where)),
      };
    });
  }

  /** Undefined: no rule concerns the request. */
  of(request: Pick<ComparableRequest, 'method' | 'host' | 'port' | 'path'>): FieldRules | undefined {
    if (this.#rules.length === 0) return undefined;
    const found = this.#rules.filter(({ concerns }) => concerns(request));
    if (found.length === 0) return undefined;
    const key = found.map((compiled) => this.#rules.indexOf(compiled)).join(' ');
    const known = this.#known.get(key) ?? fieldRules(found);
    this.#known.set(key, known);
    return known;
  }
}

function fieldRules(rules: readonly Compiled[]): FieldRules {
  const whole = rules.filter(({ rule }) => rule.normalizer === undefined);
  const off = rules.filter(({ rule }) => rule.normalizer !== undefined && rule.is === 'exact');
  return {
    effectOn: (where, value) => {
      const rule = whole.find(({ isAt }) => isAt(where))?.rule;
      return value !== undefined && rule?.except?.includes(value) === true ? undefined : rule?.is;
    },
    isMeant: (where) => off.some(({ isAt }) => isAt(where)),
    isOff: (where, normalizer) => off.some(({ rule, isAt }) => rule.normalizer === normalizer && isAt(where)),
  };
}

/** The same rules, and that what stands at these places may be there or not. */
export function ignoringAlso(rules: FieldRules | undefined, places: ReadonlySet<string>): FieldRules {
  return {
    effectOn: (where, value) => (places.has(where) ? 'ignored' : rules?.effectOn(where, value)),
    isMeant: (where) => rules?.isMeant(where) ?? false,
    isOff: (where, normalizer) => rules?.isOff(where, normalizer) ?? false,
  };
}
