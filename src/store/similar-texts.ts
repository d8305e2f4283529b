/** Those of `texts` that were perhaps meant by `asked`, the likeliest first: few letters differ, or one begins the other. */
export async function similarTexts(
  asked: string,
  texts: AsyncIterable<string> | Iterable<string>,
  limit = 3,
): Promise<string[]> {
  const wanted = asked.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const found: { text: string; distance: number }[] = [];
  for await (const text of texts) {
    const other = text.toLowerCase();
    const contained = wanted.length > 2 && (other.startsWith(wanted) || wanted.startsWith(other));
    const distance = contained ? 0.5 : editDistance(wanted, other, allowed);
    if (distance <= allowed) found.push({ text, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ text }) => text);
}

/** Levenshtein's distance, or any number over `most` when it is over that. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const value = Math.min(replaced, (above[column] as number) + 1, (current[column - 1] as number) + 1);
      current.push(value);
      least = Math.min(least, value);
    }
    if (least > most) return most + 1;
    above = current;
  }
  return above[b.length] as number;
}
