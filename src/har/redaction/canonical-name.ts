/**
 * The form of a name in which spellings are one: `api_key`, `apiKey` and `api-key`. Letters are those of any script; a
 * name without any is what it is.
 */
export function canonicalName(name: string): string {
  const plain = name.normalize('NFKC').toLowerCase();
  return plain.replace(/[^\p{L}\p{M}\p{N}]/gu, '') || plain;
}
