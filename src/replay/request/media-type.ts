import { memoizeText } from '../../core/memoize.js';

/** A `Content-Type` (RFC 9110 §8.3). */
export interface MediaType {
  /** Lower case, without parameters: `application/json`. Empty when the header is missing or not a media type. */
  essence: string;
  /** Names in lower case, values unquoted. */
  parameters: ReadonlyMap<string, string>;
}

const parameterPattern = /;\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

export function parseMediaType(text: string | undefined): MediaType {
  return parsed(text ?? '');
}

const parsed = memoizeText((text): MediaType => {
  const essence = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)/.exec(text)?.[1]?.toLowerCase() ?? '';
  return { essence, parameters: parseParameters(text) };
});

/** The parameters behind a header's value, names in lower case, values unquoted. */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(parameterPattern)) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? plain ?? '');
  }
  return parameters;
}
