/** A stretch of a text and what stands there now. */
export interface Replacement {
  start: number;
  end: number;
  by: string;
}

/** `text` with each stretch replaced; they must be in order and not overlap. */
export function replaceAll(text: string, replacements: readonly Replacement[]): string {
  if (replacements.length === 0) return text;
  let result = '';
  let at = 0;
  for (const { start, end, by } of replacements) {
    result += text.slice(at, start) + by;
    at = end;
  }
  return result + text.slice(at);
}

/** Both lists in order; of two that overlap, the one of `first` stands. */
export function merged(first: readonly Replacement[], second: readonly Replacement[]): Replacement[] {
  if (first.length === 0) return [...second];
  const kept = second.filter(({ start, end }) => !first.some((other) => start < other.end && other.start < end));
  return [...first, ...kept].sort((a, b) => a.start - b.start);
}
