import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong, in one line for people: `jitter: "5" has no unit. Write 5ms or 5s.; toxicity: must be at most 1`. Of a union, the
 * branch that came furthest speaks: the one that accepted the input's type and then found fault with its value.
 */
export function describeIssues(error: z.core.$ZodError): string {
  return error.issues.map((issue) => describe(issue, [])).join('; ');
}

function describe(issue: Issue, base: readonly PropertyKey[]): string {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branches = issue.errors.filter((branch) => branch.length > 0);
    const best =
      branches.find((branch) => !branch.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0)) ??
      branches[0];
    if (best !== undefined) return best.map((inner) => describe(inner, path)).join('; ');
  }
  const where = path.map(String).join('.');
  return where === '' ? wordsOf(issue) : `${where}: ${wordsOf(issue)}`;
}

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return `unknown: ${issue.keys.join(', ')}`;
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
