import type { z } from 'zod';
import { closest } from '../core/closest.js';

type Issue = z.core.$ZodIssue;

const unknown = 'unknown: ';
const meantText = 'did you mean';

/** What zod calls for the words of an issue: names unknown keys with those that were probably meant. */
export const nameUnknownKeys: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const known = keysOf(issue.inst);
  const named = issue.keys.map((key) => {
    const meant = closest(key, known);
    return meant === undefined ? key : `${key} (${meantText} ${meant}?)`;
  });
  return unknown + named.join(', ');
};

/** Those of the object's schema that found the unknown ones. */
function keysOf(schema: unknown): string[] {
  const { shape } = (schema as z.core.$ZodObject | undefined)?._zod.def ?? {};
  return Object.keys(shape ?? {});
}

/**
 * What is wrong, in one line for people: `jitter: "5" has no unit. Write 5ms or 5s.; toxicity: must be at most 1`. Of a
 * union, the branch that came furthest speaks: one that accepted the input's type and then found fault with its value.
 */
export function describeIssues(error: z.core.$ZodError): string {
  return error.issues.map((issue) => describe(issue, [])).join('; ');
}

function describe(issue: Issue, base: readonly PropertyKey[]): string {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = furthest(issue.errors.filter((branch) => branch.length > 0));
    if (best !== undefined) return best.map((inner) => describe(inner, path)).join('; ');
  }
  const where = path.map(String).join('.');
  return where === '' ? wordsOf(issue) : `${where}: ${wordsOf(issue)}`;
}

/**
 * Of those that accepted the type: the one that knows a key that was probably meant, else the one that finds fault with
 * the least.
 */
function furthest(branches: readonly Issue[][]): Issue[] | undefined {
  const far = branches.filter((branch) => !isOfOtherType(branch));
  const rank = (branch: Issue[]): number =>
    branch.some(({ message }) => message.includes(meantText)) ? 0 : branch.length;
  return [...far].sort((a, b) => rank(a) - rank(b))[0] ?? branches[0];
}

function isOfOtherType(branch: readonly Issue[]): boolean {
  return branch.some(
    (issue) =>
      issue.path.length === 0 &&
      (issue.code === 'invalid_type' || (issue.code === 'invalid_union' && issue.errors.every(isOfOtherType))),
  );
}

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return issue.message.startsWith(unknown) ? issue.message : unknown + issue.keys.join(', ');
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ');
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
    default:
      return issue.message;
  }
}
