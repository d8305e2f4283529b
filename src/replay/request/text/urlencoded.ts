/** A name and its value; undefined where there was no `=`. Both decoded. */
export interface Pair {
  name: string;
  value: string | undefined;
}

/**
 * `application/x-www-form-urlencoded` (WHATWG URL §5.1) as a query or a form has it, in written order, empty pieces
 * left out.
 */
export function pairsOf(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    const mark = piece.indexOf('=');
    if (mark === -1) pairs.push({ name: decoded(piece), value: undefined });
    else pairs.push({ name: decoded(piece.slice(0, mark)), value: decoded(piece.slice(mark + 1)) });
  }
  return pairs;
}

/** Bytes that are not UTF-8 stay as they were written, so that different ones stay different. */
function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
}
