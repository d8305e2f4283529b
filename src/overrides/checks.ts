import { compile } from 'json-p3';

/** A `token` of RFC 9110 §5.6.2. */
export function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

export function isJsonPath(text: string): boolean {
  try {
    compile(text);
    return true;
  } catch {
    return false;
  }
}
