import { parseJsonText, type JsonNode } from './json-text.js';

/** One of several JSON texts that follow each other, and where it begins. */
interface JsonLine {
  node: JsonNode;
  start: number;
  text: string;
}

export const recordSeparator = String.fromCharCode(0x1e);
const linesType = /^application\/(?:x-)?(?:nd-?json|json-?lines?|jsonl|json-seq|stream\+json)$/;

/**
 * JSON texts one a line (NDJSON), or each behind a record separator (RFC 7464). Undefined when it is something else:
 * what no media type calls lines has two at least, each an object or an array.
 */
export function parseJsonLines(text: string, essence: string): JsonLine[] | undefined {
  const isNamed = linesType.test(essence);
  const isSeparated = text.startsWith(recordSeparator);
  if (!isNamed && !isSeparated && !/^\s*[{[]/.test(text)) return undefined;
  const lines: JsonLine[] = [];
  let start = 0;
  for (const line of text.split(isSeparated ? recordSeparator : '\n')) {
    const node = line.trim() === '' ? undefined : parseJsonText(line);
    if (node !== undefined && (isNamed || node.type === 'object' || node.type === 'array'))
      lines.push({ node, start, text: line });
    else if (line.trim() !== '') return undefined;
    start += line.length + 1;
  }
  return lines.length >= (isNamed ? 1 : 2) ? lines : undefined;
}
