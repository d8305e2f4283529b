import { isSamePlace, maxRules, type ReplayRule } from './replay-rule.js';
import { UsageError } from '../../errors/index.js';

/** The rules with one more, or with another one for the same place. Throws `UsageError` when there are too many. */
export function withRule(rules: readonly ReplayRule[], rule: ReplayRule): ReplayRule[] {
  const at = rules.findIndex((other) => isSamePlace(other, rule));
  if (at >= 0) return rules.with(at, rule);
  if (rules.length >= maxRules) throw new UsageError(`A recording has ${maxRules} rules at the most`);
  return [...rules, rule];
}

/**
 * Which of the rules are meant: `#2` by its number in the list, else all about a place (of the requests that are
 * named).
 */
export function rulesMeant(
  rules: readonly ReplayRule[],
  name: string,
  scope: Partial<Pick<ReplayRule, 'method' | 'host' | 'path' | 'normalizer'>>,
): ReplayRule[] {
  const number = /^#(\d+)$/.exec(name)?.[1];
  if (number !== undefined) return rules.slice(Number(number) - 1, Number(number));
  return rules.filter(
    (rule) =>
      rule.where === name &&
      (['method', 'host', 'path', 'normalizer'] as const).every(
        (key) => scope[key] === undefined || scope[key] === rule[key],
      ),
  );
}
