import type { Side } from './compared-sides.js';
import { isSamePlace, type ReplayRule } from '../rules/replay-rule.js';
import { RuleSet } from '../rules/rule-set.js';
import { anyElementOf } from '../request/field-path.js';

/**
 * Each rule once; one for all elements of an array where it holds for each that was recorded, if there are two or more.
 */
export function generalized(rules: readonly ReplayRule[], sides: readonly Side[]): ReplayRule[] {
  const distinct: ReplayRule[] = [];
  for (const rule of rules) if (!distinct.some((other) => isSamePlace(other, rule))) distinct.push(rule);
  const result: ReplayRule[] = [];
  for (const rule of distinct) {
    const general = { ...rule, where: anyElementOf(rule.where) };
    if (result.some((other) => isSamePlace(other, general))) continue;
    const same = distinct.filter((other) => isSamePlace({ ...other, where: anyElementOf(other.where) }, general));
    const all = general.where !== rule.where && same.length > 1 && placesLike(general, sides) === same.length;
    result.push(all ? general : rule);
  }
  return result;
}

/** How many different places of recorded requests the rule is about. */
function placesLike(rule: ReplayRule, sides: readonly Side[]): number {
  const scope = new RuleSet([rule]);
  const places = new Set<string>();
  for (const { request, prepared } of sides) {
    const rules = scope.of(request);
    if (rules === undefined) continue;
    for (const { field } of prepared.body) if (rules.effectOn(field.where) !== undefined) places.add(field.where);
  }
  return places.size;
}
