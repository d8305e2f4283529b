import { memoizeText } from '../core/memoize.js';
import { UserPattern } from '../core/user-pattern.js';
import { isDeepStrictEqual } from 'node:util';
import { wildcard } from '../core/wildcard.js';
import { hostMatcher } from '../core/host-pattern.js';
import type { Predicate, Special } from './model.js';
import type { RequestFacts } from './request-facts.js';

/** A predicate ready to be asked. */
export interface CompiledPredicate {
  /** Whether it fits as far as host, path and method say. */
  mayFit(facts: RequestFacts): boolean;
  /** Whether more than these has to be known of the body. */
  readonly wantsBody: boolean;
  /**
   * How many of `params` and `json_params` fit, or undefined when it does not fit as a whole. Index conditions are not
   * looked at.
   */
  fit(facts: RequestFacts): number | undefined;
  /** What stands between this request and a fit, a line each; none when it fits. */
  differences(facts: RequestFacts): string[];
  /** Whether it applies to the request of this index among those that fit. */
  applies(index: number): boolean;
}

export function compilePredicate(predicate: Predicate): CompiledPredicate {
  const { host, command, method, params = {}, json_params = {}, excluded_params = [] } = predicate;
  const { before_index, after_index, with_index } = predicate.applicable_for_requests ?? {};
  const hostFits = host === undefined ? () => true : hostMatcher([host]);
  const isPath = command === undefined ? undefined : wildcard(command);
  const wanted = method?.toUpperCase();
  const named = Object.entries(params);
  const found = Object.entries(json_params);
  const only = with_index === undefined ? undefined : [with_index].flat();

  const mayFit = ({ request, path: asked }: RequestFacts): boolean =>
    (wanted === undefined || request.method.toUpperCase() === wanted) &&
    hostFits(request.host, request.port) &&
    isPath?.(asked) !== false;
  return {
    mayFit,
    wantsBody: named.length > 0 || found.length > 0 || excluded_params.length > 0,
    fit(facts) {
      if (!mayFit(facts)) return undefined;
      if (excluded_params.some((name) => (name.startsWith('$') ? facts.find(name) : facts.values(name)).length > 0))
        return undefined;
      if (!named.every(([name, value]) => facts.values(name).some((is) => sameText(is, value)))) return undefined;
      if (!found.every(([at, value]) => facts.find(at).some((is) => sameJson(is, value)))) return undefined;
      return named.length + found.length;
    },
    differences(facts) {
      const { request, path: asked } = facts;
      const lines: string[] = [];
      if (wanted !== undefined && request.method.toUpperCase() !== wanted)
        lines.push(`method is ${request.method}, not ${wanted}`);
      if (!hostFits(request.host, request.port))
        lines.push(`host is ${request.host}:${request.port}, not ${host ?? ''}`);
      if (isPath?.(asked) === false) lines.push(`path is ${asked}, not ${command ?? ''}`);
      for (const [name, value] of named) {
        const values = facts.values(name);
        if (!values.some((is) => sameText(is, value))) lines.push(difference(`parameter ${name}`, values, value));
      }
      for (const [at, value] of found) {
        const values = facts.find(at);
        if (!values.some((is) => sameJson(is, value))) lines.push(difference(at, values, value));
      }
      for (const name of excluded_params) {
        const values = name.startsWith('$') ? facts.find(name) : facts.values(name);
        if (values.length > 0) lines.push(`${name} is there: ${shown(values)}`);
      }
      return lines;
    },
    applies: (index) =>
      (before_index === undefined || index < before_index) &&
      (after_index === undefined || index > after_index) &&
      (only === undefined || only.includes(index)),
  };
}

function difference(what: string, values: readonly unknown[], wanted: unknown): string {
  return `${what} is ${values.length === 0 ? 'not there' : shown(values)}, not ${JSON.stringify(wanted)}`;
}

function shown(values: readonly unknown[]): string {
  const text = values.map((value) => JSON.stringify(value)).join(', ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function sameText(is: string, wanted: string | number | boolean | Special): boolean {
  return typeof wanted === 'object' ? meets(is, wanted) : is === String(wanted);
}

function sameJson(is: unknown, wanted: unknown): boolean {
  return isSpecial(wanted) ? meets(is, wanted) : isDeepStrictEqual(is, wanted);
}

function meets(is: unknown, special: Special): boolean {
  if ('$any' in special) return true;
  return compiled(special.$regex)?.test(typeof is === 'string' ? is : JSON.stringify(is)) === true;
}

function isSpecial(value: unknown): value is Special {
  return typeof value === 'object' && value !== null && ('$any' in value || '$regex' in value);
}

const compiled = memoizeText((source) => UserPattern.parse(source), 500);
