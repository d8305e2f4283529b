/**
 * All matches of a global `pattern` in `text`, as `matchAll` gives them, without the copy of the pattern that it makes
 * for each text. The pattern may be used for something else between two of them.
 */
export function everyMatch(pattern: RegExp, text: string): readonly RegExpExecArray[] {
  pattern.lastIndex = 0;
  let match = pattern.exec(text);
  if (match === null) return none;
  const found: RegExpExecArray[] = [];
  while (match !== null) {
    found.push(match);
    if (match[0] === '') pattern.lastIndex += 1; // or it would stay there for ever
    match = pattern.exec(text);
  }
  return found;
}

const none: readonly RegExpExecArray[] = [];
