import type { RawHeaders } from '../../../http/index.js';

/** One part of a multipart body. */
export interface Part {
  /** Values are UTF-8 text, as browsers send file names; a folded one is one line. */
  headers: RawHeaders;
  content: Buffer;
}

/**
 * The parts of a multipart body (RFC 2046 §5.1.1), preamble and epilogue left out. Its lines end as that of its first
 * delimiter does: with CR and LF, or with LF alone. Undefined when it has no closing delimiter.
 */
export function parseMultipart(body: Buffer, boundary: string): Part[] | undefined {
  const parts: Part[] = [];
  let delimiter = nextDelimiter(body, boundary, 0);
  const lineEnd = delimiter?.lineEnd === '\n' ? '\n' : '\r\n';
  while (delimiter !== undefined && !delimiter.isClosing) {
    const next = nextDelimiter(body, boundary, delimiter.end, lineEnd);
    if (next === undefined) return undefined;
    parts.push(parsePart(body.subarray(delimiter.end, Math.max(delimiter.end, next.start)), lineEnd));
    delimiter = next;
  }
  return delimiter === undefined ? undefined : parts;
}

interface Delimiter {
  /** Where it begins, with the line end before it. */
  start: number;
  /** Where the next line begins. */
  end: number;
  isClosing: boolean;
  lineEnd: string;
}

/** `lineEnd`: what stands before it; left out: it is the first one, and either may. */
function nextDelimiter(body: Buffer, boundary: string, from: number, lineEnd?: string): Delimiter | undefined {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  for (let at = body.indexOf(mark, from); at !== -1; at = body.indexOf(mark, at + 1)) {
    const before = body.subarray(Math.max(from, at - 2), at).toString('latin1');
    const ended = before.endsWith(lineEnd ?? '\n') ? (lineEnd ?? '\n').length : undefined;
    if (at !== from && ended === undefined) continue;
    // white space of transports may follow, and the end of the body after the last one
    const rest = body.subarray(at + mark.length, at + mark.length + maxPadding).toString('latin1');
    const [line, closing, end = ''] = /^(--)?[ \t]*(\r?\n|$)/.exec(rest) ?? [];
    if (line === undefined || (closing === undefined && end === '')) continue;
    const start = at === from ? at : at - (ended ?? 0);
    return { start, end: at + mark.length + line.length, isClosing: closing !== undefined, lineEnd: end };
  }
  return undefined;
}

const maxPadding = 256;

function parsePart(part: Buffer, lineEnd: string): Part {
  // a part without headers begins with the empty line
  if (part.subarray(0, lineEnd.length).toString('latin1') === lineEnd)
    return { headers: [], content: part.subarray(lineEnd.length) };
  const blank = part.indexOf(lineEnd + lineEnd);
  if (blank === -1) return { headers: [], content: part };
  const headers = part
    .subarray(0, blank)
    .toString('utf8')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((line) => line.includes(':'))
    .flatMap((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);
  return { headers, content: part.subarray(blank + 2 * lineEnd.length) };
}
