const atLeast = /(\[(?:\\.|[^\]\\])+\]|\\[wdsWDS])\{([4-9]|[1-9]\d+),\}(?!\?)/g;

/**
 * The same pattern for texts of any length. V8 keeps a way back for each character that `X{8,}` matches, and throws a
 * `RangeError` after some millions of them; of `X{8}X*` it keeps none.
 */
export function forLongTexts(pattern: RegExp): RegExp {
  const source = pattern.source.replace(atLeast, (_, set: string, least: string) => `${set}{${least}}${set}*`);
  return new RegExp(source, pattern.flags);
}
