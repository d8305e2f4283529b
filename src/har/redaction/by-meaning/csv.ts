import type { Meaning } from './meaning-of-name.js';
import type { Places } from './places.js';

/** More columns has no table that is looked into. */
const maxColumns = 1000;
const cell = /"((?:[^"]|"")*)"|[^,;\t\r\n"]*/y;

/** A table in lines (RFC 4180, also with semicolons or tabs): the columns whose first line names a secret. */
export function redactColumns(text: string, places: Places): string {
  const head = /^\uFEFF?[^\r\n]{1,16384}/.exec(text)?.[0] ?? '';
  const mark = /^[^,;\t]*([,;\t])/.exec(head)?.[1];
  if (mark === undefined) return text;
  const meanings = namesIn(head.replace(/^\uFEFF/, ''), mark).map((name) => places.meaningOf(name));
  if (meanings.every((meaning) => meaning === undefined)) return text;
  return head + redactLines(text.slice(head.length), mark, meanings, places);
}

function namesIn(line: string, mark: string): string[] {
  return line.split(mark, maxColumns).map((each) => each.trim().replace(/^"(.*)"$/, '$1'));
}

function redactLines(
  lines: string,
  mark: string,
  meanings: readonly (Meaning | 'own' | undefined)[],
  places: Places,
): string {
  let redacted = '';
  let [at, column] = [0, 0];
  while (at < lines.length) {
    const char = lines[at] as string;
    if (char === mark || char === '\n' || char === '\r') {
      column = char === mark ? column + 1 : 0;
      redacted += char;
      at += 1;
      continue;
    }
    cell.lastIndex = at;
    const [written = '', quoted] = cell.exec(lines) ?? [];
    const meaning = meanings[column];
    const length = Math.max(1, written.length);
    const kept = lines.slice(at, at + length);
    redacted +=
      meaning === undefined ? kept : redactCell(kept, quoted, (value) => places.replace('column', value, meaning));
    at += length;
  }
  return redacted;
}

function redactCell(written: string, quoted: string | undefined, replace: (value: string) => string): string {
  if (quoted === undefined) return replace(written);
  return `"${replace(quoted.replaceAll('""', '"')).replaceAll('"', '""')}"`;
}
