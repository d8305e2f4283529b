/**
 * Headers as they stood on the wire: `[name, value, name, value, …]`, in order, with case and duplicates kept. The
 * shape of Node's `rawHeaders` and of what `ServerResponse.writeHead` takes. Values are latin1 text (RFC 9110 §5.5).
 */
export type RawHeaders = readonly string[];

/** The first value of `name` (any case), or undefined. */
export function header(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (sameName(headers[i] as string, name)) return headers[i + 1];
  }
  return undefined;
}

/** All values of `name` (any case) in their order. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (sameName(headers[i] as string, name)) values.push(headers[i + 1] as string);
  }
  return values;
}

export function hasHeader(headers: RawHeaders, name: string): boolean {
  return header(headers, name) !== undefined;
}

/** Without the headers of these names (lower case). */
export function withoutHeaders(headers: RawHeaders, names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has((headers[i] as string).toLowerCase())) kept.push(headers[i] as string, headers[i + 1] as string);
  }
  return kept;
}

/** `name` set to `value`: the first occurrence is changed in place, further ones go, a new one comes last. */
export function withHeader(headers: RawHeaders, name: string, value: string): string[] {
  const result: string[] = [];
  let done = false;
  for (let i = 0; i < headers.length; i += 2) {
    const current = headers[i] as string;
    if (!sameName(current, name)) result.push(current, headers[i + 1] as string);
    else if (!done) {
      result.push(current, value);
      done = true;
    }
  }
  if (!done) result.push(name, value);
  return result;
}

export function headerPairs(headers: RawHeaders): { name: string; value: string }[] {
  const pairs: { name: string; value: string }[] = [];
  for (let i = 0; i < headers.length; i += 2)
    pairs.push({ name: headers[i] as string, value: headers[i + 1] as string });
  return pairs;
}

export function fromHeaderPairs(pairs: readonly { name: string; value: string }[]): string[] {
  return pairs.flatMap(({ name, value }) => [name, value]);
}

function sameName(a: string, b: string): boolean {
  return a.length === b.length && (a === b || a.toLowerCase() === b.toLowerCase());
}
