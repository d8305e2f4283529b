import { resolve } from 'node:path';

/** Before the place of a store whose HARs and bodies are encrypted with the key in `PROXYCTL_STORE_KEY`. */
export const encryptedPrefix = 'encrypted:';

export function splitPlace(place: string): { encrypted: boolean; rest: string } {
  const encrypted = place.startsWith(encryptedPrefix);
  return { encrypted, rest: encrypted ? place.slice(encryptedPrefix.length) : place };
}

/** `s3`, `file`; undefined for a folder. One letter is a Windows drive. */
export function schemeOf(rest: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(rest)?.[1]?.toLowerCase();
}

/** A place with its folder made absolute; URLs stay as they are. */
export function absolutePlace(place: string, folder: string): string {
  const { encrypted, rest } = splitPlace(place);
  if (rest === '' || schemeOf(rest) !== undefined) return place;
  return (encrypted ? encryptedPrefix : '') + resolve(folder, rest);
}
