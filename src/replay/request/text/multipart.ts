import type { RawHeaders } from '../../../http/index.js';

/** One part of a multipart body. */
export interface Part {
  /** Values are UTF-8 text, as browsers send file names. */
  headers: RawHeaders;
  content: Buffer;
  /** Offset of `content` in the body. */
  start: number;
}

/**
 * The parts of a multipart body (RFC 2046 §5.1.1), preamble and epilogue left out. Undefined when it has no closing
 * delimiter.
 */
export function parseMultipart(body: Buffer, boundary: string): Part[] | undefined {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts: Part[] = [];
  let at = body.indexOf(delimiter.subarray(2)) === 0 ? delimiter.length - 2 : after(body.indexOf(delimiter));
  while (at !== -1) {
    if (body.subarray(at, at + 2).toString('latin1') === '--') return parts;
    const line = body.indexOf('\r\n', at);
    const end = line === -1 ? -1 : body.indexOf(delimiter, line);
    if (end === -1) return undefined;
    parts.push(parsePart(body, line + 2, end));
    at = end + delimiter.length;
  }
  return undefined;

  function after(index: number): number {
    return index === -1 ? -1 : index + delimiter.length;
  }
}

function parsePart(body: Buffer, from: number, end: number): Part {
  // a part without headers begins with the empty line
  const blank = body.subarray(from, from + 2).toString('latin1') === '\r\n' ? from - 2 : body.indexOf('\r\n\r\n', from);
  if (blank === -1 || blank > end) return { headers: [], content: body.subarray(from, end), start: from };
  const headers = body
    .subarray(from, Math.max(from, blank))
    .toString('utf8')
    .split(/\r\n(?![ \t])/)
    .filter((line) => line.includes(':'))
    .flatMap((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);
  const start = Math.min(blank + 4, end);
  return { headers, content: body.subarray(start, end), start };
}
