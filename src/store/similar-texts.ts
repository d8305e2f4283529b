import { distance as lettersBetween } from 'fastest-levenshtein';

/**
 * Those of `texts` that were perhaps meant by `asked`, the likeliest first: few letters differ, or one begins the
 * other.
 */
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
    const distance = contained ? 0.5 : lettersBetween(wanted, other);
    if (distance <= allowed) found.push({ text, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ text }) => text);
}
