/**
 * `compute` for texts, remembered for up to `maxKept` of them. For pure functions that are asked about few texts often.
 */
export function memoizeText<Result>(compute: (text: string) => Result, maxKept = 2000): (text: string) => Result {
  const known = new Map<string, { result: Result }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.result;
    if (known.size >= maxKept) known.clear();
    const result = compute(text);
    known.set(text, { result });
    return result;
  };
}

/** The same apart for each owner, with whom it goes: what is computed depends on the text and the owner. */
export function memoizeTextByOwner<Result>(
  maxKept = 2000,
): (owner: object, text: string, compute: () => Result) => Result {
  const byOwner = new WeakMap<object, Map<string, { result: Result }>>();
  return (owner, text, compute) => {
    let known = byOwner.get(owner);
    if (known === undefined) byOwner.set(owner, (known = new Map<string, { result: Result }>()));
    const found = known.get(text);
    if (found !== undefined) return found.result;
    if (known.size >= maxKept) known.clear();
    const result = compute();
    known.set(text, { result });
    return result;
  };
}
