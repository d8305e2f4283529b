import { isUtf8 } from 'node:buffer';

export interface Part {
  /** Of its `Content-Disposition`; undefined where it has none. */
  name: string | undefined;
  contentType: string | undefined;
  isFile: boolean;
  content: Buffer;
}

/**
 * A multipart body (RFC 2046 §5.1) with the contents of its parts changed: all else stays to the byte, also where it is
 * no text. Undefined when nothing changed.
 */
export function changeParts(
  body: Buffer,
  contentType: string,
  change: (part: Part) => Buffer | undefined,
): Buffer | undefined {
  const text = body.toString('latin1');
  const boundary = /boundary="?([^";,]{1,128})"?/i.exec(contentType)?.[1] ?? /^--([^\r\n]{1,128})\r?\n/.exec(text)?.[1];
  if (boundary === undefined) return undefined;
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const { start, end, head } of partsIn(text, `--${boundary}`)) {
    const changed = change({ ...readHead(head), content: body.subarray(start, end) });
    if (changed === undefined) continue;
    pieces.push(body.subarray(kept, start), changed);
    kept = end;
  }
  return pieces.length === 0 ? undefined : Buffer.concat([...pieces, body.subarray(kept)]);
}

function* partsIn(text: string, delimiter: string): Generator<{ start: number; end: number; head: string }> {
  let at = text.indexOf(delimiter);
  while (at !== -1) {
    const next = text.indexOf(`\n${delimiter}`, at);
    const begin = text.indexOf('\n', at) + 1;
    if (begin === 0 || text.startsWith('--', at + delimiter.length)) return;
    const blank = /\r?\n\r?\n/g;
    blank.lastIndex = begin - 1;
    const found = blank.exec(text);
    const stop = next === -1 ? text.length : text[next - 1] === '\r' ? next - 1 : next;
    if (found !== null && blank.lastIndex <= stop) {
      yield { head: text.slice(begin, found.index), start: blank.lastIndex, end: stop };
    }
    if (next === -1) return;
    at = next + 1;
  }
}

function readHead(head: string): Omit<Part, 'content'> {
  const plain = Buffer.from(head, 'latin1');
  const text = isUtf8(plain) ? plain.toString('utf8') : head;
  const disposition = /^content-disposition:[^\r\n]*/im.exec(text)?.[0] ?? '';
  const [, double, bare] = /;\s*name=(?:"((?:[^"\\]|\\.){1,256})"|([^\s;"]{1,256}))/i.exec(disposition) ?? [];
  return {
    name: double ?? bare,
    contentType: /^content-type:\s*([^\r\n]+)/im.exec(text)?.[1],
    isFile: /;\s*filename\*?=/i.test(disposition),
  };
}
