/**
 * Where a string ends whose content begins at `at`: the place of what ends it, or -1. `depth`: so many backslashes
 * stand before its quotes, since it is within as many other strings of JSON as that takes (1, 3, 7, …). A quote of its
 * content has more of them, and backslashes of its content double what they are: the rest of a division tells which.
 */
export function endOfString(text: string, at: number, depth: number, mark = '"', limit = Infinity): number {
  for (let quote = text.indexOf(mark, at); quote !== -1 && quote - at <= limit; quote = text.indexOf(mark, quote + 1)) {
    let run = 0;
    while (quote - run > at && text[quote - run - 1] === '\\') run += 1;
    if (run % (2 * (depth + 1)) === depth) return quote - depth;
  }
  return -1;
}
