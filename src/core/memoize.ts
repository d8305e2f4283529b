/** `compute` for texts, remembered for up to `maxKept` of them. For pure functions that are asked about few texts often. */
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
